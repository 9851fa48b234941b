"""The drawing of a finding on a page: what is read and what is wanted, as SVG, each with its words."""

from __future__ import annotations

from rnnlint.diagnostics import Diagnostic
from rnnlint.output.html_text import text

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
    said = f'<p class="soft">{ticks}{_made_up(held.sizes, held.lengths)}</p>'
    return f'<div class="drawn">{"".join(figures)}</div>{said}'


def _made_up(sizes: tuple[tuple[str, int], ...], lengths: tuple[int, ...]) -> str:
    """What is drawn small: it stands for whatever the program has."""
    said = [f"{name} is drawn as {size}" for name, size in sizes]
    if lengths:
        said.append(f"lengths as {', '.join(map(str, lengths))}")
    return f"Not known from the text: {text(', '.join(said))}." if said else ""
