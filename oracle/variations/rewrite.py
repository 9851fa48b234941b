"""What a rewrite is, and how one is applied to every line, expression or function of a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import libcst as cst

Apply: TypeAlias = Callable[[cst.Module], "cst.Module | None"]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Another spelling.

    ``where`` says of what it applies, ``apply`` gives the program written so, or None where there is nothing of the
    kind.  It is pure, and changes every place it can: a program that the analysis reads at one place of two is not
    read.  Where it ``shares``, a line that it writes runs for several places, and a finding there is one of each.
    """

    name: str
    where: str
    apply: Apply
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What a place stands in: the functions and classes, the outermost first."""

    definitions: tuple[cst.FunctionDef | cst.ClassDef, ...] = ()

    @property
    def function(self) -> cst.FunctionDef | None:
        """The innermost function, None in the body of a class or of the file."""
        last = self.definitions[-1] if self.definitions else None
        return last if isinstance(last, cst.FunctionDef) else None

    @property
    def own(self) -> str | None:
        """What a method calls its object; None elsewhere."""
        if self.function is None or len(self.definitions) != 2 or not isinstance(self.definitions[0], cst.ClassDef):
            return None
        parameters = self.function.params.params
        # a decorator may make it a static method or a property, where the first parameter is something else
        return parameters[0].name.value if parameters and not self.function.decorators else None


Line: TypeAlias = Callable[[cst.SimpleStatementLine, Around], "Sequence[cst.BaseStatement] | None"]
Expression: TypeAlias = Callable[[cst.BaseExpression, Around], "cst.BaseExpression | None"]
Function: TypeAlias = Callable[[cst.FunctionDef, Around], "Sequence[cst.BaseStatement] | None"]
Class: TypeAlias = Callable[[cst.ClassDef], "Sequence[cst.BaseStatement] | None"]

_BLOCKS = (
    cst.Module,
    cst.BaseCompoundStatement,
    cst.BaseSuite,
    cst.Else,
    cst.Finally,
    cst.ExceptHandler,
    cst.MatchCase,
)
_WHITE = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Comma, cst.AssignEqual, cst.Dot)
_NOT_READ = (
    cst.AssignTarget, cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Del, cst.Global, *_WHITE,
)  # fmt: skip


class _Each(cst.CSTTransformer):
    """Asks of every place what stands there instead; None leaves it."""

    def __init__(
        self,
        line: Line | None = None,
        expression: Expression | None = None,
        function: Function | None = None,
        of_class: Class | None = None,
    ) -> None:
        super().__init__()
        self.line, self.expression, self.function, self.of_class = line, expression, function, of_class
        self.around = Around()
        self.changed = False

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self.around = replace(self.around, definitions=(*self.around.definitions, node))
        # statements alone are wanted, or what stands in them: most of a tree is neither, and takes time to go through
        if self.expression is None:
            return isinstance(node, _BLOCKS)
        return not isinstance(node, _NOT_READ)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if isinstance(original_node, (cst.FunctionDef, cst.ClassDef)):
            self.around = replace(self.around, definitions=self.around.definitions[:-1])
        new: Sequence[cst.BaseStatement] | cst.BaseExpression | None = None
        if self.line and isinstance(updated_node, cst.SimpleStatementLine):
            new = self.line(updated_node, self.around)
        elif self.function and isinstance(updated_node, cst.FunctionDef):
            new = self.function(updated_node, self.around)
        elif self.of_class and isinstance(updated_node, cst.ClassDef):
            new = self.of_class(updated_node)
        elif self.expression and isinstance(updated_node, cst.BaseExpression):
            new = self.expression(updated_node, self.around)
        if new is None:
            return updated_node
        self.changed = True
        return new if isinstance(new, cst.BaseExpression) else cst.FlattenSentinel(new)


def _applied(module: cst.Module, each: _Each) -> cst.Module | None:
    new = module.visit(each)
    return new if each.changed else None


def each_line(module: cst.Module, change: Line) -> cst.Module | None:
    """``change`` gives the statements that stand for a line without a block."""
    return _applied(module, _Each(line=change))


def each_expression(module: cst.Module, change: Expression) -> cst.Module | None:
    """``change`` gives what stands for an expression that is read; its parts have been changed before."""
    return _applied(module, _Each(expression=change))


def each_function(module: cst.Module, change: Function) -> cst.Module | None:
    """``change`` gives what stands for a function; ``Around`` is what it stands in."""
    return _applied(module, _Each(function=change))


def each_class(module: cst.Module, change: Class) -> cst.Module | None:
    """``change`` gives what stands for a class."""
    return _applied(module, _Each(of_class=change))
