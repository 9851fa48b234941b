"""What a finding rests on: its grounds, and the runs in which it holds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from rnnlint.axes.states import Blended, Block, Call, Joined, blocks
from rnnlint.conditions import Condition
from rnnlint.frozen import dataclass
from rnnlint.holding import Case
from rnnlint.interpret.outcomes import Outcome
from rnnlint.rules.grounds import Grounds, Module, Read, Setting
from rnnlint.rules.words import LARGEST_WRITTEN
from rnnlint.source import program as ir
from rnnlint.values.domain import Lit, Recurrent
from rnnlint.values.facts import Fact
from rnnlint.values.walk import blocks_in

_MOST = 2  # modules and calls that are named: of more, nobody follows the lines


@dataclass(frozen=True, slots=True)
class Rests:
    """What a finding rests on, and the run in which it holds.

    ``heir`` is the class that inherits the method.  ``alike`` are the cases of other runs in which it holds, which
    differ from this one in nothing but what the file leaves open.
    """

    grounds: Grounds
    run: Outcome
    condition: Condition
    assumptions: Mapping[Fact, object]
    heir: ir.ClassDef | None = None
    alike: tuple[Case[Outcome], ...] = ()

    def value(self, module: Module, setting: Setting) -> object:
        """What a setting of a module is; None where the file leaves it open, or the module has no such."""
        value = value_of(module, setting)
        for case in self.alike:
            named = case.hit.grounds.module
            there: list[Module] = [*case.run.modules.values(), *(() if named is None else (named,))]
            others = [value_of(one, setting) for one in there if one.site is module.site]
            if others and value not in others:
                return None
        return value

    def blocks(self) -> Sequence[Block]:
        """What arrives, block by block."""
        return blocks_of(self.grounds.read)

    def calls(self) -> list[Call]:
        """The calls that returned it."""
        found = [block.source for block in self.blocks() if isinstance(block.source, Call)]
        if self.grounds.call is not None:
            found.append(self.grounds.call)
        return list(dict.fromkeys(found))[:_MOST]

    def modules(self) -> list[tuple[Module, Call | None]]:
        """The modules that are concerned, each with one of its calls."""
        found: dict[Hashable, tuple[Module, Call | None]] = {}
        if self.grounds.module is not None:
            found[self.grounds.module.site] = (self.grounds.module, None)
        for call in self.calls():
            module = self.run.modules.get(call)
            if module is not None:
                found.setdefault(module.site, (module, call))
        return list(found.values())[:_MOST]


def blocks_of(read: Read) -> list[Block]:
    """The blocks of what arrives."""
    if isinstance(read, str):
        return []
    if isinstance(read, tuple):
        return [block for states in read for block in blocks(states)]
    return list(blocks(read) if isinstance(read, (Block, Joined, Blended)) else blocks_in(read))


def value_of(module: Module, setting: Setting) -> object:
    """What a setting of a module is in a run; None for a size that is open, or where the module has no such."""
    if setting is Setting.CELL:
        return module.cell
    if setting is Setting.UNITS:
        return _known(module.hidden)
    if not isinstance(module, Recurrent):
        return None
    match setting:
        case Setting.DIRECTIONS:
            return module.directions == 2
        case Setting.LAYOUT:
            return module.batch_first
        case Setting.LAYERS:
            return _known(module.layers)
    return 0 if module.projection is None else _known(module.projection)


def _known(number: Lit) -> object:
    # what is larger stands for a size that the file leaves open
    return number.value if isinstance(number.value, int) and number.value <= LARGEST_WRITTEN else None
