"""How positions are taken: ``x[:, k]`` and its other spellings, sizes, joins, the axes in another order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from oracle.variations.rewrite import Around, Rewrite, each_expression, each_line
from oracle.variations.syntax import assigned, expression, statements, text_of, with_torch

_SPELLED = {
    "select": "{x}.select(1, {k})",
    "narrow": "{x}.narrow(1, {place}, 1).squeeze(1)",
    "index-select": "{x}.index_select(1, torch.tensor([{place}])).squeeze(1)",
    "unbind": "{x}.unbind(1)[{k}]",
    "unbind-unpacked": "[*{x}.unbind(dim=1)][{k}]",
    "chunk": "{x}.chunk({x}.size(1), dim=1)[{k}].squeeze(1)",
    "split": "{x}.split(1, dim=1)[{k}].squeeze(dim=1)",
    "list-index": "{x}[:, [{k}]].squeeze(1)",
    "kept-axis": "{x}[:, {place}:{place} + 1].squeeze(1)",
    "from-size": "{x}[:, {place}]",
    "transposed": "{x}.transpose(0, 1)[{k}]",
    "swapped": "{x}.swapaxes(1, 0)[{k}, ...]",
    "moved-axis": "torch.movedim({x}, 1, 0)[{k}]",
    "tensor-index": "{x}[:, torch.tensor({place})]",
    "rolled-out": "list({x}.transpose(0, 1))[{k}]",
    "tensor-split": "{x}.tensor_split({x}.size(1), dim=1)[{k}].squeeze(1)",
    "flipped": "{x}.flip(1)[:, {mirrored}]",
    "rest": "{x}[:, {place}:][:, 0]",
    "mean-of-one": "{x}[:, {place}:{place} + 1].mean(dim=1)",
    "slice-object": "{x}[(slice(None), {k})]",
    "dunder": "{x}.__getitem__((slice(None), {k}))",
}
_SPELLED_OF_THREE = {
    "take-along": "torch.take_along_dim({x}, torch.tensor([[[{place}]]]), dim=1).squeeze(1)",
    "gathered": "{x}.gather(1, torch.full(({x}.size(0), 1, {x}.size(2)), {place})).squeeze(1)",
    "expanded-index": "torch.gather({x}, 1, torch.tensor({place}).expand({x}.size(0), 1, {x}.size(2)))[:, 0]",
    "product": "torch.einsum('nth,t->nh', {x}, torch.eye({x}.size(1))[{k}])",
}
_SPELLED_OF_STATES = {
    "slices": "{x}[{k}, :, :]",
    "select": "{x}.select(0, {k})",
    "unbind": "{x}.unbind(0)[{k}]",
    "iteration": "[one for one in {x}][{k}]",
    "spread": "[*{x}][{k}]",
    "chunk": "{x}.chunk({x}.size(0))[{k}].squeeze(0)",
    "split": "{x}.split(1)[{k}][0]",
    "index-select": "torch.index_select({x}, 0, torch.tensor([{k} % {x}.size(0)])).squeeze(0)",
    "narrow": "{x}.narrow(0, {k} % {x}.size(0), 1).squeeze(0)",
    "list-index": "{x}[[{k}]].squeeze(0)",
    "transposed": "{x}.transpose(0, 1)[:, {k}]",
    "moved-axis": "{x}.movedim(0, -1)[..., {k}]",
}


def _everything(one: cst.SubscriptElement) -> bool:
    part = one.slice
    return isinstance(part, cst.Slice) and part.lower is None and part.upper is None and part.step is None


def position(node: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.BaseExpression, int] | None:
    """``x`` and ``k`` of ``x[:, k]`` or ``x[:, k, :]``, and how many axes the brackets name."""
    if not isinstance(node, cst.Subscript) or not 2 <= len(node.slice) <= 3:
        return None
    first, second, *rest = node.slice
    if not _everything(first) or not all(map(_everything, rest)) or not isinstance(second.slice, cst.Index):
        return None
    place = second.slice.value
    number = text_of(place).lstrip("-").isdigit()
    # the object is written twice in some spellings: it must be a name, or cost and effects are doubled
    return (node.value, place, len(node.slice)) if number and isinstance(node.value, cst.Name) else None


def _position_as(template: str, least: int = 2) -> Callable[[cst.Module], cst.Module | None]:
    """``template`` for ``x[:, k]``, where the brackets name at least so many axes: so many there are then."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        found = position(node)
        if found is None or found[2] < least:
            return None
        name, place, _axes = found
        x, k = text_of(name), text_of(place)
        counted = f"{x}.size(1) - {k[1:]}" if k.startswith("-") else k
        return expression(template.format(x=x, k=k, place=counted, mirrored=-int(k) - 1))

    def rewrite(module: cst.Module) -> cst.Module | None:
        new = each_expression(module, change)
        return with_torch(new) if new and "torch." in template else new

    return rewrite


