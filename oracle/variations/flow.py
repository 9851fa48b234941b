"""Loops, branches and steps of an expression, written otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from oracle.variations.between import with_block
from oracle.variations.rewrite import Around, Rewrite, each_expression, each_function, each_line
from oracle.variations.syntax import alone, assigned, expression, fresh, statements, text_of


class _Loops(cst.CSTTransformer):
    """``for`` with another head or as ``while``; ``name`` counts."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.kind, self.name, self.changed = kind, name, False

    def leave_For(
        self, original_node: cst.For, updated_node: cst.For
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        new = getattr(self, f"_{self.kind}")(updated_node)
        self.changed = self.changed or new is not None
        return updated_node if new is None else new

    def _enumerated(self, loop: cst.For) -> cst.For:
        target = text_of(loop.target)
        target = target if target.startswith("(") or not isinstance(loop.target, cst.Tuple) else f"({target})"
        return loop.with_changes(
            target=cst.parse_expression(f"{self.name}, {target}"), iter=expression("enumerate({x})", x=loop.iter)
        )

    def _zipped(self, loop: cst.For) -> cst.For:
        target = text_of(loop.target)
        target = target if target.startswith("(") or not isinstance(loop.target, cst.Tuple) else f"({target})"
        return loop.with_changes(
            target=cst.parse_expression(f"{target}, {self.name}"),
            iter=expression("zip({x}, range(1000))", x=loop.iter),
        )

    def _listed(self, loop: cst.For) -> cst.For:
        return loop.with_changes(iter=expression("list({x})", x=loop.iter))

    def _while(self, loop: cst.For) -> cst.FlattenSentinel[cst.BaseStatement] | None:
        ranged = isinstance(loop.iter, cst.Call) and text_of(loop.iter.func) == "range" and len(loop.iter.args) == 1
        # a step that is skipped would skip the counting as well
        if not ranged or not isinstance(loop.target, cst.Name) or loop.orelse or "continue" in text_of(loop):
            return None
        if not isinstance(loop.iter, cst.Call) or not isinstance(loop.body, cst.IndentedBlock):
            return None
        at = loop.target.value
        start = statements(f"{at} = 0")[0]
        made = statements(f"while {at} < {text_of(loop.iter.args[0].value)}:\n    pass\n")[0]
        assert isinstance(made, cst.While)
        body = [*loop.body.body, *statements(f"{at} += 1")]
        return cst.FlattenSentinel([start, made.with_changes(body=loop.body.with_changes(body=body))])


def _loops(module: cst.Module, kind: str) -> cst.Module | None:
    change = _Loops(kind, fresh(module, "number"))
    new = module.visit(change)
    return new if change.changed else None


def enumerated(module: cst.Module) -> cst.Module | None:
    """``for number, x in enumerate(xs)``."""
    return _loops(module, "enumerated")


def zipped(module: cst.Module) -> cst.Module | None:
    """``for x, number in zip(xs, range(1000))``."""
    return _loops(module, "zipped")


def listed(module: cst.Module) -> cst.Module | None:
    """``for x in list(xs)``."""
    return _loops(module, "listed")


def counting(module: cst.Module) -> cst.Module | None:
    """``while t < n:`` for ``for t in range(n):``."""
    return _loops(module, "while")


def _call(line: cst.SimpleStatementLine) -> cst.Call | None:
    only = alone(line)
    value = only.value if isinstance(only, (cst.Return, cst.Assign)) else None
    return value if isinstance(value, cst.Call) else None


def stepped(module: cst.Module) -> cst.Module | None:
    """``step = out[:, -1]``, then ``return self.fc(step)``."""
    name = fresh(module, "step")

    def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        call, only = _call(line), alone(line)
        if call is None or only is None or around.function is None or len(call.args) != 1 or call.args[0].star:
            return None
        given = call.args[0].value
        if not isinstance(given, (cst.Call, cst.Subscript, cst.BinaryOperation)) or not isinstance(
            call.func, (cst.Attribute, cst.Name)
        ):
            return None
        # the function is looked up before its argument is computed, which only shows where a call makes it
        if "(" in text_of(call.func):
            return None
        new = call.with_changes(args=[call.args[0].with_changes(value=cst.Name(name))])
        taken = statements(f"{name} = {text_of(given)}")
        return [*taken, line.with_changes(body=[only.with_changes(value=new)])]

    return each_line(module, change)


def walrus(module: cst.Module) -> cst.Module | None:
    """``return self.fc((step := out[:, -1]))``."""
    name = fresh(module, "step")

    def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        call, only = _call(line), alone(line)
        if (
            call is None
            or only is None
            or around.function is None
            or not call.args
            or call.args[0].star
            or call.args[0].keyword
        ):
            return None
        first, *rest = call.args
        bound = expression(f"({name} := {{x}})", x=first.value)
        new = call.with_changes(args=[first.with_changes(value=bound), *rest])
        return [line.with_changes(body=[only.with_changes(value=new)])]

    return each_line(module, change)


def in_true_arm(module: cst.Module) -> cst.Module | None:
    """``if 1 + 1 == 2:`` around what a line binds."""

    def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        found = assigned(line)
        if (
            not found
            or around.function is None
            or not isinstance(found[0], cst.Name)
            or not isinstance(found[1], cst.Call)
        ):
            return None
        outer = statements("if len('ab') == 2:\n    pass\nelse:\n    raise AssertionError\n")[0]
        return [outer.with_changes(body=cst.IndentedBlock([line]))]

    return each_line(module, change)


def once(module: cst.Module) -> cst.Module | None:
    """``for _ in range(1):`` around what a line binds."""
    name = fresh(module, "round_of_one")

    def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        found = assigned(line)
        if not found or around.function is None or not isinstance(found[1], cst.Call):
            return None
        outer = statements(f"for {name} in range(1):\n    pass\n")[0]
        return [outer.with_changes(body=cst.IndentedBlock([line]))]

    return each_line(module, change)


def if_statements(module: cst.Module) -> cst.Module | None:
    """``a if test else b`` that a line binds or returns, as ``if`` and ``else``."""

    def change(line: cst.SimpleStatementLine, _: Around) -> Sequence[cst.BaseStatement] | None:
        only = alone(line)
        if isinstance(only, cst.Assign) and isinstance(only.value, cst.IfExp):
            pass
        elif not isinstance(only, cst.Return) or not isinstance(only.value, cst.IfExp):
            return None
        chosen = only.value
        outer = statements(f"if {text_of(chosen.test)}:\n    pass\nelse:\n    pass\n")[0]
        assert isinstance(outer, cst.If)
        assert isinstance(outer.orelse, cst.Else)
        arms = [
            line.with_changes(body=[only.with_changes(value=one)], leading_lines=[])
            for one in (chosen.body, chosen.orelse)
        ]
        other = outer.orelse.with_changes(body=cst.IndentedBlock([arms[1]]))
        return [outer.with_changes(body=cst.IndentedBlock([arms[0]]), orelse=other)]

    return each_line(module, change)


class _Ifs(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.changed = False

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If:
        other = updated_node.orelse
        if not isinstance(other, cst.Else) or isinstance(updated_node.test, cst.NamedExpr):
            return updated_node
        self.changed = True
        space = cst.SimpleWhitespace(" ")
        test = expression("not {x}", x=updated_node.test)
        return updated_node.with_changes(
            test=test, whitespace_before_test=space, body=other.body, orelse=other.with_changes(body=updated_node.body)
        )


def negated(module: cst.Module) -> cst.Module | None:
    """``if not test:``, with the arms exchanged."""
    change = _Ifs()
    new = module.visit(change)
    return new if change.changed else None


def chosen_by_index(module: cst.Module) -> cst.Module | None:
    """``(b, a)[bool(test)]`` for ``a if test else b``, where both are plain."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        if not isinstance(node, cst.IfExp) or any(
            "(" in text_of(one) or "." in text_of(one) for one in (node.body, node.orelse)
        ):
            return None
        return expression("({b}, {a})[bool({test})]", a=node.body, b=node.orelse, test=node.test)

    return each_expression(module, change)


def multiplied(module: cst.Module) -> cst.Module | None:
    """``hidden + hidden`` for ``2 * hidden``, ``(2,) * ...`` aside."""

    def change(node: cst.BaseExpression, _: Around) -> cst.BaseExpression | None:
        if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, cst.Multiply):
            return None
        sides = [node.left, node.right]
        two = next((one for one in sides if text_of(one) == "2"), None)
        other = next((one for one in sides if one is not two), None)
        if two is None or not isinstance(other, (cst.Name, cst.Attribute)):
            return None
        return expression("({x} + {x})", x=other)

    return each_expression(module, change)


def late(module: cst.Module) -> cst.Module | None:
    """The last line of ``forward`` under ``while True``."""

    def change(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
        if one.name.value != "forward" or len(around.definitions) != 1 or not isinstance(one.body, cst.IndentedBlock):
            return None
        *before, last = one.body.body
        if not isinstance(last, cst.SimpleStatementLine) or not isinstance(alone(last), cst.Return):
            return None
        outer = statements("while True:\n    pass\n")[0]
        return [with_block(one, [*before, outer.with_changes(body=cst.IndentedBlock([last]))])]

    return each_function(module, change)


_LOOP = "a for loop"
_LINE = "a line of a function that binds what a call gives"

FLOW = (
    Rewrite("loop-enumerated", _LOOP, enumerated),
    Rewrite("loop-zipped", _LOOP, zipped),
    Rewrite("loop-over-list", _LOOP, listed),
    Rewrite("loop-by-while", "for t in range(n), without continue", counting),
    Rewrite("argument-by-name", "the only argument of a call, where that is no name", stepped),
    Rewrite("argument-by-walrus", "the first argument of a call that is returned or bound", walrus),
    Rewrite("line-in-arm", _LINE, in_true_arm),
    Rewrite("line-in-loop-of-one", _LINE, once),
    Rewrite("choice-by-statement", "a conditional expression that is bound or returned", if_statements),
    Rewrite("choice-negated", "if with else", negated),
    Rewrite("choice-by-index", "a conditional expression of names and numbers", chosen_by_index),
    Rewrite("twice-as-sum", "2 * name", multiplied),
    Rewrite("return-in-while-true", "forward that ends in return", late),
)
