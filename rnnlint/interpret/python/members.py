"""Modules by their names, and what they and objects have in ``__dict__``."""

from __future__ import annotations

from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api import names
from rnnlint.values.domain import Bound, Builtin, Lit, Ref, Torch, Value
from rnnlint.values.heap_cells import DictCell


def module(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``__import__("functools")``: what ``import functools`` binds."""
    name = args[0].value if len(args) == 1 and isinstance(args[0], Lit) else None
    if not isinstance(name, str) or "." in name:  # of a.b it returns a
        return run.lost("a module by a name that is not known")
    return names.imported(name, run.site.node)


def imported(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``importlib.import_module("torch.nn")``: the module of that name."""
    name = args[0].value if len(args) == 1 and isinstance(args[0], Lit) else None
    known = names.imported(name, run.site.node) if isinstance(name, str) else None
    return known if isinstance(known, Torch) else run.lost("a module by a name that is not known")


def evaluated(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``eval("nn." + kind)``: a member of ``torch.nn`` by its full name; nothing else is followed."""
    text = args[0].value if len(args) == 1 and isinstance(args[0], Lit) else None
    holder, _, name = text.rpartition(".") if isinstance(text, str) else ("", "", "")
    if holder in ("nn", "torch.nn") and name.isidentifier():
        return run.call(Builtin("getattr"), (Torch("torch.nn"), Lit(name)), {})
    run.use_all(args, keywords)
    return run.lost("eval()")


def vars_of(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``vars(nn)``, ``vars(self)``."""
    one = args[0]
    if isinstance(one, Torch):
        return Bound(one, "__dict__")
    if not isinstance(one, Ref) or run.containers.object(one) is None:
        return run.lost("vars()")
    return run.containers.new_cell(DictCell(tuple(run.heap.attributes(one.cell).items())))
