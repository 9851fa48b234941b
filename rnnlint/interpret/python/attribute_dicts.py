"""Dicts whose keys are attributes as well, in which configurations are kept: EasyDict, CfgNode, ConfigDict, DictConfig.

They are dicts here, whose keys may be read as attributes: of any other, Python has no such attribute.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from rnnlint.interpret.python import documents
from rnnlint.interpret.python.classes import lineage
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.values.domain import Builtin, Class, Free, Function, Ref, Value
from rnnlint.values.heap_cells import DictCell

_MAKERS = frozenset(
    {
        "AttrDict", "AttributeDict", "CfgNode", "ConfigDict", "DictConfig", "DotDict", "DotMap", "EasyDict", "Munch",
        "OmegaConf.create", "OmegaConf.to_container", "dotdict", "edict", "munchify",
    }
)  # fmt: skip
"""What makes such a dict, of nothing or of another: by the last word, or the last two of a name that others have."""
_OF_DICTS = frozenset({"Box", "Dict", "Struct"})
"""What makes one of a dict; of anything else, something else."""
_DEEPEST = 8  # dicts in dicts that are copied with them; a convention, and they can hold themselves


def made(run: Run, key: str, args: Arguments, keywords: Keywords) -> Value | None:
    """What a function of another package makes that is called by this dotted name; None for what is no such dict."""
    name = key.rpartition(".")[2]
    if name in _MAKERS or key in _MAKERS or (name in _OF_DICTS and args):
        return _of(run, name, args, keywords)
    return None


def instance(run: Run, cls: Class, args: Arguments, keywords: Keywords) -> Value | None:
    """An instance of a class that is a dict, and says no more than how its keys are read; None for any other."""
    bases = [base for _, info in lineage(run.state.classes, cls) for base in info.bases]
    if not any(base == Builtin("dict") or (isinstance(base, Free) and base.key in _MAKERS) for base in bases):
        return None
    for _, info in lineage(run.state.classes, cls):
        if any(isinstance(one, Function) and not name.startswith("__") for name, one in info.names.items()):
            return None
    return _of(run, getattr(cls.node, "name", "dict"), args, keywords)


def _of(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value | None:
    given = _dict(run, args[0]) if args else DictCell(())
    if given is None or "**" in keywords:
        return None
    pairs: dict[Hashable, Value] = dict(given.items)
    pairs.update(keywords)
    return run.containers.new_cell(DictCell(tuple(pairs.items()), given.open, run.made.frees[name, run.site.node]))


def _dict(run: Run, value: Value) -> DictCell | None:
    cell = run.heap[value.cell] if isinstance(value, Ref) else None
    return cell if isinstance(cell, DictCell) else None


def method(run: Run, receiver: Ref, cell: DictCell, name: str, args: Arguments) -> Value | None:
    """A method that only such dicts have; None for any other."""
    if name in _COPIES:
        return _copied(run, receiver, 0)
    if name in _HARMLESS:
        return NONE
    if name in _MERGES and args:
        given = args[0]
        if name == "merge_from_file":
            given = documents.load(run, given) or given
        _merge(run, receiver, given, 0)
        return NONE
    return None


_COPIES = frozenset({"clone", "copy_and_resolve_references", "deepcopy", "to_dict", "toDict"})
_HARMLESS = frozenset({"defrost", "freeze", "lock", "merge_from_list", "set_new_allowed", "unlock"})
_MERGES = frozenset({"merge_from_file", "merge_from_other_cfg", "merge_update", "merge_with"})


def merged(run: Run, args: Arguments) -> Value | None:
    """``OmegaConf.merge(...)``: of what is known of its arguments; None where that is nothing."""
    known = [one for one in args if _dict(run, one) is not None or run.containers.object(one) is not None]
    if not known:
        return None
    whole = _copied(run, known[0], 0)
    for more in known[1:]:
        _merge(run, whole, more, 0)
    return whole


def _copied(run: Run, value: Value, depth: int) -> Value:
    cell = _dict(run, value)
    if cell is None or depth > _DEEPEST:
        return value
    pairs = tuple((key, _copied(run, inner, depth + 1)) for key, inner in cell.items)
    return run.containers.new_cell(replace(cell, items=pairs))


def _merge(run: Run, into: Value, more: Value, depth: int) -> None:
    """What another dict holds is put into a dict, key by key, and into the dicts in it."""
    cell, other = _dict(run, into), _dict(run, more)
    if cell is None or other is None or not isinstance(into, Ref) or depth > _DEEPEST:
        return
    pairs = dict(cell.items)
    for key, value in other.items:
        if key in pairs and _dict(run, pairs[key]) is not None and _dict(run, value) is not None:
            _merge(run, pairs[key], value, depth + 1)
        else:
            pairs[key] = value
    run.containers.put(into, replace(cell, items=tuple(pairs.items()), open=cell.open or other.open))


def update_attributes(run: Run, args: Arguments, keywords: Keywords) -> dict[str, Value]:
    """What ``self.__dict__.update(...)`` stores, as far as it is known."""
    given = _dict(run, args[0]) if args else None
    pairs = {} if given is None else {key: value for key, value in given.items if isinstance(key, str)}
    return {**pairs, **{name: value for name, value in keywords.items() if name != "**"}}


def item(run: Run, cell: DictCell, name: str) -> Value | None:
    """What such a dict holds under a name, where it is read as an attribute; None for what every dict has."""
    if name in _OF_EVERY_DICT:
        return None
    held = dict(cell.items).get(name)
    if held is None and cell.rest is not None:
        return run.made.frees[f"{cell.rest.key}.{name}", cell.rest.owner]
    return held


_OF_EVERY_DICT = frozenset(dir(dict)) | _COPIES | _HARMLESS | _MERGES
