"""Files of data as programs: JSON and YAML as the dicts, lists and constants that stand in them.

They are read, never run: of YAML no more than what ``yaml.safe_load`` knows, and that only where PyYAML is installed.
"""

from __future__ import annotations

import ast
import contextlib
import json
import warnings
from typing import Any

from rnnlint.source import program as ir
from rnnlint.source.lower import lower
from rnnlint.source.parse import NotAnalysed, Parsed
from rnnlint.source.positions import Places

_MOST = 2_000
"""Values of a file, each counted as often as it stands there (YAML has aliases).  A convention."""


class _Refused(Exception):
    """Why a text is not read, in a few words."""


def read_document(text: str, path: str) -> Parsed | NotAnalysed:
    """The values of a file of data, each with its place; ``path`` tells by its ending what it is.  Never raises."""
    try:
        tree = _counted((_json if path.endswith(".json") else _yaml)(text))
        module = ast.Module([ast.Expr(tree, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)], [])
        body = lower(module).body
    except _Refused as why:
        return NotAnalysed(str(why))
    except (RecursionError, MemoryError):
        return NotAnalysed("it is nested too deeply")
    except ValueError as error:  # of json, and of Python's parser
        return NotAnalysed(f"it is no {'JSON' if path.endswith('.json') else 'YAML'}: {error}".partition("\n")[0])
    return Parsed(ir.Program(body, (), key=path), Places(text), module)


def content(parsed: Parsed) -> ir.Expr:
    """What stands in a file of data."""
    (only,) = parsed.program.body
    assert isinstance(only, ir.Evaluate)
    return only.value


def _counted(tree: ast.expr) -> ast.expr:
    left = _MOST
    for node in ast.walk(tree):
        left -= isinstance(node, ast.expr)
        left += len(node.keys) if isinstance(node, ast.Dict) else 0  # which are expressions as well
        if left < 0:
            raise _Refused(f"it holds more than {_MOST:,} values")
    return tree


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json(text: str) -> ast.expr:
    """JSON is nearly an expression of Python's, whose parser knows places; what the values are, JSON's own says."""
    value = json.loads(text, object_pairs_hook=_Pairs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of "\/", which Python spells otherwise
        try:
            tree = ast.parse(f"(\n{text}\n)", mode="eval").body
        except SyntaxError as error:
            raise ValueError(str(error)) from error
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.lineno -= 1
            node.end_lineno = (node.end_lineno or 1) - 1
    return _with_values(tree, value)


class _Pairs(list[tuple[str, Any]]):
    """A dict of JSON's, in which a key may stand twice."""


def _with_values(node: ast.expr, value: Any) -> ast.expr:
    match node, value:
        case ast.Dict(keys=keys, values=values), _Pairs():
            pairs = list(zip(keys, values, value, strict=True))
            new_keys = [_constant(key, name) for key, _, (name, _) in pairs if key is not None]
            return _at(node, ast.Dict(list(new_keys), [_with_values(inner, item) for _, inner, (_, item) in pairs]))
        case ast.List(elts=items), list():
            return _at(
                node, ast.List([_with_values(one, item) for one, item in zip(items, value, strict=True)], ast.Load())
            )
    return _constant(node, value)


def _constant(node: ast.expr, value: Any) -> ast.expr:
    return _at(node, ast.Constant(value))


def _at(node: ast.expr, new: ast.expr) -> ast.expr:
    return ast.copy_location(new, node)


# --- YAML ------------------------------------------------------------------------------------------------------------


def _yaml(text: str) -> ast.expr:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise _Refused("PyYAML is not installed") from None
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            return _Yaml(yaml, loader, text).tree(node) if node is not None else _nothing()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1})"
        raise _Refused(f"it is no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}{where}") from None


def _nothing() -> ast.expr:
    return ast.Dict([], [], lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)


_TAGS = "tag:yaml.org,2002:"


class _Yaml:
    """The nodes of a document, as PyYAML has put them together, on their way."""

    def __init__(self, yaml: Any, loader: Any, text: str) -> None:
        self._yaml = yaml
        self._loader = loader
        self._lines = text.split("\n")
        self._left = _MOST

    def tree(self, node: Any) -> ast.expr:
        self._left -= 1
        if self._left < 0:
            raise _Refused(f"it holds more than {_MOST:,} values")
        if isinstance(node, self._yaml.MappingNode) and node.tag == _TAGS + "map":
            self._loader.flatten_mapping(node)  # what ``<<`` merges
            pairs = [(self.tree(key), self.tree(value)) for key, value in node.value]
            return self._at(node, ast.Dict([key for key, _ in pairs], [value for _, value in pairs]))
        if isinstance(node, self._yaml.SequenceNode) and node.tag == _TAGS + "seq":
            return self._at(node, ast.List([self.tree(one) for one in node.value], ast.Load()))
        value: Any = ...
        if isinstance(node, self._yaml.ScalarNode):
            # of a tag that is none of YAML's own nobody knows what is made of it; and of a dict or a list which says
            # that it is something else
            with contextlib.suppress(self._yaml.YAMLError, ValueError):
                value = self._loader.construct_object(node)
        plain = value is None or isinstance(value, (str, int, float, bool))
        return self._at(node, ast.Constant(value if plain else ...))

    def _at(self, node: Any, new: ast.expr) -> ast.expr:
        """Places of PyYAML are counted from 0, in characters; those of Python's tree in bytes."""
        start, end = node.start_mark, node.end_mark
        if end.line >= len(self._lines):
            raise _Refused("its lines end as Python's do not")
        new.lineno, new.col_offset = start.line + 1, self._bytes(start)
        new.end_lineno, new.end_col_offset = end.line + 1, self._bytes(end)
        return new

    def _bytes(self, mark: Any) -> int:
        line = self._lines[mark.line]
        return len(line[: mark.column].encode(errors="surrogatepass"))