def with_dots(module: cst.Module) -> cst.Module | None:
    """``x[..., k, :]``."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        found = position(node)
        return expression(f"{text_of(found[0])}[..., {text_of(found[1])}, :]") if found and found[2] == 3 else None

    return each_expression(module, change)


def by_loop(module: cst.Module) -> cst.Module | None:
    """``for last in x.unbind(1): pass``."""

    def change(line: cst.SimpleStatementLine, _: Around) -> list[cst.BaseStatement] | None:
        found = assigned(line)
        taken = position(found[1]) if found else None
        if not found or not taken or text_of(taken[1]) != "-1" or not isinstance(found[0], cst.Name):
            return None
        loop = f"for {found[0].value} in {text_of(taken[0])}.unbind(1):\n    pass\n"
        return statements(loop)

    return each_line(module, change)


def by_counted_loop(module: cst.Module) -> cst.Module | None:
    """``for t in range(x.size(1)): last = x[:, t]``."""

    def change(line: cst.SimpleStatementLine, _: Around) -> list[cst.BaseStatement] | None:
        found = assigned(line)
        taken = position(found[1]) if found else None
        if not found or not taken or text_of(taken[1]) != "-1" or not isinstance(found[0], cst.Name):
            return None
        x, name = text_of(taken[0]), found[0].value
        # the loop reads what it binds, if both have one name
        return statements(f"for at in range({x}.size(1)):\n    {name} = {x}[:, at]\n") if x != name else None

    return each_line(module, change)


def entry(node: cst.BaseExpression) -> tuple[str, str] | None:
    """``x`` and ``k`` of ``x[k]``, where ``x`` is a name: a tensor, or a sequence of anything."""
    if not isinstance(node, cst.Subscript) or len(node.slice) != 1 or not isinstance(node.value, cst.Name):
        return None
    part = node.slice[0].slice
    place = text_of(part.value) if isinstance(part, cst.Index) else ""
    return (node.value.value, place) if place.lstrip("-").isdigit() else None


def _state_entry_as(template: str) -> Callable[[cst.Module], cst.Module | None]:
    """``h[-1]`` of what a program unpacks by a name that usually means a state; torch says where it is none."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        found = entry(node)
        # a pair, a list, or a size can be indexed as well: states are called h, h_n, hidden, hn
        if found is None or not found[0].startswith("h"):
            return None
        return expression(template.format(x=found[0], k=found[1]))

    def rewrite(module: cst.Module) -> cst.Module | None:
        new = each_expression(module, change)
        return with_torch(new) if new and "torch." in template else new

    return rewrite


def _method(old: str, new: str, most: int = 9) -> Callable[[cst.Module], cst.Module | None]:
    """``x.old(arguments)`` written as ``new``, with ``{x}`` and ``{arguments}``."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or node.func.attr.value != old:
            return None
        if not 1 <= len(node.args) <= most or any(one.star or one.keyword for one in node.args):
            return None
        if text_of(node.func.value) in ("torch", "th", "np", "F"):
            return None
        arguments = ", ".join(text_of(one.value) for one in node.args)
        return expression(new.replace("ARGUMENTS", arguments), x=node.func.value)

    def rewrite(module: cst.Module) -> cst.Module | None:
        written = each_expression(module, change)
        return with_torch(written) if written and "torch." in new else written

    return rewrite


def method_called(node: cst.BaseExpression, name: str) -> tuple[cst.BaseExpression, Sequence[cst.Arg]] | None:
    """The object and the arguments, where a method of this name is called."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == name:
        return node.func.value, node.args
    return None


def sized(module: cst.Module) -> cst.Module | None:
    """``x.size(0)`` as ``x.shape[0]``, and the other way round."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        asked = method_called(node, "size")
        if asked and len(asked[1]) == 1 and not asked[1][0].keyword:
            return expression(f"{{x}}.shape[{text_of(asked[1][0].value)}]", x=asked[0])
        if (
            isinstance(node, cst.Subscript)
            and isinstance(node.value, cst.Attribute)
            and node.value.attr.value == "shape"
        ):
            part = node.slice[0].slice
            if len(node.slice) == 1 and isinstance(part, cst.Index):
                return expression(f"{{x}}.size({text_of(part.value)})", x=node.value.value)
        return None

    return each_expression(module, change)


def counted(module: cst.Module) -> cst.Module | None:
    """``x.size(0)`` and ``x.shape[0]`` as ``len(x)``."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        text = text_of(node)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and text.endswith(".size(0)"):
            return expression("len({x})", x=node.func.value)
        if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Attribute) and text.endswith(".shape[0]"):
            return expression("len({x})", x=node.value.value)
        return None

    return each_expression(module, change)


