"""Where the imports of a project's files lead, and what they read, as far as that is a file of the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import field
from posixpath import basename, dirname, normpath

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source.data_names import templates


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a file of data; or why that is not known."""

    path: str
    content: ir.Expr | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """What its values are called by."""
        return basename(self.path).partition(".")[0]


@dataclass(frozen=True, slots=True)
class Documents:
    """The files of data that the files of a program may read, by their paths.

    ``paths`` are those of the program's files, by their keys.
    """

    found: Mapping[str, Document] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def at(self, folder: str, path: str) -> Document | None:
        """The file of a path that begins in a folder; what stands there in its place where there is none."""
        whole = normpath(f"{folder}/{path}")
        found = self.found.get(whole)
        instead = iter(()) if found is not None else (self.found[one] for one in templates(whole) if one in self.found)
        return found or next(instead, None)

    def named(self, path: str) -> Document | None:
        """The file of a path of which nobody knows where it begins.

        It is looked for in the folders of the program's files and those above: the current folder of a run is mostly
        one of these.  None where that may be several.
        """
        there = {document.path: document for folder in self._folders() if (document := self.at(folder, path))}
        # of several one in the other, the inner: whoever has one of his own means that
        inner = max(there, key=len, default="")
        outer = dirname(inner).removesuffix(dirname(normpath(f"/{path}")))
        return there[inner] if all(inner == one or outer.startswith(dirname(one)) for one in there) and there else None

    def chosen_of(self, endings: tuple[str, ...], mentioned: Set[str]) -> list[Document]:
        """The files that settings may stand in which a program asks for by these names, each of them at its top."""
        tables = (one for one in self.found.values() if one.path.endswith(endings))
        return [one for one in tables if isinstance(one.content, ir.DictDisplay) and _asked(one.content, mentioned)]

    def _folders(self) -> Iterator[str]:
        seen: set[str] = set()
        for path in self.paths.values():
            folder = dirname(path)
            while folder not in seen:
                seen.add(folder)
                yield folder
                folder = dirname(folder)


def _asked(table: ir.DictDisplay, mentioned: Set[str]) -> bool:
    """Whether a program mentions half of the names in a table, or more."""
    keys = [key.value for key, _ in table.items if isinstance(key, ir.Constant)]
    return 2 * sum(key in mentioned for key in keys) >= len(keys)


NO_DOCUMENTS = Documents()


@dataclass(frozen=True, slots=True)
class Links:
    """``targets`` has, for an import, the key of what each of its names leads to, None for what is no project's.

    Of ``from module import ...`` that is one key, that of the module.  A key is the path of a file without its ending,
    or of a folder; ``keys`` are all there are.  ``documents`` are the files of data.
    """

    targets: Mapping[ir.Node, tuple[str | None, ...]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    documents: Documents = NO_DOCUMENTS

    def target(self, node: ir.Node, number: int = 0) -> str | None:
        """The key of the module that an import leads to by its name of this number."""
        found = self.targets.get(node)
        return None if found is None else found[number]

    def inside(self, key: str, name: str) -> str | None:
        """The key of a module in a package."""
        inner = f"{key}/{name}" if key else name
        return inner if inner in self.keys else None


NO_LINKS = Links()
