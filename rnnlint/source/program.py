"""The program as the interpreter reads it: Python's tree without its syntactic variety.

``names`` of a node are the identifiers and short strings inside it.  Nodes compare by identity: a node is a place in
the file.  ``syntax`` is the node of Python's it was lowered from, which gives its position and its text.
"""

from __future__ import annotations

import ast
from typing import TypeAlias

from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """A place in the file; equal only to itself."""

    syntax: ast.expr | ast.stmt | ast.pattern

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Node):
    value: int | float | complex | str | bytes | bool | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dots(Node):
    """The literal ``...``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Node):
    id: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(Node):
    value: Expr
    attr: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Argument:
    """One argument of a call; ``keyword`` is the name it was given under."""

    value: Expr
    keyword: str | None = None
    star: str = ""  # "", "*" or "**"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    func: Expr
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subscript(Node):
    value: Expr
    items: tuple[Expr, ...]
    is_tuple: bool  # x[0,] has one item and is a tuple


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Display(Node):
    """A tuple, list or set display."""

    kind: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Starred(Node):
    value: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DictDisplay(Node):
    items: tuple[tuple[Expr | None, Expr], ...]  # a None key is ``**value``


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Node):
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(Node):
    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Boolean(Node):
    op: str  # "and" or "or"
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compare(Node):
    left: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Conditional(Node):
    test: Expr
    body: Expr
    orelse: Expr
    names: frozenset[str]  # mentioned in it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter:
    """A parameter; of its annotation only a name is kept, or a member of one, which can be a class of the file's."""

    name: str
    default: Expr | None
    kind: str = ""  # "", "*", "**" or "keyword"
    annotation: Expr | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lambda(Node):
    params: tuple[Parameter, ...]
    body: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Generator:
    """``for target in iter if tests`` of a comprehension."""

    target: Expr
    iter: Expr
    tests: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comprehension(Node):
    kind: str  # "list", "set", "dict" or "generator"
    element: Expr
    value: Expr | None  # of a dict comprehension
    generators: tuple[Generator, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Walrus(Node):
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Formatted(Node):
    """An f-string: texts and expressions, in order; one with a format of its own is not followed."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Other(Node):
    """An expression whose value is not followed; its operands are still evaluated."""

    what: str
    operands: tuple[Expr, ...]


Expr: TypeAlias = (
    Constant
    | Dots
    | Name
    | Attribute
    | Call
    | Subscript
    | Slice
    | Display
    | Starred
    | DictDisplay
    | Binary
    | Unary
    | Boolean
    | Compare
    | Conditional
    | Lambda
    | Comprehension
    | Walrus
    | Formatted
    | Other
)

# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assign(Node):
    targets: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Declare(Node):
    """``name: annotation`` with or without a value."""

    target: Expr
    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AugAssign(Node):
    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluate(Node):
    """An expression as a statement of its own."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Return(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Raise(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assert(Node):
    test: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delete(Node):
    targets: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Jump(Node):
    """A statement that goes elsewhere, or does nothing: all that is not followed is a "pass"."""

    kind: str  # "break", "continue" or "pass"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outer(Node):
    """``global`` or ``nonlocal``: these names are bound outside the function."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class If(Node):
    test: Expr
    body: Block
    orelse: Block
    names: frozenset[str]  # mentioned in it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class For(Node):
    target: Expr
    iter: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class While(Node):
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Try(Node):
    """``try``: each handler with the name that the exception is bound to."""

    body: Block
    handlers: tuple[tuple[str | None, Block], ...]
    orelse: Block
    finalbody: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class With(Node):
    items: tuple[tuple[Expr, Expr | None], ...]
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """An arm of ``match``: the names that its pattern binds.

    ``target`` is the pattern as what an assignment would have there, None where it asks for more than a sequence.
    """

    names: tuple[str, ...]
    target: Expr | None
    guarded: bool
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Match(Node):
    subject: Expr
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionDef(Node):
    name: str
    params: tuple[Parameter, ...]
    body: Block
    decorators: tuple[Expr, ...]
    names: frozenset[str]  # mentioned in it
    yields: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClassDef(Node):
    name: str
    bases: tuple[Argument, ...]
    body: Block
    decorators: tuple[Expr, ...]
    names: frozenset[str]  # mentioned in it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Import(Node):
    """``import a.b as c``: dotted names, each with the one it is bound to, None for its first part."""

    names: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ImportFrom(Node):
    """``from module import name as other``: pairs of names; leading dots stay in ``module``."""

    module: str
    names: tuple[tuple[str, str], ...] | None  # None is ``*``


Statement: TypeAlias = (
    Assign | Declare | AugAssign | Evaluate | Return | Raise | Assert | Delete | Jump | Outer | If | For | While
    | Try | With | Match | FunctionDef | ClassDef | Import | ImportFrom
)  # fmt: skip
Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A file; ``constructions`` are the calls of something named like a recurrent module, in order.

    ``strings`` are its f-strings, where Python says wrongly what stands where in them; ``holders`` its functions and
    classes in which something stands that can bring forth a recurrent module, a packed batch, or a tensor that is
    dropped (:func:`rnnlint.source.gate.holders`), None where nobody has looked for it; ``stores`` the attributes and
    keys that it assigns, of whatever, but for those of ``self``.

    ``imports`` are its imports, wherever they stand.  ``key`` tells the files of a project apart; one that only
    ``helps`` is there for the names that others import, and its functions and classes are run where these use them;
    a ``guest`` builds no recurrent module itself, and uses what others build.
    """

    body: Block
    constructions: tuple[Call, ...]
    strings: tuple[ast.JoinedStr, ...] = ()
    holders: frozenset[ast.AST] | None = None
    stores: frozenset[str] = frozenset()
    imports: tuple[Import | ImportFrom, ...] = ()
    key: str = ""
    helps: bool = False
    guest: bool = False


def last_name(node: object) -> str:
    """``c`` of ``a.b.c``, ``a`` of ``a``; "" for what is no name."""
    return node.attr if isinstance(node, Attribute) else node.id if isinstance(node, Name) else ""
