"""Where a recurrent module is built and run: a method, a base class, a mixin, a wrapper, a default of a parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst

from oracle.variations.between import documented, of_body, with_block
from oracle.variations.construction import built_attribute
from oracle.variations.rewrite import Around, Rewrite, each_class, each_line
from oracle.variations.syntax import (
    after_imports,
    expression,
    fresh,
    imported_cells,
    names_read,
    statements,
    text_of,
    with_body,
    with_torch,
)


def wrapped(module: cst.Module) -> cst.Module | None:
    """``self.gru = Wrapper(nn.GRU(...))``, a module of the file that calls what it is built with."""
    kind = fresh(module, "Wrapper")
    known = imported_cells(module)

    def change(one: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        found = built_attribute(one, known, around)
        # attributes of the recurrent module are not the wrapper's, and pack and cells go on as they are
        if not found or re.search(rf"\b{found[0]}\.\w", module.code):
            return None
        return [with_body(one, f"{around.own}.{found[0]} = {kind}({{call}})", call=found[1])]

    new = each_line(module, change)
    class_ = (
        f"class {kind}(torch.nn.Module):\n    def __init__(self, core):\n        super().__init__()\n"
        "        self.core = core\n\n    def forward(self, *given):\n        return self.core(*given)\n"
    )
    return after_imports(with_torch(new), statements(class_)) if new else None


def by_default(test: str) -> Callable[[cst.Module], cst.Module | None]:
    """A parameter in whose place the module is built; ``test`` chooses, of ``{given}`` and ``{call}``."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        known = imported_cells(module)
        given = fresh(module, "core")

        def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
            split = _init(class_)
            if split is None:
                return None
            init, before, rest = split
            body: list[cst.BaseStatement] = []
            for line in rest:
                simple = line if isinstance(line, cst.SimpleStatementLine) else None
                found = built_attribute(simple, known, Around((class_, init))) if simple else None
                # one of several, because each would need a parameter of its own
                if found and simple and not any(given in text_of(one) for one in body):
                    own = init.params.params[0].name.value
                    chosen = expression(test.format(given=given, call=text_of(found[1])))
                    line = with_body(simple, f"{own}.{found[0]} = {{chosen}}", chosen=chosen)
                body.append(line)
            if not any(given in text_of(one) for one in body):
                return None
            more = cst.Param(
                cst.Name(given),
                default=cst.Name("None"),
                equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
            )
            changed = init.with_changes(params=init.params.with_changes(params=[*init.params.params, more]))
            return [_replaced(class_, init, [with_block(changed, [*before, *body])])]

        return each_class(module, change)

    return rewrite


def by_method(module: cst.Module) -> cst.Module | None:
    """``self.gru = self.build_gru(width)``, a method that returns the module."""
    known = imported_cells(module)

    def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        made: list[cst.BaseStatement] = []
        init = next(
            (one for one in class_.body.body if isinstance(one, cst.FunctionDef) and one.name.value == "__init__"), None
        )
        if init is None or not isinstance(class_.body, cst.IndentedBlock):
            return None
        parameters = {one.name.value for one in init.params.params}
        body = []
        for line in of_body(init):
            simple = line if isinstance(line, cst.SimpleStatementLine) else None
            found = built_attribute(simple, known, Around((class_, init))) if simple else None
            if found is None or simple is None:
                body.append(line)
                continue
            name, call = found
            own = init.params.params[0].name.value
            needed = [one for one in names_read(call) if one in parameters and one != own]
            made += statements(f"def build_{name}({', '.join([own, *needed])}):\n    return {text_of(call)}\n")
            body.append(with_body(simple, f"{own}.{name} = {own}.build_{name}({', '.join(needed)})"))
        if not made:
            return None
        changed = [with_block(init, body) if one is init else one for one in class_.body.body]
        return [class_.with_changes(body=class_.body.with_changes(body=[*changed, *made]))]

    return each_class(module, change)


