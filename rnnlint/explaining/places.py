"""The other places that a finding rests on, in the order in which states come by them.

Where the module was built, where it was called, where something was picked of what it returned, and what makes that a
mistake; then what the rule itself names, and where the file says what the finding depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnlint.axes.reading.text import result_of
from rnnlint.axes.states import Call, Given, Role
from rnnlint.conditions import fact_said, is_default
from rnnlint.events import Site, Used
from rnnlint.explaining.asides import Aside
from rnnlint.explaining.building import Building, given
from rnnlint.explaining.rests import Rests
from rnnlint.file_words import place as place_of
from rnnlint.source import program as ir
from rnnlint.source.files import Files
from rnnlint.values.domain import Free, Lit
from rnnlint.values.facts import FactKind
from rnnlint.values.origins import StateOfCell
from rnnlint.values.uses import Use

_MOST = 3  # places where something was picked: of more, nobody follows the lines

Declared = Mapping[Free, tuple[Lit, ir.Node]]


def asides(rests: Rests, files: Files, declared: Declared) -> Iterator[Aside]:
    """The places of a finding; several may be of one node."""
    grounds = rests.grounds
    for module, call in rests.modules():
        yield from Building(module, call, rests, files).asides(grounds.settings)
    yield from _cells(rests)
    for call in rests.calls():
        packed = rests.run.packed_at.get(call)
        if isinstance(packed, ir.Node):
            yield Aside(packed, "the batch is packed here")
        node = place_of(call)
        if isinstance(node, ir.Node):
            yield Aside(node, _came(rests, call))
    yield from _picked(rests)
    if grounds.used is not None and isinstance(grounds.used.site.node, ir.Node):
        yield Aside(grounds.used.site.node, _used(grounds.used, files))
    for beside in grounds.places:
        if isinstance(beside.site.node, ir.Node):
            argument = given(beside.site.node, beside.argument) if beside.argument else None
            yield Aside(beside.site.node, beside.message, argument)
    yield from _assumed(rests, declared)
    if rests.heir is not None:
        yield Aside(rests.heir, f"{rests.heir.name} inherits this")


def _cells(rests: Rests) -> Iterator[Aside]:
    """Where the cells were built whose states arrive."""
    keys = [block.source.key for block in rests.blocks() if isinstance(block.source, Given)]
    told = None if rests.grounds.module is None else rests.grounds.module.site
    for key in dict.fromkeys(key for key in keys if isinstance(key, StateOfCell)):
        if isinstance(key.module, ir.Node) and key.module is not told:
            yield Aside(key.module, f"the nn.{key.cell} is built here")


def _came(rests: Rests, call: Call) -> str:
    """What of a call arrives."""
    named = {result_of(block): None for block in rests.blocks() if block.source == call}
    name = rests.grounds.result or " and ".join(named) or "this"
    return f"{name} {'come' if ' and ' in name or name.endswith('s') else 'comes'} from here"


_PICKED = {
    Role.LAYER: ("layer", "some layers"),
    Role.DIRECTION: ("direction", "some directions"),
    Role.SAMPLE: ("sample", "some samples"),
    Role.STEP: ("step", "some steps"),
    Role.UNIT: ("unit", "some features"),
}


def _picked(rests: Rests) -> Iterator[Aside]:
    """Where something was picked of what arrives."""
    found: dict[ir.Node, dict[str, None]] = {}
    for block in rests.blocks():
        for mark in block.marks:
            node = mark.site.node if isinstance(mark.site, Site) else None
            if isinstance(node, ir.Node) and isinstance(mark.about, Role):
                one, some = _PICKED[mark.about]
                found.setdefault(node, {})[f"one {one}" if mark.extent == 1 else some] = None
    for node, names in list(found.items())[:_MOST]:
        yield Aside(
            node, f"{' and '.join(names)} {'are' if len(names) > 1 or 'some' in ''.join(names) else 'is'} picked here"
        )


_CALLED = 40  # characters of what is called: it stands there to be read
_DOES = {
    Use.LAYER: "takes",
    Use.PLACES: "takes",
    Use.LOSS: "takes",
    Use.INPUT: "reads",
    Use.INITIAL_STATE: "starts from",
    Use.HANDED: "is handed",
}
"""What is done by what is called."""
_USES = {
    Use.LOSS: "the loss is made of it here",
    Use.COMPARISON: "it is compared here",
    Use.INPUT: "an RNN reads it here",
    Use.INITIAL_STATE: "an RNN starts from it here",
    Use.RETURN: "it is returned here",
    Use.RESULT: "it is returned here",
    Use.ATTRIBUTE: "it is stored here",
    Use.HANDED: "it is handed on here",
}


def _used(used: Used, files: Files) -> str:
    """What makes of a reading a mistake."""
    node = used.site.node
    if used.how in _DOES and isinstance(node, ir.Call):
        return f"{files.text_of(node.func, _CALLED)} {_DOES[used.how]} it here"
    return _USES.get(used.how, "it is used here")


def _assumed(rests: Rests, declared: Declared) -> Iterator[Aside]:
    """Where the file declares what the finding depends on."""
    for fact in rests.condition:
        default = declared.get(fact.about) if isinstance(fact.about, Free) else None
        if default is None or fact.kind is FactKind.HEIR:
            continue
        value = rests.assumptions[fact]
        literal, node = default
        if is_default(literal.value, fact, value):
            yield Aside(node, f"{fact_said(fact, value, literal)} is the default here")
        else:
            yield Aside(node, f"the default here is {literal.value!r}")
