"""What stands in between and changes nothing: moved, contiguous, printed, asserted, guarded, tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from oracle.variations.results import unpacking
from oracle.variations.rewrite import Around, Rewrite, each_function, each_line
from oracle.variations.syntax import after_imports, assigned, fresh, loads, statements, text_of, with_torch

# what is certainly a tensor by how it was made: by a method that only tensors have, or a function of torch
_OF_TENSORS = (
    "permute", "transpose", "unsqueeze", "squeeze", "contiguous", "view", "reshape", "flatten", "mean",
    "cat", "stack", "relu", "tanh", "gather", "select",
)  # fmt: skip


def _bound_tensor(line: cst.SimpleStatementLine) -> str | None:
    """The name of a tensor that the line binds: the first of two results, or what an operation of torch gives."""
    found = unpacking(line)
    if found and isinstance(found.first, cst.Name) and found.first.value != "_" and "rnn" not in found.first.value:
        return found.first.value
    pair = assigned(line)
    if pair and isinstance(pair[0], cst.Name) and isinstance(pair[1], cst.Call):
        called = pair[1].func
        if isinstance(called, cst.Attribute) and called.attr.value in _OF_TENSORS:
            return pair[0].value
    return None


def _afterwards(written: str, top: str = "") -> Callable[[cst.Module], cst.Module | None]:
    """``written`` behind every line that binds a tensor, with ``{x}`` for its name."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
            name = _bound_tensor(line)
            # packed batches are bound alike, and are no tensors
            if name is None or "pack" in text_of(line) or "pack" in name or ("{own}" in written and not around.own):
                return None
            # nobody computes what is not read: whatever reads it here would be its only use
            if "{x} = " in written and around.function and name not in loads(around.function):
                return None
            return [line, *statements(written.format(x=name, own=around.own))]

        new = each_line(module, change)
        if new is None:
            return None
        return after_imports(with_torch(new), statements(top)) if top else with_torch(new)

    return rewrite


_INSIDE = Callable[[list[cst.BaseStatement], str], Sequence[cst.BaseStatement]]


def of_body(function: cst.FunctionDef) -> list[cst.BaseStatement]:
    """The statements of a function's block, its docstring apart; none for one on the line of its head."""
    if not isinstance(function.body, cst.IndentedBlock):
        return []
    return [one for one in function.body.body if isinstance(one, cst.BaseStatement)]


def documented(body: Sequence[cst.BaseStatement]) -> int:
    """1 where the first statement is a docstring, else 0."""
    first = body[0] if body else None
    only = first.body[0] if isinstance(first, cst.SimpleStatementLine) else None
    return int(isinstance(only, cst.Expr) and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString)))


def with_block(function: cst.FunctionDef, body: Sequence[cst.BaseStatement]) -> cst.FunctionDef:
    """The function with another body, its comments kept."""
    return function.with_changes(body=function.body.with_changes(body=list(body)))