def in_setup(module: cst.Module) -> cst.Module | None:
    """What ``__init__`` does after ``super().__init__()``, moved to a method that it calls."""

    def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        split = _init(class_)
        if split is None:
            return None
        init, before, rest = split
        own, *others = [one.name.value for one in init.params.params]
        made = statements(f"def setup({', '.join([own, *others])}):\n    pass\n")[0]
        assert isinstance(made, cst.FunctionDef)
        call = statements(f"{own}.setup({', '.join(others)})")
        methods = [with_block(init, [*before, *call]), with_block(made, rest)]
        return [_replaced(class_, init, methods)]

    return each_class(module, change)


def in_base(module: cst.Module) -> cst.Module | None:
    """``__init__`` in a base class of the file."""

    def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        split = _init(class_)
        others = [one for one in class_.body.body if not split or one is not split[0]]
        if split is None or not any(isinstance(one, cst.FunctionDef) for one in others) or class_.decorators:
            return None
        name = class_.name.value
        base = class_.with_changes(name=cst.Name(f"{name}Base"), body=class_.body.with_changes(body=[split[0]]))
        heir = class_.with_changes(
            bases=[cst.Arg(cst.Name(f"{name}Base"))],
            body=class_.body.with_changes(body=others),
            leading_lines=[cst.EmptyLine(), cst.EmptyLine()],
        )
        return [base, heir]

    return each_class(module, change)


def in_mixin(module: cst.Module) -> cst.Module | None:
    """``forward`` in a class beside, which is inherited first."""

    def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        split = _init(class_)
        forward = [one for one in class_.body.body if isinstance(one, cst.FunctionDef) and one.name.value == "forward"]
        # without arguments it means the class around it: what it is of is another one in the mixin
        if split is None or len(forward) != 1 or class_.decorators or "super()" in text_of(forward[0]):
            return None
        name = class_.name.value
        mixin = class_.with_changes(
            name=cst.Name(f"{name}Reading"), bases=[], body=class_.body.with_changes(body=forward),
            lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT,
        )  # fmt: skip
        rest = [one for one in class_.body.body if one is not forward[0]]
        heir = class_.with_changes(
            bases=[cst.Arg(cst.Name(f"{name}Reading")), *class_.bases],
            body=class_.body.with_changes(body=rest),
            leading_lines=[cst.EmptyLine(), cst.EmptyLine()],
        )
        return [mixin, heir]

    return each_class(module, change)


def _init(class_: cst.ClassDef) -> tuple[cst.FunctionDef, list[cst.BaseStatement], list[cst.BaseStatement]] | None:
    """``__init__`` of a class that inherits one torch class alone, up to ``super().__init__()``, and what follows."""
    if not isinstance(class_.body, cst.IndentedBlock) or len(class_.bases) != 1 or class_.keywords:
        return None
    if not text_of(class_.bases[0].value).endswith("Module"):
        return None
    for one in class_.body.body:
        if isinstance(one, cst.FunctionDef) and one.name.value == "__init__" and not one.decorators:
            body = of_body(one)
            told = documented(body)
            plain = all(not one.star for one in one.params.params) and not one.params.kwonly_params
            plain = plain and one.params.star_kwarg is None and not isinstance(one.params.star_arg, cst.Param)
            if plain and len(body) > told + 1 and text_of(body[told]).strip().startswith("super().__init__()"):
                return one, body[: told + 1], body[told + 1 :]
    return None


def _replaced(class_: cst.ClassDef, old: cst.FunctionDef, new: Sequence[cst.BaseStatement]) -> cst.ClassDef:
    body: list[cst.CSTNode] = []
    for one in class_.body.body:
        body += new if one is old else [one]
    return class_.with_changes(body=class_.body.with_changes(body=body))


_OWN = "self.name = nn.GRU(...) in a method"
_CLASS = "a class that inherits Module, with an __init__ that begins with super().__init__()"

CLASSES = (
    Rewrite("built-in-wrapper", "self.name = nn.GRU(...), of which no attribute is read", wrapped, shares=True),
    Rewrite("built-by-or", _CLASS, by_default("{given} or {call}")),
    Rewrite("built-if-none", _CLASS, by_default("{call} if {given} is None else {given}")),
    Rewrite("built-by-method", _OWN, by_method),
    Rewrite("built-in-setup", _CLASS, in_setup),
    Rewrite("built-in-base", _CLASS, in_base),
    Rewrite("forward-in-mixin", _CLASS, in_mixin),
)
