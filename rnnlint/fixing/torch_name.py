"""What a file calls torch, and the import that gives it a name where it has none."""

from __future__ import annotations

import ast

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree

Named = tuple[str, tuple[Edit, ...]]


def torch_name(tree: Tree, text: Text) -> Named | None:
    """The name of torch at the top level of a file, with the edit that imports it where nothing does.

    None where the name ``torch`` is something else there.
    """
    imports = [one for one in tree.body if isinstance(one, (ast.Import, ast.ImportFrom))]
    for statement in imports:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name == "torch":
                    return alias.asname or "torch", ()
                if alias.asname is None and alias.name.startswith("torch."):
                    return "torch", ()
    first = next((one for one in imports if not _future(one)), None)
    if first is None or "torch" in tree.names(None):
        return None
    line = text.line_before(first, "import torch")
    return None if line is None else ("torch", (line,))


def _future(statement: ast.Import | ast.ImportFrom) -> bool:
    # it has to stay the first (https://docs.python.org/3/reference/simple_stmts.html#future-statements)
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