def _join(change_call: Callable[[cst.Call], cst.BaseExpression | None]) -> Callable[[cst.Module], cst.Module | None]:
    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        if (
            not isinstance(node, cst.Call)
            or not text_of(node.func).endswith((".cat", ".concat", ".stack"))
            or not node.args
        ):
            return None
        return change_call(node)

    return lambda module: each_expression(module, change)


def _parts_by_comprehension(call: cst.Call) -> cst.BaseExpression | None:
    parts, *others = call.args
    if not isinstance(parts.value, (cst.Tuple, cst.List)):
        return None
    return call.with_changes(
        args=[parts.with_changes(value=expression("[part for part in {x}]", x=parts.value)), *others]
    )


def _parts_in_list(call: cst.Call) -> cst.BaseExpression | None:
    parts, *others = call.args
    kind = "list" if isinstance(parts.value, cst.Tuple) else "tuple"
    if not isinstance(parts.value, (cst.Tuple, cst.List)):
        return None
    return call.with_changes(args=[parts.with_changes(value=expression(f"{kind}({{x}})", x=parts.value)), *others])


def _dim_by_name(call: cst.Call) -> cst.BaseExpression | None:
    if len(call.args) != 2 or call.args[1].keyword or call.args[1].star:
        return None
    return expression("{f}({parts}, dim={d})", f=call.func, parts=call.args[0].value, d=call.args[1].value)


def _parts_by_name(call: cst.Call) -> cst.BaseExpression | None:
    if len(call.args) != 2 or call.args[0].keyword or call.args[0].star:
        return None
    return expression("{f}(tensors={parts}, dim={d})", f=call.func, parts=call.args[0].value, d=call.args[1].value)


_STATE = "h[k], where h is called like a state"

INDEXING = (
    *(Rewrite(f"step-by-{name}", "x[:, k] of a name", _position_as(text)) for name, text in _SPELLED.items()),
    *(
        Rewrite(f"step-by-{name}", "x[:, k, :] of a name", _position_as(text, least=3))
        for name, text in _SPELLED_OF_THREE.items()
    ),
    Rewrite("step-by-dots", "x[:, k, :]", with_dots),
    Rewrite("step-by-loop", "last = x[:, -1] on a line", by_loop),
    Rewrite("step-by-counted-loop", "last = x[:, -1] on a line", by_counted_loop),
    Rewrite("state-by-dots", _STATE, _state_entry_as("{x}[{k}, ...]")),
    *(Rewrite(f"state-by-{name}", _STATE, _state_entry_as(text)) for name, text in _SPELLED_OF_STATES.items()),
    Rewrite("sizes-as-shape", "x.size(k), x.shape[k]", sized),
    Rewrite("sizes-by-len", "x.size(0), x.shape[0]", counted),
    Rewrite("transpose-by-function", "x.transpose(a, b)", _method("transpose", "torch.transpose({x}, ARGUMENTS)")),
    Rewrite("transpose-by-swapdims", "x.transpose(a, b)", _method("transpose", "{x}.swapdims(ARGUMENTS)")),
    Rewrite("permute-by-tuple", "x.permute(a, b, ...)", _method("permute", "{x}.permute((ARGUMENTS))")),
    Rewrite("view-as-reshape", "x.view(...)", _method("view", "{x}.reshape(ARGUMENTS)")),
    Rewrite("unsqueeze-by-function", "x.unsqueeze(a)", _method("unsqueeze", "torch.unsqueeze({x}, ARGUMENTS)")),
    Rewrite("unsqueeze-dim-by-name", "x.unsqueeze(a)", _method("unsqueeze", "{x}.unsqueeze(dim=ARGUMENTS)", 1)),
    Rewrite("squeeze-by-function", "x.squeeze(a)", _method("squeeze", "torch.squeeze({x}, ARGUMENTS)")),
    Rewrite("joined-by-comprehension", "cat or stack of a display", _join(_parts_by_comprehension)),
    Rewrite("joined-other-sequence", "cat or stack of a display", _join(_parts_in_list)),
    Rewrite("joined-dim-by-name", "cat(parts, dim)", _join(_dim_by_name)),
    Rewrite("joined-parts-by-name", "cat(parts, dim)", _join(_parts_by_name)),
)
