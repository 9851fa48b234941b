"""How a recurrent module was built: which value a setting has, what that means, and which argument says so."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from rnnlint.axes.states import Call
from rnnlint.cells import has_cell_state
from rnnlint.explaining.asides import Aside
from rnnlint.explaining.rests import Rests
from rnnlint.frozen import dataclass
from rnnlint.rules.grounds import Module, Setting
from rnnlint.rules.words import a_cell
from rnnlint.source import program as ir
from rnnlint.source.files import Files
from rnnlint.source.walking import walk
from rnnlint.torch_api.modules.recurrent import PARAMETERS
from rnnlint.torch_api.signatures import PACKS
from rnnlint.values.domain import Class, Lit, Recurrent

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEXT = 40  # characters of an argument: what is longer is looked up at its place
_DEFAULTS: dict[Setting, object] = {
    Setting.DIRECTIONS: False,
    Setting.LAYOUT: False,
    Setting.LAYERS: 1,
    Setting.PROJECTION: 0,
}
"""Those that may be left out (https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html)."""


@dataclass(frozen=True, slots=True)
class Building:
    """A module, and the text that says how it was built; ``call`` is one of its calls."""

    module: Module
    call: Call | None
    rests: Rests
    files: Files

    def asides(self, settings: Iterable[Setting]) -> Iterator[Aside]:
        """Where it was built, with what its settings mean there."""
        node = self.module.site
        if not isinstance(node, ir.Node):
            return
        said = any(beside.site.node is node for beside in self.rests.grounds.places)
        for setting in settings:
            means = self._means(setting)
            if means:
                said = True
                yield from self._aside(node, setting, means)
        if not said:
            yield Aside(node, f"the nn.{self.module.cell} is built here")

    def _means(self, setting: Setting) -> str:
        """What a setting means to who reads the results; "" where it means nothing."""
        value = self.rests.value(self.module, setting)
        unbatched = self.call is not None and self.call.samples is None
        match setting:
            case Setting.CELL if isinstance(self.module, Recurrent):
                state = "the pair (h_n, c_n)" if has_cell_state(self.module.cell) else "one tensor"
                return f"{a_cell(self.module)}'s state is {state}"
            case Setting.CELL:
                return f"{a_cell(self.module)} returns {'(h, c)' if has_cell_state(self.module.cell) else 'h alone'}"
            case Setting.DIRECTIONS:
                return "" if value is None else "two directions" if value else "one direction"
            case Setting.LAYOUT:
                return (
                    ""
                    if unbatched or value is None
                    else "steps are axis 1"
                    if value
                    else "steps are axis 0, samples axis 1"
                )
            case Setting.LAYERS if isinstance(value, int):
                return f"{_COUNTS[value] if value < len(_COUNTS) else value} layer{'s' if value > 1 else ''}"
            case Setting.UNITS:
                each = " a direction" if isinstance(self.module, Recurrent) and self.module.directions == 2 else ""
                return f"{'H' if value is None else value} unit{'' if value == 1 else 's'}{each}"
            case Setting.PROJECTION if value != 0:
                return f"projected to {'fewer' if value is None else value}"
        return ""

    def _aside(self, node: ir.Node, setting: Setting, means: str) -> Iterator[Aside]:
        """What a setting means, at the argument that says so, or at the whole where none does."""
        if setting is Setting.CELL:
            yield Aside(node, means)
            return
        value, name = self.rests.value(self.module, setting), setting.value
        argument = given(node, name)
        if argument is None:
            default = setting in _DEFAULTS and _DEFAULTS[setting] == value and _is_plain(node, self.module.cell)
            how = "is left at" if default else "is"
            if value is not None:
                yield Aside(node, f"{means}: {name} {how} {value!r}")
            return
        written = self.files.text_of(argument.value, _TEXT)
        here = "" if value is None or written == repr(value) else f", {value!r} here"
        yield Aside(node, f"{means}: {name}={written}{here}", argument)
        yield from self._handed(argument.value)

    def _handed(self, value: ir.Expr) -> Iterator[Aside]:
        """Where the file builds the class that builds the module, if it gives the argument there."""
        if not isinstance(value, ir.Name):
            return
        for site in self.rests.run.sites:
            parameters = _parameters(site.cls.node)
            handed = dict(site.args).get(value.id) if self._is_built_by(site.cls) else None
            if isinstance(handed, Lit) and isinstance(site.place, ir.Node):
                said = f"{value.id}={handed.value!r} is given here"
                yield Aside(site.place, said, _of(site.place, value.id, parameters))
                return

    def _is_built_by(self, cls: Class) -> bool:
        """Whether the module is built in the text of a class."""
        return isinstance(cls.node, ir.ClassDef) and any(one is self.module.site for one in walk(cls.node))


def given(node: ir.Node, name: str) -> ir.Argument | None:
    """The argument of a call by its parameter's name, or by its place where a module is built or a batch packed."""
    called = ir.last_name(node.func) if isinstance(node, ir.Call) else ""
    return _of(node, name, PARAMETERS.get(called, _PACKING.get(called, ())))


_PACKING = {"pack_padded_sequence": PACKS}


def _parameters(node: Hashable) -> tuple[str, ...]:
    """The parameters of a class's own ``__init__``, in order."""
    body = node.body if isinstance(node, ir.ClassDef) else ()
    found = (one for one in body if isinstance(one, ir.FunctionDef) and one.name == "__init__")
    return tuple(param.name for one in found for param in one.params[1:] if not param.kind)


def _of(node: ir.Node, name: str, parameters: tuple[str, ...]) -> ir.Argument | None:
    """The argument of a call by its parameter's name, or by its place among the parameters."""
    if not isinstance(node, ir.Call):
        return None
    for argument in node.args:
        if argument.keyword == name:
            return argument
    place = parameters.index(name) if name in parameters else len(node.args)
    if any(one.keyword or one.star for one in node.args[: place + 1]):
        return None
    return node.args[place] if place < len(node.args) else None


def _is_plain(node: ir.Node, cell: str) -> bool:
    """Whether a call is that of the module itself, and shows every argument."""
    return isinstance(node, ir.Call) and ir.last_name(node.func) == cell and not any(one.star for one in node.args)
