"""What functions of other packages give that are told by their dotted names: readers of files, makers of settings."""

from __future__ import annotations

from rnnlint.interpret.python import attribute_dicts, document_values, documents, entry_points, objects
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.values.domain import Chain, Class, Free, Lit, Value


def called(run: Run, key: str, receiver: Free | None, args: Arguments, keywords: Keywords) -> Value | None:
    """What is returned by the function of this name, or this method of a ``receiver``; None for what nobody knows."""
    entry_points.flag(run, key, receiver, args)
    found = documents.called(run, key, receiver, args, keywords)
    if found is None:
        found = attribute_dicts.made(run, key, args, keywords)
    if found is not None:
        return found
    match key:
        case "compose" | "hydra.compose":
            return _composed(run, keywords.get("config_name"))
        case "OmegaConf.merge":
            return attribute_dicts.merged(run, args)
        case "OmegaConf.structured" if args:
            return objects.instantiate(run, args[0], (), {}) if isinstance(args[0], Class) else args[0]
    return _in_turn(run, args) if key.rpartition(".")[2] == "Compose" else None


def _in_turn(run: Run, args: Arguments) -> Value | None:
    """``transforms.Compose([...])``: each is called with what the one before has made."""
    items = run.containers.elements(args[0]) if len(args) == 1 else None
    return Chain(items) if items else None


def _composed(run: Run, name: Value | None) -> Value | None:
    """What hydra makes of the file of a name: where that is has been said elsewhere."""
    document = entry_points.somewhere(run, str(name.value)) if isinstance(name, Lit) else None
    return None if document is None else document_values.composed(run, run.known.text.links.documents, document)
