"""Where the imports of a project's files lead, as far as that is a file of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir


@dataclass(frozen=True, slots=True)
class Links:
    """``targets`` has, for an import, the key of what each of its names leads to, None for what is no project's.

    Of ``from module import ...`` that is one key, that of the module.  A key is the path of a file without its ending,
    or of a folder; ``keys`` are all there are.
    """

    targets: Mapping[ir.Node, tuple[str | None, ...]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    def target(self, node: ir.Node, number: int = 0) -> str | None:
        """The key of the module that an import leads to by its name of this number."""
        found = self.targets.get(node)
        return None if found is None else found[number]

    def inside(self, key: str, name: str) -> str | None:
        """The key of a module in a package."""
        inner = f"{key}/{name}" if key else name
        return inner if inner in self.keys else None


NO_LINKS = Links()
