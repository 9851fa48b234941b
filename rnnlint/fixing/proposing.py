"""From what a rule asks for to edits of the file, where it can be written there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rnnlint.axes.states import Block, Call, Factor, Note, Role
from rnnlint.cells import has_cell_state
from rnnlint.file_words import place as place_of
from rnnlint.findings import Applicability, Edit, Fix
from rnnlint.fixing.arguments import argument, named, swapped, zeros
from rnnlint.fixing.binding import first, pair_in, target
from rnnlint.fixing.carrying import carried, detached
from rnnlint.fixing.expressions import bound_of_slice, operands, rows, step, strided
from rnnlint.fixing.masking import masked
from rnnlint.fixing.results import Given as GivenNames
from rnnlint.fixing.results import bound
from rnnlint.fixing.sizes import along_other_axis, count, exchanged, sized
from rnnlint.fixing.text import Text
from rnnlint.fixing.torch_name import torch_name
from rnnlint.fixing.tree import Tree
from rnnlint.fixing.unwritable import Unwritable
from rnnlint.fixing.widening import Takers, fed_elsewhere
from rnnlint.frozen import dataclass
from rnnlint.interpret.outcomes import Outcome
from rnnlint.rules.repairs import (
    Beside,
    Bound,
    Called,
    Carried,
    Change,
    Detached,
    Exchanged,
    First,
    Given,
    Index,
    Instead,
    Items,
    Masked,
    Named,
    Operands,
    OtherAxis,
    Repair,
    Second,
    Sized,
    Strided,
    Swapped,
    Target,
    Wider,
    Written,
)
from rnnlint.rules.words import RESULTS
from rnnlint.source import program as ir
from rnnlint.source.files import Files
from rnnlint.torch_api.signatures import LINEAR

_NUMBERS_CHANGE = "numbers change: a model that was trained with the mistake is fitted to it"
_FIELD = re.compile(r"\{(output|h_n|c_n|torch|expr|receiver|arguments)\}")
_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding to be mended: where it stands, in which run it holds, and what the results are called there."""

    node: ir.Node
    run: Outcome
    names: Mapping[str, str]
    title: str


