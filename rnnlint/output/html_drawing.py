"""The drawing of a finding on a page: what is read and what is wanted, as SVG, each with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlint.diagnostics import Diagnostic
from rnnlint.output.html_text import text

if TYPE_CHECKING:
    from rnnlint.drawing.carried import Drawing

_TITLES = {"read": "Read", "wanted": "Wanted"}


def drawing(one: Diagnostic) -> str:
    """The figures of a finding; "" where it has no drawing."""
    if not one.drawing:
        return ""
    from rnnlint.drawing import svg  # pictures are drawn of what was found
    from rnnlint.drawing.carried import carried
    from rnnlint.drawing.grid import Varying

    held = carried(one.drawing)
    pictures = held.pictures()
    varying = Varying.of([picture for _, picture in pictures])
    figures = []
    for word, picture in pictures:
        title = _TITLES[word]
        drawn = svg.bare(picture, title, varying).strip()
        figures.append(
            f"<figure><figcaption><b>{title}</b> {text(picture.says)}</figcaption>"
            f'<div class="scrolls" tabindex="0" role="group" aria-label="{title}, drawn">{drawn}</div></figure>'
        )
    ticks = "".join(f"Ticks are steps, {text(line)}. " for line in svg.legend([picture for _, picture in pictures]))
    return f'<div class="drawn">{"".join(figures)}</div><p class="soft">{ticks}{_sizes(held)}</p>'


def _sizes(held: Drawing) -> str:
    """In which sizes it is drawn, where these are not those that the program writes down."""
    said = [f"{name} is drawn as {size}" for name, size in held.sizes]
    if held.lengths:
        made_up = " (made up)" if held.made_up else ""
        said.append(f"the samples have {', '.join(map(str, held.lengths))} steps{made_up}")
    words = "; ".join(said)
    return text(f"{words[0].upper() if not held.sizes else words[0]}{words[1:]}.") if words else ""
