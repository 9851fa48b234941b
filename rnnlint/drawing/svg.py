"""A picture as SVG: every cell a box in the hue of its sample, with its number, its tags and its strip of ticks.

What is drawn can be read back: a cell carries the elements that it stands for, a part its states, a tick its step and
whether it was read, as data attributes; a title says the same in words.  Colours are classes of a style sheet inside,
which follows the reader's light or dark scheme; nothing outside of the document is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from rnnlint.drawing.grid import (
    Varying,
    grid,
    has_below,
    left_out,
    read_words,
    runs_words,
    sample_tag,
    spoken,
    steps_of,
    tags,
    ticks,
)
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.strips import Strip
from rnnlint.frozen import dataclass

HUES = 8
"""Samples that have a hue of their own; the ninth has that of the first again, and its number beside it."""

# fill in light and in dark; the text on them has at least the contrast 4.5 (tests/drawing/test_svg.py)
FILLS = (
    ("#b3ddf7", "#1d4e6b"),
    ("#f5d58d", "#6b4e12"),
    ("#8fd6c2", "#1b5a49"),
    ("#e9b9dc", "#6a2f5b"),
    ("#d3cbf2", "#463a7d"),
    ("#e3e08c", "#57550f"),
    ("#f4bda6", "#74361b"),
    ("#c7d9a7", "#40571d"),
)
INK = ("#1b1f24", "#f0f3f6")
SOFT = ("#57606a", "#a9b1ba")
GROUND = ("#ffffff", "#0d1117")
PLAIN_FILL = ("#eaeef2", "#21262d")

_TICK, _BETWEEN, _HIGH = 7, 2, 13
_PAD, _LINE, _APART, _ELIDED = 8, 15, 6, 18
_LETTER, _HEAD = 6.7, 8.2  # pixels that a letter of the monospace is wide: of 11 pixels, and of 13 in bold


def style(scope: str = "svg.rnnlint", dark: str = "(prefers-color-scheme:dark)") -> str:
    """The style sheet of all pictures; ``scope`` is what they stand in, ``dark`` when they are dark."""

    def rules(scheme: int) -> str:
        fills = "".join(f"{scope} .s{number}{{fill:{pair[scheme]}}}" for number, pair in enumerate(FILLS))
        return (
            f"{scope} .ground{{fill:{GROUND[scheme]}}}{scope} text{{fill:{INK[scheme]}}}"
            f"{scope} .soft{{fill:{SOFT[scheme]}}}{scope} .none{{fill:{PLAIN_FILL[scheme]}}}{fills}"
            f"{scope} .tick{{stroke:{INK[scheme]};stroke-width:1}}{scope} .own{{fill:{INK[scheme]}}}"
            f"{scope} .no,{scope} .unknown{{fill:{GROUND[scheme]}}}{scope} .below{{fill:{GROUND[scheme]}}}"
            f"{scope} .half{{fill:{INK[scheme]}}}"
        )

    fonts = f"{scope} text{{font:11px ui-monospace,Consolas,Menlo,'DejaVu Sans Mono',monospace}}"
    bold = f"{scope} .head{{font-weight:bold;font-size:13px}}"
    return f"{fonts}{bold}{rules(0)}@media{dark}{{{rules(1)}}}"


def svg(picture: Picture, title: str = "", varying: Varying | None = None, styled: bool = True) -> str:
    """One document.  ``title`` is what is drawn, as the program writes it."""
    return _Page(picture, title or picture.says, varying or Varying.of((picture,))).document(styled)


def bare(picture: Picture, title: str, varying: Varying) -> str:
    """The cells alone, for a page that has the style sheet, and says beside them what is drawn and what ticks mean."""
    return _Page(picture, title, varying, bare=True).document(styled=False)


def legend(pictures: Sequence[Picture]) -> list[str]:
    """What the ticks mean, in one line; none where there are none."""
    steps = max(map(steps_of, pictures), default=0)
    if not steps:
        return []
    foot = ", filled at the foot: only through the layers below" if any(map(has_below, pictures)) else ""
    return [f"filled: read{foot}, empty: not read, of {steps} step{'' if steps == 1 else 's'}; n0 is sample 0"]


def below(documents: Sequence[str]) -> str:
    """Several documents as one, each below the one before it."""
    if len(documents) < 2:
        return "".join(documents)
    sizes = [tuple(map(float, _SIZE.findall(one)[0])) for one in documents]
    width, y = max(wide for wide, _ in sizes), 0.0
    body = []
    for one, (_, high) in zip(documents, sizes, strict=True):
        body.append(one.strip().replace("<svg ", f'<svg y="{y:g}" ', 1))
        y += high
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {y:g}" width="{width:g}" height="{y:g}">'
        f"{''.join(body)}</svg>\n"
    )


_SIZE = re.compile(r' width="([0-9.]+)" height="([0-9.]+)" data-shape')


@dataclass(frozen=True, slots=True)
class _Box:
    width: float
    height: float


class _Page:
    def __init__(self, picture: Picture, title: str, varying: Varying, *, bare: bool = False) -> None:
        self.picture, self.title, self.varying, self.bare = picture, title, varying, bare

    def document(self, styled: bool) -> str:
        """The SVG."""
        self.out: list[str] = []
        y, lines = 0.0, [] if self.bare else self._under()
        if not self.bare:
            y = 20.0
            self._text(12, y, self.title, "head")
        for line in lines:
            y += _LINE
            self._text(12, y, line)
        right, y = self._table(y + _LINE + (0 if self.bare else 10)) if self.picture.cells else (0.0, y)
        y += 8
        foot = [*left_out(self.picture.axes), *([] if self.bare else self._legend())]
        for line in foot:
            y += _LINE
            self._text(12, y, line)
        title = 0 if self.bare else _wide(self.title, _HEAD)
        wide = max([right, 24 + title, *(24 + _wide(line) for line in (*lines, *foot))])
        return self._framed(wide + 12, y + 14, styled)

    def _text(self, x: float, y: float, text: str, kind: str = "soft", anchor: str = "") -> None:
        where = f' text-anchor="{anchor}"' if anchor else ""
        self.out.append(f'<text class="{kind}" x="{x:g}" y="{y:g}"{where}>{escape(text)}</text>')

    def _table(self, y: float) -> tuple[float, float]:
        """The rows and columns from ``y`` downwards; where they end on the right and below."""
        page = grid(self.picture)
        boxes = [[self._box(cell) for cell in row.cells] for row in page.rows]
        widths = [
            max(_wide(column), *(row[number].width for row in boxes)) for number, column in enumerate(page.columns)
        ]
        labels = [
            ", ".join(f"{name} {at}" for name, at in zip(page.down, row.labels, strict=True)) for row in page.rows
        ]
        left = 24 + max(map(_wide, [page.right, *labels]))
        starts, right = [], left
        for number, width in enumerate(widths):
            right += _ELIDED if number == page.gap else 0
            starts.append(right)
            right += width + _APART
        self._text(left - 8, y, page.right, anchor="end")
        for column, start, width in zip(page.columns, starts, widths, strict=True):
            self._text(start + width / 2, y, column, anchor="middle")
        y += 7
        for row, label, box in zip(page.rows, labels, boxes, strict=True):
            if row.after_gap:
                self._text(left, y + 10, "...")
                y += _ELIDED
            height = max(one.height for one in box)
            self._text(left - 8, y + height / 2 + 4, label, anchor="end")
            for cell, start, width in zip(row.cells, starts, widths, strict=True):
                self.out += self._cell(cell, start, y, width, height)
            y += height + _APART
        return right, y

    def _framed(self, width: float, height: float, styled: bool) -> str:
        sheet = f"<style>{style()}</style>" if styled else ""
        shape = "x".join(map(str, self.picture.shape))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rnnlint" role="img" viewBox="0 0 {width:g} {height:g}"'
            f' width="{width:g}" height="{height:g}" data-shape="{shape}"'
            f' aria-label="{escape(self.alternative(), quote=True)}">'
            f"<title>{escape(self.alternative())}</title>{sheet}"
            f'<rect class="ground" width="{width:g}" height="{height:g}"/>{"".join(self.out)}</svg>\n'
        )

    def alternative(self) -> str:
        """The picture in words."""
        said = f"{self.title}: {self.picture.says}" if self.title != self.picture.says else self.title
        strips = dict.fromkeys(
            f"{'backward' if part.direction else 'forward'} {read_words(part.strip)}"
            for cell in self.picture.cells
            for part in cell.parts
            if part.strip is not None
        )
        return f"{said}. {'; '.join(list(strips)[:4])}{'; ...' if len(strips) > 4 else ''}"

    def _under(self) -> list[str]:
        return [self.picture.says] if self.title != self.picture.says else []

    def _legend(self) -> list[str]:
        return legend((self.picture,))

    def _box(self, cell: Cell) -> _Box:
        widths = [max(_wide(self._tags(part)), _strip_width(part.strip)) for part in cell.parts]
        if cell.note:
            widths.append(_wide(cell.note))
        heights = [_LINE + (_HIGH + 6 if part.strip else 4) for part in cell.parts] + ([_LINE] if cell.note else [])
        return _Box(max(widths, default=0) + 2 * _PAD, sum(heights) + _PAD)

    def _tags(self, part: Part) -> str:
        words = [sample_tag(part, self.picture), *tags(part, self.picture, self.varying, unicode=True)]
        return " ".join(filter(None, words)) or "not of the RNN"

    def _cell(self, cell: Cell, x: float, y: float, width: float, height: float) -> list[str]:
        place = ",".join(f"{start}:{stop}" for start, stop in cell.place)
        words = "; ".join([spoken(part, self.picture) for part in cell.parts] + ([cell.note] if cell.note else []))
        out = [f'<g data-cell="{",".join(map(str, cell.index))}" data-place="{place}"><title>{escape(words)}</title>']
        if not cell.parts:
            out.append(f'<rect class="none" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/>')
        inner = y + 4
        each = height / max(1, len(cell.parts))
        for number, part in enumerate(cell.parts):
            hue = self._hue(part)
            out.append(
                f'<g {self._data(part)}><rect class="{hue}" x="{x:g}" y="{y + number * each:g}" width="{width:g}"'
                f' height="{each:g}" rx="3"/>'
                f'<text x="{x + _PAD:g}" y="{inner + 11:g}">{escape(self._tags(part))}</text>'
            )
            inner += _LINE
            if part.strip is not None:
                out += self._strip(part.strip, x + _PAD, inner + 2)
                inner += _HIGH + 6
            else:
                inner += 4
            out.append("</g>")
        if cell.note:
            out.append(f'<text class="soft" x="{x + _PAD:g}" y="{inner + 11:g}">{escape(cell.note)}</text>')
        return [*out, "</g>"]

    def _hue(self, part: Part) -> str:
        """The class of a part's box: the hue of its sample, where it has one alone."""
        alone = len(part.samples) == 1 and part.samples[0].count == 1 and not part.reordered
        return f"s{part.samples[0].start % HUES}" if alone and sample_tag(part, self.picture) else "none"

    def _data(self, part: Part) -> str:
        steps = part.steps if isinstance(part.steps, str) else runs_words(part.steps)
        pairs = {
            "call": str(part.call),
            "kind": part.kind,
            "direction": str(part.direction),
            "layers": runs_words(part.layers),
            "samples": runs_words(part.samples),
            "steps": steps,
            "units": runs_words(part.units),
            "hue": self._hue(part),
        }
        return " ".join(f'data-{name}="{escape(value, quote=True)}"' for name, value in pairs.items())

    def _strip(self, strip: Strip, x: float, y: float) -> list[str]:
        out = []
        for tick in ticks(strip):
            if tick is None:
                out.append(f'<text class="soft" x="{x:g}" y="{y + 10:g}">..</text>')
                x += 2 * _LETTER
                continue
            step, read = tick
            out.append(
                f'<rect class="tick {read}" data-step="{step}" data-read="{read}" x="{x:g}" y="{y:g}"'
                f' width="{_TICK}" height="{_HIGH}" rx="1"/>'
            )
            if read == "below":
                # a tick filled at its foot: told apart by its form, not by a shade
                half = _HIGH / 3
                out.append(f'<rect class="half" x="{x:g}" y="{y + _HIGH - half:g}" width="{_TICK}" height="{half:g}"/>')
            x += _TICK + _BETWEEN
        return out


def _strip_width(strip: Strip | None) -> float:
    if strip is None:
        return 0
    return sum(2 * _LETTER if tick is None else _TICK + _BETWEEN for tick in ticks(strip))


def _wide(text: str, letter: float = _LETTER) -> float:
    return letter * len(text)
