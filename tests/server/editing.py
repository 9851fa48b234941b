"""What an editor does with code actions: asks for those of a place, and makes their edits in its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tests.server.client import Client, Json


def actions(
    client: Client, uri: str, line: int, only: list[str] | None = None, trigger: int | None = None
) -> list[Json]:
    """The code actions of a line."""
    place = {"line": line, "character": 0}
    context: Json = {"diagnostics": []}
    context |= {} if only is None else {"only": only}
    context |= {} if trigger is None else {"triggerKind": trigger}
    asked = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": context}
    return client.request("textDocument/codeAction", asked) or []


def made(texts: Mapping[str, str], edit: Json, encoding: str = "utf-16-le") -> dict[str, str]:
    """The texts of documents after an edit; ``encoding`` is what columns are counted in."""
    if "documentChanges" in edit:
        every = {one["textDocument"]["uri"]: one["edits"] for one in edit["documentChanges"]}
    else:
        every = edit["changes"]
    assert set(every) <= set(texts)
    return {uri: _made(text, every.get(uri, []), encoding) for uri, text in texts.items()}


def _made(text: str, edits: Sequence[Json], encoding: str) -> str:
    width = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def offset(place: Json) -> int:
        line = lines[place["line"]].encode(encoding)
        assert place["character"] * width <= len(line)
        return starts[place["line"]] + len(line[: place["character"] * width].decode(encoding))

    stretches = [(offset(one["range"]["start"]), offset(one["range"]["end"]), one["newText"]) for one in edits]
    ordered = sorted(stretches, key=lambda one: one[:2])
    for (_, end, _), (start, _, _) in pairwise(ordered):
        assert end <= start, "edits overlap"
    for start, end, new in reversed(ordered):
        text = text[:start] + new + text[end:]
    return text
