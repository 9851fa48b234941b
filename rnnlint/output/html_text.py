"""Text as HTML: escaped, whatever is in it; and the little Markdown that the pages of the rules are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

from rnnlint.output.visible import visible

_PIECES = re.compile(r"`([^`]+)`|\[([^\]]*)\]\(([^)]*)\)")
_ITEM = "- "


def text(words: str) -> str:
    """Words for a page, in an element or an attribute: nothing in them is markup, or moves what stands around it."""
    return escape(visible(words), quote=True)


def path_text(path: str) -> str:
    """A path as :func:`text`, which is broken behind its slashes where a line has no room for it."""
    return text(path).replace("/", "/<wbr>")


def inline(words: str) -> str:
    """Words with code between backticks; of a link its words, since what it leads to lies beside another page."""
    out, end = [], 0
    for found in _PIECES.finditer(words):
        out.append(text(words[end : found.start()]))
        out.append(f"<code>{text(found[1])}</code>" if found[1] else text(found[2]))
        end = found.end()
    return "".join([*out, text(words[end:])])


def blocks(markdown: str) -> str:
    """Paragraphs, lists and programs."""
    return "".join(_blocks(markdown.splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            stop = next(n for n in range(number + 1, len(lines)) if lines[n].startswith("```"))
            yield program(lines[number + 1 : stop])
        elif line.startswith(_ITEM):
            stop = _until(lines, number, lambda one: not one.startswith((_ITEM, "  ")))
            items = _items(lines[number:stop])
            yield f"<ul>{''.join(f'<li>{inline(one)}</li>' for one in items)}</ul>"
            stop -= 1
        elif line.strip():
            stop = _until(lines, number, lambda one: not one.strip() or one.startswith((_ITEM, "```")))
            yield f"<p>{inline(' '.join(lines[number:stop]))}</p>"
            stop -= 1
        else:
            stop = number
        number = stop + 1


def program(lines: Sequence[str]) -> str:
    """Lines of code; a wide one is scrolled to, also with the keyboard."""
    said = "\n".join(map(text, lines))
    return f'<pre tabindex="0"><code>{said}\n</code></pre>'


def _until(lines: Sequence[str], start: int, ends: Callable[[str], bool]) -> int:
    return next((n for n in range(start + 1, len(lines)) if ends(lines[n])), len(lines))


def _items(lines: Sequence[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if line.startswith(_ITEM):
            items.append(line[len(_ITEM) :])
        else:
            items[-1] += f" {line.strip()}"
    return items
