"""How a recurrent module comes to be: by a helper, a factory, a table, options, a base class, an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from oracle.variations.rewrite import Around, Rewrite, each_expression, each_line
from oracle.variations.syntax import (
    CELLS,
    after_imports,
    assigned,
    at_top,
    cell_called,
    expression,
    fresh,
    imported_cells,
    statements,
    text_of,
    with_body,
    with_torch,
)

Build = Callable[[cst.Call, Around], "cst.BaseExpression | None"]


def _each_build(module: cst.Module, change: Build) -> cst.Module | None:
    """``change`` gives what stands for each call that builds a recurrent module."""
    known = imported_cells(module)

    def expression(node: cst.BaseExpression, around: Around) -> cst.BaseExpression | None:
        return change(node, around) if isinstance(node, cst.Call) and cell_called(node, known) else None

    return each_expression(module, expression)


def _cell(call: cst.Call) -> str:
    """The class, by torch's name where the text has it."""
    return text_of(call.func).rsplit(".", 1)[-1]


def _keyword(given: cst.Arg) -> str:
    return f"{given.keyword.value if given.keyword else ''}={text_of(given.value)}"


def _called(class_: str, *tops: str) -> Callable[[cst.Module], cst.Module | None]:
    """The class replaced by another expression for it; ``{f}`` is it as written, ``{cell}`` its name."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        def change(call: cst.Call, _: Around) -> cst.BaseExpression | None:
            if _cell(call) not in CELLS:
                return None
            return call.with_changes(func=expression(class_.format(f=text_of(call.func), cell=_cell(call))))

        new = _each_build(module, change)
        if new is None:
            return None
        return after_imports(with_torch(new), [one for top in tops for one in statements(top)])

    return rewrite


def by_helper(module: cst.Module) -> cst.Module | None:
    """``build_layer(nn.GRU, ...)``, a function of the file that calls what it is given."""
    name = fresh(module, "build_layer")
    new = _each_build(
        module,
        lambda call, _: call.with_changes(func=cst.Name(name), args=[cst.Arg(call.func), *call.args]),
    )
    helper = f"def {name}(kind, *args, **kwargs):\n    return kind(*args, **kwargs)\n"
    return after_imports(new, statements(helper)) if new else None


def by_factory(module: cst.Module) -> cst.Module | None:
    """``make_layer("gru", ...)``, a function of the file with an arm for each class."""
    name = fresh(module, "make_layer")

    def change(call: cst.Call, _: Around) -> cst.BaseExpression | None:
        if _cell(call) not in CELLS:
            return None
        kind = cst.Arg(cst.SimpleString(f'"{_cell(call).lower()}"'))
        return call.with_changes(func=cst.Name(name), args=[kind, *call.args])

    arms = "".join(
        f"    if kind == '{cell.lower()}':\n        return torch.nn.{cell}(*sizes, **options)\n" for cell in CELLS
    )
    factory = f"def {name}(kind, *sizes, **options):\n{arms}    raise ValueError(kind)\n"
    new = _each_build(module, change)
    return after_imports(with_torch(new), statements(factory)) if new else None


def by_partial(module: cst.Module) -> cst.Module | None:
    """``partial(nn.GRU, batch_first=True)(4, 6)``."""

    def change(call: cst.Call, _: Around) -> cst.BaseExpression | None:
        named = [one for one in call.args if one.keyword]
        others = [one for one in call.args if not one.keyword]
        if any(one.star for one in call.args) or not named:
            return None
        made = ", ".join([text_of(call.func), *map(_keyword, named)])
        return call.with_changes(func=expression(f"partial({made})"), args=others)

    new = _each_build(module, change)
    return at_top(new, statements("from functools import partial")) if new else None


def by_options(module: cst.Module) -> cst.Module | None:
    """``nn.GRU(4, 6, **dict(batch_first=True))``."""

    def change(call: cst.Call, _: Around) -> cst.BaseExpression | None:
        named = [one for one in call.args if one.keyword]
        if any(one.star for one in call.args) or not named:
            return None
        options = ", ".join(map(_keyword, named))
        others = [one for one in call.args if not one.keyword]
        return call.with_changes(args=[*others, cst.Arg(expression(f"dict({options})"), star="**")])

    return _each_build(module, change)


def by_options_before(module: cst.Module) -> cst.Module | None:
    """``options = {"batch_first": True}`` on a line before ``self.gru = nn.GRU(4, 6, **options)``."""
    name, known = fresh(module, "options"), imported_cells(module)

    def change(line: cst.SimpleStatementLine, _: Around) -> Sequence[cst.BaseStatement] | None:
        found = assigned(line)
        if not found or not isinstance(found[1], cst.Call) or not cell_called(found[1], known):
            return None
        call = found[1]
        named = [one for one in call.args if one.keyword]
        if any(one.star for one in call.args) or not named:
            return None
        pairs = ", ".join(f'"{one.keyword.value}": {text_of(one.value)}' for one in named if one.keyword)
        others = [one for one in call.args if not one.keyword]
        changed = call.with_changes(args=[*others, cst.Arg(cst.Name(name), star="**")])
        return [
            *statements(f"{name} = {{{pairs}}}"),
            with_body(line, "{target} = {call}", target=found[0], call=changed),
        ]

    return each_line(module, change)


def _literal(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Integer) or (isinstance(value, cst.Name) and value.value in ("True", "False"))


def _settings(read: str, top: str) -> Callable[[cst.Module], cst.Module | None]:
    """Literal arguments of a recurrent module read from ``read``, with ``{name}`` for which.

    ``top`` defines where they stand, with a line for each in place of ``LINES``: ``{name}`` and ``{value}``.
    """

    def rewrite(module: cst.Module) -> cst.Module | None:
        kind = fresh(module, "Settings")
        given: list[tuple[str, str]] = []

        def change(call: cst.Call, _: Around) -> cst.BaseExpression | None:
            new = []
            for place, one in enumerate(call.args):
                if one.star or not _literal(one.value):
                    new.append(one)
                    continue
                known = one.keyword.value if one.keyword else ("input_size", "hidden_size", "num_layers")[min(place, 2)]
                name = f"{known}_{len(given) + 1}"
                given.append((name, text_of(one.value)))
                new.append(one.with_changes(value=expression(read.format(Kind=kind, name=name, kind=kind.lower()))))
            return call.with_changes(args=new)

        written = _each_build(module, change)
        if written is None or not given:
            return None
        pattern = next(line for line in top.splitlines() if "LINES" in line)
        line = pattern.replace("LINES ", "")
        lines = "\n".join(line.format(name=name, value=value, type=_type(value)) for name, value in given)
        code = top.replace(pattern, lines).replace("KIND", kind).replace("VALUE", kind.lower())
        return after_imports(written, statements(code))

    return rewrite


def _type(value: str) -> str:
    return "bool" if value in ("True", "False") else "int"


def built_attribute(
    line: cst.SimpleStatementLine, known: frozenset[str], around: Around
) -> tuple[str, cst.Call] | None:
    """The attribute and the call, where a line of a method is ``self.name = nn.GRU(...)``."""
    found = assigned(line)
    if not found or not isinstance(found[1], cst.Call) or not cell_called(found[1], known) or not around.own:
        return None
    target = found[0]
    own = isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name) and target.value.value == around.own
    return (target.attr.value, found[1]) if own and isinstance(target, cst.Attribute) else None


def _stored(written: str, read: str) -> Callable[[cst.Module], cst.Module | None]:
    """``self.name = nn.GRU(...)`` written as ``written``, and ``self.name`` read as ``read``."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        known = imported_cells(module)
        names: set[str] = set()

        def line(one: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
            found = built_attribute(one, known, around)
            if not found:
                return None
            names.add(found[0])
            made = statements(written.format(own=around.own, name=found[0], call=text_of(found[1])))
            return [one.with_changes(body=made[0].body), *made[1:]]  # type: ignore[attr-defined]

        new = each_line(module, line)
        if new is None or not read:
            return with_torch(new) if new else None

        def reading(node: cst.BaseExpression, around: Around) -> cst.BaseExpression | None:
            own = (
                isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == around.own
            )
            if own and isinstance(node, cst.Attribute) and node.attr.value in names:
                return expression(read.format(own=around.own, name=node.attr.value))
            return None

        return with_torch(each_expression(new, reading) or new)

    return rewrite


_BUILT = "a call that builds a recurrent module of torch"
_KEYS = "... with keywords"
_OWN = "self.name = nn.GRU(...) in a method"
_TABLE = "KINDS_BY_NAME = {'RNN': torch.nn.RNN, 'GRU': torch.nn.GRU, 'LSTM': torch.nn.LSTM}\n"

_IMPORT = "from torch.nn import RNN as ChosenRNN, GRU as ChosenGRU, LSTM as ChosenLSTM\n"
_HEIRS = tuple(f"class Own{one}(torch.nn.{one}):\n    pass\n" for one in CELLS)
_INSTANCE = """
class KIND:
    def __init__(self):
        LINES self.{name} = {value}


VALUE = KIND()
"""
_DATACLASS = """
from dataclasses import dataclass


@dataclass
class KIND:
    LINES {name}: {type} = {value}


VALUE = KIND()
"""
_ARGUMENTS = """
from argparse import ArgumentParser

parser_of_KIND = ArgumentParser()
LINES parser_of_KIND.add_argument('--{name}', type={type}, default={value})
VALUE = parser_of_KIND.parse_args([])
"""
_SPACE = """
from types import SimpleNamespace

VALUE = SimpleNamespace(
    LINES {name}={value},
)
"""
_DICT = "VALUE = {\n    LINES '{name}': {value},\n}\n"
_SETTINGS = {
    "as-constants": ("{Kind}_{name}", "LINES KIND_{name} = {value}\n"),
    "in-class": ("{Kind}.{name}", "class KIND:\n    LINES {name} = {value}\n"),
    "in-instance": ("{kind}.{name}", _INSTANCE),
    "in-dataclass": ("{kind}.{name}", _DATACLASS),
    "in-dict": ("{kind}['{name}']", _DICT),
    "in-dict-by-get": ("{kind}.get('{name}')", _DICT),
    "in-namespace": ("{kind}.{name}", _SPACE),
    "in-arguments": ("{kind}.{name}", _ARGUMENTS),
}
_INITIALISED = """
{own}.{name} = {call}
for at, weight in {own}.{name}.named_parameters():
    if 'weight' in at:
        weight.data.mul_(1.0)
"""
_STORED = {
    "in-module-dict": ("{own}.{name}_kept = torch.nn.ModuleDict({{'it': {call}}})", "{own}.{name}_kept['it']"),
    "in-module-list": ("{own}.{name}_kept = torch.nn.ModuleList([{call}])", "{own}.{name}_kept[0]"),
    "in-sequential": ("{own}.{name}_kept = torch.nn.Sequential({call})", "{own}.{name}_kept[0]"),
    "in-plain-list": ("{own}.{name}_kept = [{call}]", "{own}.{name}_kept[-1]"),
    "in-plain-dict": ("{own}.{name}_kept = {{'it': {call}}}", "{own}.{name}_kept['it']"),
    "by-add-module": ("{own}.add_module('{name}', {call})", ""),
    "by-setattr": ("setattr({own}, '{name}', {call})", ""),
    "by-local-name": ("built = {call}\n{own}.{name} = built", ""),
    "moved": ("{own}.{name} = {call}.to('cpu')", ""),
    "typed": ("{own}.{name}: torch.nn.Module = {call}", ""),
    "flattened": ("{own}.{name} = {call}\n{own}.{name}.flatten_parameters()", ""),
    "initialised": (_INITIALISED, ""),
    "read-by-getattr": ("{own}.{name} = {call}", "getattr({own}, '{name}')"),
    "read-by-alias": ("{own}.{name} = {call}", "(reader := {own}.{name})"),
}

CONSTRUCTION = (
    Rewrite("built-by-helper", _BUILT, by_helper, shares=True),
    Rewrite("built-by-factory", _BUILT, by_factory, shares=True),
    Rewrite("built-from-table", _BUILT, _called("KINDS_BY_NAME['{cell}']", _TABLE)),
    Rewrite("built-from-table-by-get", _BUILT, _called("KINDS_BY_NAME.get('{cell}')", _TABLE)),
    Rewrite("built-by-getattr", _BUILT, _called("getattr(torch.nn, '{cell}')")),
    Rewrite("built-by-full-name", _BUILT, _called("torch.nn.modules.rnn.{cell}")),
    Rewrite("built-by-import", _BUILT, _called("Chosen{cell}", _IMPORT)),
    Rewrite("built-by-heir", _BUILT, _called("Own{cell}", *_HEIRS)),
    Rewrite("built-by-lambda", _BUILT, _called("(lambda *sizes, **options: {f}(*sizes, **options))")),
    Rewrite("built-one-of-two", _BUILT, _called("({f} if 'a' in 'abc' else torch.nn.Linear)")),
    Rewrite("built-by-partial", _KEYS, by_partial),
    Rewrite("built-by-options", _KEYS, by_options),
    Rewrite("built-by-options-before", _KEYS, by_options_before),
    *(Rewrite(f"settings-{name}", "... with a literal argument", _settings(*how)) for name, how in _SETTINGS.items()),
    *(Rewrite(f"stored-{name}", _OWN, _stored(*how)) for name, how in _STORED.items()),
)