class Proposing:
    """Fixes for the findings of files that were run together."""

    def __init__(self, files: Files, runs: Sequence[Outcome] = ()) -> None:
        self._files = files
        self.runs = runs
        self._takers = Takers(runs)
        self._trees: dict[str, Tree] = {}
        self._given: GivenNames = {}

    def fix(self, repair: Repair, finding: Finding) -> Fix | None:
        """A repair as edits; None where it cannot be written in this file."""
        try:
            edits = _in_order(self._edits(repair, finding))
        except Unwritable:
            return None if repair.otherwise is None else self.fix(repair.otherwise, finding)
        if not edits:
            return None
        title = repair.title or self._said(repair, edits, finding) or finding.title
        if not repair.certain:
            return Fix(title, Applicability.DISPLAY, edits)
        if repair.safe:
            return Fix(title, Applicability.SAFE, edits)
        return Fix(title, Applicability.UNSAFE, edits, _NUMBERS_CHANGE)

    def _said(self, repair: Repair, edits: Sequence[Edit], finding: Finding) -> str:
        """What an index with another step reads, where nothing else is changed; or what a reading is instead."""
        match repair.changes:
            case (Written(site), *_) if isinstance(site.node, ir.Node) and repair.call is not None:
                text = self._text(site.node)
                span = text.places.between(*text.inner(site.node.syntax))  # type: ignore[arg-type]
                place = span.line, span.column, span.end_line, span.end_column
                new = [one.text for one in edits if (one.line, one.column, one.end_line, one.end_column) == place]
                # an advice that begins with how the result gets a name says more
                advised = not finding.title.startswith("use ") and any(one in finding.title for one in new)
                return "" if advised else "".join(f"use {one}" for one in new)
            case (Index(site) | Items(site),) if isinstance(site.node, ir.Node) and isinstance(
                site.node.syntax, ast.expr
            ):
                text = self._text(site.node)
                return f"use {text.after(edits, site.node.syntax)}"
        return ""

    def _edits(self, repair: Repair, finding: Finding) -> list[Edit]:
        edits: list[Edit] = []
        for change in repair.changes:
            node = place_of(change.call) if isinstance(change, (First, Second)) else change.site.node
            if not isinstance(node, ir.Node) or self._files.path(node) != self._files.path(finding.node):
                raise Unwritable("another file would have to change")
            edits += self._of(change, node, repair, finding)
        return edits

    def _of(self, change: Change, node: ir.Node, repair: Repair, finding: Finding) -> list[Edit]:
        text, tree = self._text(node), self._tree(node)
        syntax = node.syntax
        written, edits = self._filled(change.text, node, repair.call, finding)
        match change:
            case Written() if isinstance(syntax, ast.expr):
                _keeps_what_is_given(syntax, written, tree)
                if change.sizes and isinstance(syntax, ast.Call) and (count(syntax, tree) or 0) > change.sizes:
                    raise Unwritable("it gives a tensor of more axes")
                return [*edits, text.replaced(syntax, _with_axes(written, change, syntax, finding))]
            case First() if isinstance(syntax, ast.expr):
                if node is finding.node:
                    raise Unwritable("another module calls the one that returns it")
                return _must(first(syntax, written, tree, text), "both are read")
            case Second() if isinstance(syntax, ast.expr):
                return _must(pair_in(syntax, written, tree, text), "both are read")
            case Target():
                return _must(target(syntax, written, tree, text), "a name would go that is read")
            case Beside(_, other) if isinstance(other.node, ir.Node):
                return rows(syntax, other.node.syntax, text)
            case Operands() if isinstance(syntax, ast.expr):
                right, more = self._filled(change.right, node, repair.call, finding)
                return [*edits, *more, *operands(syntax, written, right, text)]
            case Given(_, name, _, parameters) if isinstance(syntax, ast.Call):
                edit = argument(syntax, name, written, parameters, text)
                return _must(edit, "arguments are handed on with a star") + edits
            case Wider():
                return self._widened(change, node)
            case Masked(_, call, _) if isinstance(syntax, ast.expr):
                packed = finding.run.packed_at.get(call)
                if not isinstance(packed, ir.Node) or not self._same_file(packed, node):
                    raise Unwritable("the batch is packed elsewhere")
                return [*edits, *masked(syntax, packed.syntax, change.rank, written, tree, text)]
            case Carried(_, loop, pair, cell) if isinstance(syntax, ast.Call) and isinstance(loop.node, ir.Node):
                carries = carried(syntax, loop.node.syntax, pair, cell, tree, text)
                if carries is None:
                    raise Unwritable("the state has no name there")
                return carries
            case Detached(_, loop, pair) if isinstance(syntax, ast.Call) and isinstance(loop.node, ir.Node):
                return _must(detached(syntax, loop.node.syntax, pair, tree, text), "the state has no name there")
            case Instead():
                statement = tree.statement(syntax)
                if not isinstance(statement, ast.Expr) or statement.value is not syntax:
                    raise Unwritable("it is no statement of its own")
                if _sets_an_item(written):
                    raise Unwritable("a tuple's item cannot be set, and of a tensor the numbers would be copied")
                return [*edits, text.replaced(statement, written or "pass")]
        return [*edits, *_within(change, syntax, written, tree, text)]

    def _widened(self, change: Wider, node: ir.Node) -> list[Edit]:
        """The edits by which each layer that takes what is at a place is built for more features."""
        edits: list[Edit] = []
        tree = self._tree(node)
        for call in self._takers.calls(change):
            if isinstance(call, ir.Node) and self._same_file(call, node):
                apart = tree.arms(node.syntax) - tree.arms(call.syntax)
                if apart and tree.scope(call.syntax) is tree.scope(node.syntax):
                    raise Unwritable("another arm may feed the layer")
        for layer in self._takers.built(change):
            if not self._same_file(layer, node) or not isinstance(layer.syntax, ast.Call):
                raise Unwritable("the layer is built elsewhere")
            fed = [one.syntax for one in self._takers.fed_at(layer) if isinstance(one, ir.Node)]
            if fed_elsewhere(layer.syntax, fed, self._tree(layer)):
                raise Unwritable("something else feeds the layer")
            edit = argument(layer.syntax, "in_features", change.text, LINEAR, self._text(layer))
            edits += _must(edit, "arguments are handed on with a star")
        return edits

    def _filled(self, template: str, node: ir.Node, call: Call | None, finding: Finding) -> tuple[str, list[Edit]]:
        """A text with the program's own names in it, and the edits that make names it has not."""
        fields = dict.fromkeys(_FIELD.findall(template))
        syntax, text, tree = node.syntax, self._text(node), self._tree(node)
        names, edits = dict(finding.names), list[Edit]()
        missing = [one for one in fields if one in RESULTS and one not in names]
        if missing:
            place = None if call is None else place_of(call)
            made = place.syntax if isinstance(place, ir.Node) and self._same_file(place, node) else None
            if not isinstance(made, ast.Call) or not isinstance(syntax, ast.expr) or "output" in missing:
                raise Unwritable("the results have no name there")
            found = bound(missing, made, syntax, self._is_pair(call, finding), tree, text, self._given)
            if found is None:
                raise Unwritable("the results cannot be unpacked there")
            names |= found.names
            edits += found.edits
        if "torch" in fields:
            named = torch_name(tree, text)
            if named is None:
                raise Unwritable("torch has no name in this file")
            names["torch"] = named[0]
            edits += named[1]
        if "expr" in fields and isinstance(syntax, (ast.expr, ast.stmt)):
            names["expr"] = text.code(syntax)
        if "receiver" in fields or "arguments" in fields:
            names |= _parts(syntax, tree, text)
        return _FIELD.sub(lambda found: names[found.group(1)], template), edits

    def _is_pair(self, call: Call | None, finding: Finding) -> bool:
        module = None if call is None else finding.run.modules.get(call)
        if module is None:
            raise Unwritable("the module is not known")
        return has_cell_state(module.cell)

    def _same_file(self, one: ir.Node, other: ir.Node) -> bool:
        return self._files.path(one) == self._files.path(other)

    def _text(self, node: ir.Node) -> Text:
        return Text(self._files.of(node).places)

    def _tree(self, node: ir.Node) -> Tree:
        path = self._files.path(node)
        if path not in self._trees:
            body = [one.syntax for one in self._files.of(node).program.body]
            self._trees[path] = Tree([one for one in body if isinstance(one, ast.stmt)])
        return self._trees[path]


