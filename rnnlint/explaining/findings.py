"""From a hit that is reported to what its reader gets besides the message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rnnlint.axes.reading.text import text
from rnnlint.axes.states import Blended, Block, Joined
from rnnlint.conditions import fact_pair
from rnnlint.explaining.asides import Aside
from rnnlint.explaining.places import asides
from rnnlint.explaining.rests import Rests
from rnnlint.file_words import Calls, FileWords, open_size
from rnnlint.findings import Finding, Related
from rnnlint.interpret.outcomes import Explored
from rnnlint.interpret.python.classes import lineage
from rnnlint.interpret.state.known import CallSite
from rnnlint.rules.grounds import Read
from rnnlint.source import program as ir
from rnnlint.source.files import Files
from rnnlint.source.known_again import normalised, qualified
from rnnlint.source.positions import Span
from rnnlint.values.shown import shown

_COMPOUND = (ir.ClassDef, ir.FunctionDef, ir.For, ir.While, ir.With, ir.If, ir.Try, ir.Match)
"""Of these a reader is shown the line they begin with, not all that is in them."""


class Explaining:
    """What the findings of files that were run together rest on, in their words."""

    def __init__(self, files: Files, explored: Explored) -> None:
        self._files, self._explored = files, explored
        self._words = FileWords(Calls(files), explored.sizes, (), {})

    def identified(self, finding: Finding, node: ir.Node) -> Finding:
        """The finding with what it is known by again, once the lines above it have changed."""
        body = (statement.syntax for statement in self._files.of(node).program.body)
        return replace(finding, expression=normalised(node.syntax), qualified=qualified(body, finding.line))

    def explained(self, finding: Finding, node: ir.Node, rests: Rests) -> Finding:
        """The finding with what it rests on."""
        return replace(
            finding,
            related=tuple(self._related(finding, node, rests)),
            facts=tuple(dict.fromkeys(_facts(rests))),
            read=self._said(rests.grounds.read),
            wanted=self._said(rests.grounds.wanted),
        )

    def drawn(self, finding: Finding, rests: Rests) -> Finding:
        """The finding with what arrives and was wanted drawn, where that shows what is wrong."""
        from rnnlint.explaining.drawings import drawn  # a file without findings needs no pictures

        sizes = self._explored.sizes
        return replace(finding, drawing=drawn(finding.code, rests.grounds, sizes, self._words, open_size))

    def _said(self, what: Read) -> str:
        """What arrives, or was wanted, in words."""
        if isinstance(what, str):
            return what
        if isinstance(what, tuple):
            return " and ".join(dict.fromkeys(self._said(one) for one in what))
        return text(what, self._words) if isinstance(what, (Block, Joined, Blended)) else shown(what, self._words)

    def _related(self, finding: Finding, node: ir.Node, rests: Rests) -> Iterator[Related]:
        """The other places, each once, in the order in which they were named; none is that of the finding itself."""
        here = self._files.path(node)
        own = here, Span(finding.line, finding.column, finding.end_line, finding.end_column)
        places: dict[tuple[str, Span], dict[str, None]] = {}
        for aside in (*asides(rests, self._files, self._explored.declared), *self._built(node, rests)):
            where = self._files.path(aside.node), self._span(aside)
            places.setdefault(where, {})[aside.message] = None
        for (path, span), messages in places.items():
            if (path, span) != own:
                said, other = ", ".join(messages), "" if path == here else path
                yield Related(span.line, span.column, span.end_line, span.end_column, said, other)

    def _built(self, node: ir.Node, rests: Rests) -> Iterator[Aside]:
        """Where another file builds the class that the finding is in, or the one that builds the module."""
        about = [node, *(module.site for module, _ in rests.modules() if isinstance(module.site, ir.Node))]
        for site in rests.run.sites:
            place = self._elsewhere(site, node)
            if place is None:
                continue
            classes = [cls.node for cls, _ in lineage(self._explored.base.classes, site.cls)]
            if any(self._is_in(one, cls) for cls in classes if isinstance(cls, ir.ClassDef) for one in about):
                assert isinstance(site.cls.node, ir.ClassDef)
                yield Aside(place, f"{site.cls.node.name} is built here")

    def _elsewhere(self, site: CallSite, node: ir.Node) -> ir.Node | None:
        """Where another file builds a class: by a call of its own, or of what a third one builds it with."""
        here = self._files.path(node)
        places = [one for one in (site.place, *reversed(site.through)) if isinstance(one, ir.Node)]
        others = [one for one in places if self._files.path(one) != here]
        built = self._files.path(places[0]) if places else here
        return next((one for one in others if self._files.path(one) != built), others[0] if others else None)

    def _is_in(self, node: ir.Node, cls: ir.ClassDef) -> bool:
        own = self._files.span(cls)
        return self._files.path(node) == self._files.path(cls) and own.line <= self._files.line(node) <= own.end_line

    def _span(self, aside: Aside) -> Span:
        """Where an aside stands."""
        if aside.argument is not None:
            return self._files.span_of_argument(aside.argument)
        if isinstance(aside.node, _COMPOUND):
            return self._files.head(aside.node)
        return self._files.span(aside.node)


def _facts(rests: Rests) -> Iterable[tuple[str, str]]:
    """What a finding depends on: settings of the module, in torch's names, and what is assumed, in the program's."""
    for module, _ in rests.modules()[:1]:
        for setting in rests.grounds.settings:
            value = rests.value(module, setting)
            if value is not None:
                yield setting.value, str(value)
    yield from rests.grounds.facts
    for fact in rests.condition:
        yield fact_pair(fact, rests.assumptions[fact])
