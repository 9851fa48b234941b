"""What a program reads from files of data: their values are the defaults of its settings, as those of options are.

Nobody knows which file a run will be given; the one that stands in the project is what its program declares.  Where an
option says which, and leads to none by default, that is what those have in common which hold what the program asks for.
Of a file whose path is not known otherwise nothing is said.  None of this is asked where there are no such files.
"""

from __future__ import annotations

from posixpath import dirname

from rnnlint.frozen import dataclass
from rnnlint.interpret.python import document_values
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.source.links import Document
from rnnlint.values.domain import Free, Lit, Value
from rnnlint.values.forms import Arithmetic


@dataclass(frozen=True, slots=True)
class PathTo:
    """Owner of a value that is the path of a file: ``folder`` is where it begins, None where nobody knows."""

    folder: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Owner of a value that is an open file of data, or its text; ``path`` is empty where an option says which."""

    path: str


def own_path(run: Run, frame: Frame) -> Value | None:
    """``__file__``."""
    documents = run.known.text.links.documents
    key = run.state.file_of(frame) if documents else None
    path = None if key is None else documents.paths.get(key)
    return None if path is None else Free("__file__", PathTo(dirname(path), path.rpartition("/")[2]))


def attribute(value: Free, name: str) -> Value | None:
    """``path.parent``; None for what is no path."""
    return _parent(value.owner) if isinstance(value.owner, PathTo) and name == "parent" else None


def builtin(run: Run, name: str, args: Arguments) -> Value | None:
    """``open(path)`` and ``str(path)``, where that is a file of data; None where it is not."""
    if not args or not run.known.text.links.documents:
        return None
    if name == "open":
        return _opened(run, args[0])
    return args[0] if name == "str" and isinstance(args[0], Free) and isinstance(args[0].owner, PathTo) else None


def _opened(run: Run, path: Value) -> Value | None:
    found = _document(run, path)
    if found is None:
        return Free("open()", Opened("")) if _is_option(path) else None
    return Free("open()", Opened(found.path))


def _is_option(path: Value) -> bool:
    """Whether a path is what an option of the program says."""
    match path:
        case Free(owner=ir.Call(), form=None):
            return True
        case Lit(str(), origins):
            return any(isinstance(one, Free) and isinstance(one.owner, ir.Call) for one in origins)
    return False


def formatted(run: Run, values: list[Value]) -> Value | None:
    """An f-string that ends as the path of a file of data, from wherever it leads."""
    last = values[-1] if values and run.known.text.links.documents else None
    if not isinstance(last, Lit) or not isinstance(last.value, str) or "/" not in last.value:
        return None
    before, _, name = last.value.partition("/")
    return Free("path", PathTo(None, name)) if not before else None


def called(run: Run, key: str, receiver: Free | None, args: Arguments, keywords: Keywords) -> Value | None:
    """What a function of another package returns, or a method of what is not known: ``key`` is its dotted name.

    None for what has nothing to do with files of data.
    """
    if not run.known.text.links.documents:
        return None
    name = key.rpartition(".")[2]
    if receiver is not None:
        of_path = _method(run, receiver, name, args)
        if of_path is not None:
            return of_path
    first = args[0] if args else next((keywords[one] for one in _STREAMS if one in keywords), None)
    if first is None:
        return None
    if name in _LOADERS or key in _LOADERS:
        return load(run, first) or _one_of_several(run, key, first)
    return _path(name, args)


_STREAMS = ("stream", "fp", "f", "s", "file")
_LOADERS = frozenset({"load", "safe_load", "full_load", "unsafe_load", "round_trip_load", "loads"})
"""Of json, yaml, ruamel.yaml, OmegaConf and their like: they are told by what they are given."""


def _method(run: Run, receiver: Free, name: str, args: Arguments) -> Value | None:
    """A method of a path, or of an open file."""
    match receiver.owner:
        case Opened() if name in ("read", "__enter__"):
            return receiver
        case PathTo():
            if name in ("open", "read_text", "read_bytes"):
                return _opened(run, receiver)
            if name in _SAME:
                return receiver
            if name == "joinpath":
                return _joined((receiver, *args))
    return None


_SAME = frozenset({"resolve", "absolute", "expanduser", "as_posix", "__str__"})
_SAME_PATH = frozenset({"abspath", "realpath", "normpath", "expanduser", "fspath", "to_absolute_path"})


def _path(name: str, args: Arguments) -> Value | None:
    """A function that makes a path of one, or of several."""
    if name in ("join", "Path", "PurePath"):
        return _joined(args) if args and _as_path(args[-1]) is not None else None
    known = _as_path(args[0]) if name in _SAME_PATH or name == "dirname" else None
    if known is None:
        return None
    return _parent(known) if name == "dirname" else Free("path", known)


def _parent(path: PathTo) -> Value:
    if path.path:
        return Free("path", PathTo(path.folder, dirname(path.path)))
    return Free("path", PathTo(None if path.folder is None else dirname(path.folder), ""))


def _joined(args: Arguments) -> Value | None:
    found: PathTo | None = None
    for one in args:
        more = _as_path(one)
        if more is None:
            found = PathTo(None, "")  # from wherever that leads
        else:
            found = more if found is None or more.folder is not None else _below(found, more.path)
    return None if found is None else Free("path", found)


def _below(path: PathTo, more: str) -> PathTo:
    return PathTo(path.folder, f"{path.path}/{more}" if path.path else more.lstrip("/"))


def _as_path(value: Value) -> PathTo | None:
    """The path that a value is, as far as it is known; None for what nobody knows anything of."""
    match value:
        case Lit(str() as path):
            return PathTo(None, path)
        case Free(owner=PathTo() as path):
            return path
        case Free(form=Arithmetic("/" | "+", left, right)):
            first, more = _as_path(left), _as_path(right)
            if more is None or more.folder is not None:
                return more
            return _below(PathTo(None, "") if first is None else first, more.path)
    return None


def _document(run: Run, value: Value) -> Document | None:
    """The file of data that a value is the path of, or that it is once it is opened; None for none that is known."""
    documents = run.known.text.links.documents
    if isinstance(value, Free) and isinstance(value.owner, Opened):
        return documents.found.get(value.owner.path)
    path = _as_path(value)
    if path is None:
        return None
    found = documents.named(path.path) if path.folder is None else documents.at(path.folder, path.path)
    if found is not None and found.content is None:
        run.losses.note(f"{found.path.rpartition('/')[2]}: {found.reason}")
    return found if found is not None and found.content is not None else None


def _one_of_several(run: Run, key: str, value: Value) -> Value | None:
    """What stands in a file that an option names, as far as those agree that it may be; None where there is none."""
    endings = _ENDINGS.get(key.partition(".")[0])
    opened = isinstance(value, Free) and value.owner == Opened("")
    if endings is None or not (opened or _is_option(value)):
        return None
    found = run.known.text.links.documents.chosen_of(endings, run.known.text.mentioned)
    return document_values.agreed(run, found) if found else None


_ENDINGS = dict.fromkeys(("json", "simplejson", "ujson", "commentjson"), (".json",)) | dict.fromkeys(
    ("yaml", "ruamel", "omegaconf", "OmegaConf", "hyperpyyaml"), (".yaml", ".yml")
)
"""How files end that a package reads, by its name."""


def load(run: Run, value: Value) -> Value | None:
    """What stands in a file of data, by its path or open; None for none that is known."""
    document = _document(run, value) if run.known.text.links.documents else None
    return None if document is None else document_values.value_of(run, document)