def _within(change: Change, syntax: ast.AST, written: str, tree: Tree, text: Text) -> list[Edit]:
    """The edits of a change to what stands in the brackets of a call or a subscript.  Raises Unwritable."""
    match change:
        case Index() if isinstance(syntax, ast.Subscript):
            return [step(change, syntax, text)]
        case Named(_, was, _, parameters) if isinstance(syntax, ast.Call):
            return _must(named(syntax, was, written, parameters, text), "others stand behind it")
        case Called() if isinstance(syntax, ast.Call):
            return _must(zeros(syntax, text), "it is no such function")
        case Bound() if isinstance(syntax, ast.Subscript):
            return [bound_of_slice(change, syntax, text)]
        case Items() if isinstance(syntax, ast.Subscript):
            return [text.edit(*text.outer(syntax.slice), written)]
        case Strided():
            return [strided(syntax, written, text)]
        case Exchanged() if isinstance(syntax, ast.Call):
            return exchanged(change, syntax, tree, text)
        case Sized() if isinstance(syntax, ast.Call):
            return [sized(change, syntax, tree, text)]
        case OtherAxis() if isinstance(syntax, ast.Call):
            return [along_other_axis(syntax, tree, text)]
        case Swapped(_, name, parameters) if isinstance(syntax, ast.Call):
            return _must(swapped(syntax, name, parameters, text), "the pair is not written there")
    raise Unwritable("it is no such expression")


def _parts(syntax: ast.AST, tree: Tree, text: Text) -> dict[str, str]:
    """What the method is called of that a place calls, and with what."""
    if not isinstance(syntax, ast.Call) or not isinstance(syntax.func, ast.Attribute):
        raise Unwritable("it is no method")
    receiver = syntax.func.value
    if isinstance(receiver, ast.Name) and receiver.id in tree.imported:  # torch.squeeze(x): x is what it is done to
        return _of_function(syntax, text)
    if isinstance(receiver, ast.Name) and tree.is_loop_variable(receiver.id, syntax):
        raise Unwritable("the loop gives the name something else")
    given = text.whole[text.inner(syntax.func)[1] : text.inner(syntax)[1]]
    return {"receiver": text.code(receiver), "arguments": given[given.index("(") + 1 : given.rindex(")")]}


