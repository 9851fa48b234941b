"""The names of the attributes a program reads, wherever it does."""

from __future__ import annotations

from rnnlint.source import program as ir
from rnnlint.source import walking

REVEAL = "reveal_axes"
"""What a program asks with what a value is: it reads its argument for nothing."""


_METHODS = """to cuda cpu type detach detach_ clone contiguous float double half requires_grad_ retain_grad
zero_ fill_ normal_ uniform_ copy_ mul_ add_ div_"""
_KEEPING = frozenset(_METHODS.split())
"""Methods of a tensor that give the same one, elsewhere or anew: as a statement, or where that is stored again, they
read it for nothing."""
_OF_TENSORS = frozenset({"data", "requires_grad", "grad"})
"""Attributes of a tensor that are stored in it, and are no reading of where it is kept."""


def attributes_read(program: ir.Block) -> frozenset[str]:
    """Attributes that are read, and every string: ``getattr`` may read one by it."""
    found: set[str] = set()
    pending: list[walking.Part] = list(program)
    while pending:
        part = pending.pop()
        kept = _kept(part)
        if kept is not None:
            pending += kept
        elif isinstance(part, ir.Call) and _names_what_it_stores(part):
            pending += (part.func, *part.args[1:])
        elif isinstance(part, ir.Attribute):
            found.add(part.attr)
            pending.append(part.value)
        elif isinstance(part, ir.Constant):
            # getattr(self, "hidden"), and names that are put together of words elsewhere: a string that is an
            # attribute's name may read it
            if isinstance(part.value, str):
                found.add(part.value)
        elif isinstance(part, walking.BINDING):
            bound = walking.targets(part)
            pending += (one for one in walking.children(part) if one not in bound)
            for target in bound:
                pending += _read_in(target)
        elif not isinstance(part, ir.Evaluate) or not is_reveal(part.value):
            pending += walking.children(part)
    return frozenset(found)


def _kept(part: walking.Part) -> list[walking.Part] | None:
    """What is read besides where ``x.y.to(device)`` is a statement, or stored as ``x.y``; None for anything else."""
    match part:
        case ir.Evaluate(value=ir.Call(func=ir.Attribute(value=module, attr=name), args=(first, *others))) if (
            name.endswith("_") and _is_init(module)
        ):
            found = _anew(first.value)  # nn.init.zeros_(x.y)
            return None if found is None else [found[0].value, *found[1], *others]
        case ir.Evaluate(value=ir.Call() as call):
            found = _anew(call)
            return None if found is None else [found[0].value, *found[1]]
        case ir.Assign(targets=(target,), value=value):
            return _stored_again(target, value)
    return None


def _names_what_it_stores(call: ir.Call) -> bool:
    """``self.register_buffer("start", zeros)``: that string reads nothing."""
    name = call.func.attr if isinstance(call.func, ir.Attribute) else ""
    return name in ("register_buffer", "register_parameter") and len(call.args) > 1


def _is_init(node: ir.Expr) -> bool:
    return "init" in (getattr(node, "attr", ""), getattr(node, "id", ""))


def _anew(node: ir.Expr) -> tuple[ir.Attribute, list[walking.Part]] | None:
    """``x.y`` of ``x.y.data.to(device).detach()``, and what else is read for that; None for anything else."""
    besides: list[walking.Part] = []
    while True:
        match node:
            case ir.Call(func=ir.Attribute(value=inner, attr=name), args=args) if name in _KEEPING:
                besides += args
                node = inner
            case ir.Call(func=ir.Attribute(attr="Parameter" | "Variable"), args=(first, *others)):
                besides += others  # the same numbers as a parameter
                node = first.value
            case ir.Attribute(value=ir.Attribute() as inner, attr=name) if name in _OF_TENSORS:
                node = inner
            case ir.Attribute():
                return node, besides
            case _:
                return None


def _stored_again(target: ir.Expr, value: ir.Expr) -> list[walking.Part] | None:
    """What is read besides where ``x.y`` is stored as ``x.y`` again, or only something in it."""
    match target, value:
        case ir.Display(items=targets), ir.Display(items=values) if len(targets) == len(values):
            parts = [_stored_again(*pair) for pair in zip(targets, values, strict=True)]
            return None if any(part is None for part in parts) else [one for part in parts for one in part or ()]
        case ir.Attribute(value=ir.Attribute() as held, attr=name), _ if name in _OF_TENSORS:
            found = _anew(value)
            return [held.value, *(found[1] if found is not None and _same(found[0], held) else [value])]
        case ir.Attribute(), ir.Conditional(test=test, body=body, orelse=orelse):
            arms = _stored_again(target, body), _stored_again(target, orelse)
            return None if arms[0] is None or arms[1] is None else [test, *arms[0], *arms[1]]
        case ir.Attribute(), _:
            found = _anew(value)
            return [found[0].value, *found[1]] if found is not None and _same(found[0], target) else None
    return None


def _same(one: ir.Expr, other: ir.Expr) -> bool:
    """Whether two names, or attributes of one, are written alike."""
    match one, other:
        case ir.Name(id=name), ir.Name(id=second):
            return name == second
        case ir.Attribute(value=inside, attr=name), ir.Attribute(value=others, attr=second):
            return name == second and _same(inside, others)
    return False


def _read_in(target: walking.Part) -> list[walking.Part]:
    """What is read where a target is bound: of ``x.y = ...`` that is x."""
    if isinstance(target, ir.Attribute):
        held = target.value if target.attr in _OF_TENSORS else None
        return [held.value] if isinstance(held, ir.Attribute) else [target.value]
    if isinstance(target, (ir.Display, ir.Starred)):
        return [part for one in walking.children(target) for part in _read_in(one)]
    return [target]


def is_reveal(node: ir.Node) -> bool:
    """Whether it is a call that asks what its argument is."""
    # by its name, bare or behind any module: it need not be imported from anywhere to be understood
    return isinstance(node, ir.Call) and REVEAL in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
