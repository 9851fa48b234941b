"""Conditions that choose among constants, where a recurrent module is built with what they have chosen.

``if kind == "bi": both = True`` is no word about a module, so both arms are run and ``both`` is one of two truths; with
one of two, a module is not known.  Whoever builds it says so (``Facts.tell_apart``), and the file is run again with
such conditions explored arm by arm.  A truth that no condition of the kind decides has a name of its own from where it
is bound: what is asked of it is then answered everywhere as it was for the module.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.interpret.evaluate import binding
from rnnlint.interpret.evaluate.dispatch import evaluate
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir


def is_asked_for(run: Run, node: ir.If | ir.Conditional) -> bool:
    """Whether a condition is to be explored, since it chooses among constants and a module depends on such a choice."""
    if isinstance(node, ir.If):
        names = [ir.last_name(target) for target in _targets(node)]
    elif all(_is_choice(arm) or isinstance(arm, ir.Conditional) for arm in (node.body, node.orelse)):
        # ``both = True if two else (False if one else True)``; what is bound stands around it
        statement = run.here.statement
        targets = statement.targets if isinstance(statement, ir.Assign) else ()
        names = [ir.last_name(target) for target in targets if isinstance(target, (ir.Name, ir.Attribute))]
    else:
        return False
    return run.facts.apart(names)


def name_truths(run: Run, frame: Frame, node: ir.If) -> None:
    """Below a condition: what it has left one of two truths is from here on an open one."""
    for target in _targets(node):
        if run.facts.apart([ir.last_name(target)]):
            value = evaluate(run, frame, target)
            if binding.is_truth(value):
                binding.assign(run, frame, target, value, target)


def _is_choice(value: ir.Expr) -> bool:
    """Whether it is a constant that says how a module is built: a truth, or how many layers or directions."""
    return isinstance(value, ir.Constant) and type(value.value) in (bool, int)


def _targets(node: ir.If) -> Iterator[ir.Name | ir.Attribute]:
    """What is set to a truth or a count in an arm."""
    for one in (*node.body, *node.orelse):
        if isinstance(one, ir.Assign) and _is_choice(one.value):
            for target in one.targets:
                if isinstance(target, (ir.Name, ir.Attribute)):
                    yield target