def _of_function(syntax: ast.Call, text: Text) -> dict[str, str]:
    if len(syntax.args) != 1 or syntax.keywords or isinstance(syntax.args[0], ast.Starred):
        raise Unwritable("it is not seen what it is done to")
    (first,) = syntax.args
    code = text.code(first)
    # of what is put together by operators a method would be called of the last part
    simple = isinstance(first, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) or code.startswith("(")
    return {"receiver": code if simple else f"({code})", "arguments": ""}


def _sets_an_item(statement: str) -> bool:
    tree = ast.parse(statement or "pass")
    return any(isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store) for one in ast.walk(tree))


def _keeps_what_is_given(syntax: ast.expr, written: str, tree: Tree) -> None:
    """Raises Unwritable where an expression is of what a lambda is given, and a new one is not."""
    given = tree.given(syntax)
    before = {one.id for one in ast.walk(syntax) if isinstance(one, ast.Name)} & given
    if before - set(_NAME.findall(written)):
        raise Unwritable("it would no longer be of what is given there")


def _must(edit: Edit | None, reason: str) -> list[Edit]:
    if edit is None:
        raise Unwritable(reason)
    return [edit]


def _in_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in the order of the text, each once.  Raises Unwritable where two of them overlap."""
    ordered = sorted(set(edits))
    for one, other in pairwise(ordered):
        if (one.path, one.end_line, one.end_column) > (other.path, other.line, other.column):
            raise Unwritable("two changes overlap")
    return tuple(ordered)


_PICKING = ("index", "item", "select")
"""What takes a part of a tensor and gives one tensor: ``iter`` and ``unbind`` give several, one after the other."""


def _with_axes(written: str, change: Written, syntax: ast.expr, finding: Finding) -> str:
    """The new expression with the axes of the old one, where it reads states: (samples, features), or one more.

    Of an index into the whole output it is seen which axes it keeps.  Anything else has the axes that arrive, if
    nothing between has put in or taken away any.
    """
    if change.reads is None:
        return written
    whole = isinstance(syntax, ast.Subscript) and ast.unparse(syntax.value) == finding.names.get("output")
    if whole and change.site.op == "index":
        kept = _kept_axis(change.site.bounds)
        return written if kept is None else f"{written}.unsqueeze({kept})"
    here = [mark.site for mark in change.reads.marks if mark.about is Note.MADE] == [change.site]
    if change.site.op not in _PICKING and not (change.site.op == "cat" and here):
        raise Unwritable("what is written there is no tensor, or several")
    if any(len(bound) > 1 and any(one is not None for one in bound) for bound in change.site.bounds):
        raise Unwritable("a slice keeps its axis, and something behind it takes that away")
    if not _is_canonical(change.reads):
        raise Unwritable("its axes are not known")
    return written


def _kept_axis(bounds: Sequence[Sequence[object]]) -> int | None:
    """The axis of one step that a slice of the output leaves; None where an index takes it away."""
    if any(len(bound) == 1 for bound in bounds):
        return None
    sliced = [axis for axis, bound in enumerate(bounds) if any(one is not None for one in bound)]
    if len(sliced) != 1:
        raise Unwritable("more than the step is cut")
    return sliced[0]


def _is_canonical(block: Block) -> bool:
    """Whether a tensor is (samples, features), or features of a single sequence."""
    samples = () if not isinstance(block.source, Call) or block.source.samples is None else (Role.SAMPLE,)
    axes = [tuple(factor.along for factor in axis) for axis in block.axes]
    return not block.tangles and axes[:-1] == [samples] * len(samples) and bool(axes) and _features(block.axes[-1])


def _features(axis: Sequence[Factor]) -> bool:
    return all(factor.along in (Role.DIRECTION, Role.UNIT) for factor in axis)