def _forward(
    change: Callable[[list[cst.BaseStatement], cst.FunctionDef], Sequence[cst.BaseStatement] | None],
) -> Callable[[cst.Module], cst.Module | None]:
    """``change`` gives another body of every ``forward``, its docstring apart."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        def function(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
            body = of_body(one)
            if one.name.value != "forward" or not body or len(around.definitions) != 1:
                return None
            told = documented(body)
            new = change(body[told:], one)
            return [with_block(one, [*body[:told], *new])] if new else None

        new = each_function(module, function)
        return with_torch(new) if new else None

    return rewrite


def _within(head: str) -> Callable[[list[cst.BaseStatement], cst.FunctionDef], Sequence[cst.BaseStatement]]:
    """The body as the block of a compound statement, whose text has ``pass`` in its place."""

    def change(body: list[cst.BaseStatement], _: cst.FunctionDef) -> Sequence[cst.BaseStatement]:
        outer = statements(head)[0]
        return [outer.with_changes(body=cst.IndentedBlock(body))]

    return change


def _early_return(body: list[cst.BaseStatement], function: cst.FunctionDef) -> Sequence[cst.BaseStatement] | None:
    parameters = function.params.params[1:]
    if not parameters or parameters[0].default is not None:
        return None
    name = parameters[0].name.value
    return [*statements(f"if {name} is None:\n    return None\n"), *body]


def _raised(body: list[cst.BaseStatement], function: cst.FunctionDef) -> Sequence[cst.BaseStatement] | None:
    parameters = function.params.params[1:]
    if not parameters or parameters[0].default is not None:
        return None
    name = parameters[0].name.value
    return [*statements(f"if {name} is None:\n    raise ValueError('nothing to read')\n"), *body]


def _tried(body: list[cst.BaseStatement], _: cst.FunctionDef) -> Sequence[cst.BaseStatement]:
    outer = statements(
        "try:\n    pass\nexcept RuntimeError as error:\n    raise RuntimeError('too wide') from error\n"
    )[0]
    return [outer.with_changes(body=cst.IndentedBlock(body))]


def asks_for_gradients(module: cst.Module) -> bool:
    """Whether a program says anything of gradients."""
    return any(word in module.code for word in ("backward", "detach", "requires_grad"))


def without_gradients(module: cst.Module) -> cst.Module | None:
    """The body of ``forward`` in ``with torch.no_grad():``, where nothing in the file asks for gradients."""
    if asks_for_gradients(module):
        return None
    return _forward(_within("with torch.no_grad():\n    pass\n"))(module)


def tried(module: cst.Module) -> cst.Module | None:
    """``try: out, h = call``, with a handler that raises again."""

    def change(line: cst.SimpleStatementLine, _: Around) -> Sequence[cst.BaseStatement] | None:
        if not unpacking(line):
            return None
        outer = statements("try:\n    pass\nexcept RuntimeError:\n    print('the call has failed')\n    raise\n")[0]
        return [outer.with_changes(body=cst.IndentedBlock([line]))]

    return each_line(module, change)


def finally_said(module: cst.Module) -> cst.Module | None:
    """``try: out, h = call``, ``else: print``, ``finally: pass``."""

    def change(line: cst.SimpleStatementLine, _: Around) -> Sequence[cst.BaseStatement] | None:
        if not unpacking(line):
            return None
        outer = statements(
            "try:\n    pass\nexcept KeyError:\n    raise\nelse:\n    print('called')\nfinally:\n    pass\n"
        )[0]
        return [outer.with_changes(body=cst.IndentedBlock([line]))]

    return each_line(module, change)


def passed_through(module: cst.Module) -> cst.Module | None:
    """A function of the file that gives back what it gets."""
    name = fresh(module, "shown")
    made = _afterwards(f"{{x}} = {name}({{x}})", f"def {name}(value):\n    print(value.shape)\n    return value\n")
    return made(module)


_TENSOR = "a line that binds a tensor, which is read if another one is bound"
_BODY = "a method called forward"

BETWEEN = (
    *(
        Rewrite(f"then-{name}", _TENSOR, _afterwards(written, top))
        for name, written, top in (
            ("moved", "{x} = {x}.to({x}.device)", ""),
            ("moved-by-string", "{x} = {x}.to('cpu')", ""),
            ("contiguous", "{x} = {x}.contiguous()", ""),
            ("cloned", "{x} = {x}.clone()", ""),
            ("dropped-out", "{x} = torch.nn.functional.dropout({x}, 0.3)", ""),
            ("dropout-module", "{x} = torch.nn.Dropout(p=0.0)({x})", ""),
            ("identity", "{x} = torch.nn.Identity()({x})", ""),
            ("normed", "{x} = torch.nn.functional.layer_norm({x}, {x}.shape[-1:])", ""),
            ("norm-module", "{x} = torch.nn.LayerNorm({x}.size(-1))({x})", ""),
            ("printed", "print({x}.shape, {x}.mean().item())", ""),
            ("asserted", "assert {x}.dim() >= 1, {x}.shape", ""),
            ("sizes-asserted", "assert {x}.size(0) > 0 and torch.isfinite({x}).all()", ""),
            ("logged", "logging.getLogger(__name__).debug('read %s of %s', {x}.shape, {x})", "import logging\n"),
            ("warned", "if torch.isnan({x}).any():\n    warnings.warn('not a number')", "import warnings\n"),
            ("scaled", "{x} = {x} * 1.0", ""),
            ("added", "{x} = {x} + torch.zeros_like({x})", ""),
            ("typed", "{x} = {x}.type_as({x})", ""),
            ("if-training", "if {own}.training:\n    {x} = torch.nn.functional.dropout({x}, 0.1)", ""),
            ("if-cuda", "if torch.cuda.is_available():\n    {x} = {x}.cuda()", ""),
            ("annotated", "{x}: torch.Tensor = {x}", ""),
            ("other-name", "{x}_again = {x}\n{x} = {x}_again", ""),
            ("in-one-arm", "if {x}.dim() > 9:\n    raise ValueError\nelse:\n    {x} = {x}.contiguous()", ""),
        )
    ),
    Rewrite("then-passed-through", _TENSOR, passed_through),
    Rewrite("call-tried", "results unpacked into two", tried),
    Rewrite("call-tried-to-the-end", "results unpacked into two", finally_said),
    Rewrite("forward-without-gradients", "forward, where no gradient is asked for", without_gradients),
    Rewrite("forward-with-gradients", _BODY, _forward(_within("with torch.set_grad_enabled(True):\n    pass\n"))),
    Rewrite(
        "forward-profiled", _BODY, _forward(_within("with torch.autograd.profiler.record_function('f'):\n    pass\n"))
    ),
    Rewrite("forward-tried", _BODY, _forward(_tried)),
    Rewrite("forward-returns-early", "forward with a parameter", _forward(_early_return)),
    Rewrite("forward-raises-early", "forward with a parameter", _forward(_raised)),
)
