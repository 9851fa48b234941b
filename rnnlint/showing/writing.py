"""Answers as text for a terminal, as SVG, as an HTML page, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from rnnlint.drawing import svg, terminal
from rnnlint.drawing.as_json import as_json
from rnnlint.drawing.grid import Varying
from rnnlint.drawing.picture import Picture
from rnnlint.drawing.strips import Strip
from rnnlint.drawing.terminal import Ink
from rnnlint.frozen import dataclass
from rnnlint.showing.answer import Answer, Compared, advice
from rnnlint.showing.question import Question

FORM = 1
"""Of the JSON; it grows where something is said otherwise, not where something is added."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is said: one answer for each expression, of two whether they are equal, and what a run has shown."""

    question: Question
    answers: tuple[Answer, ...]
    compared: Compared | None = None
    run: tuple[str, ...] = ()


def text(shown: Shown, ink: Ink) -> str:
    """For a terminal."""
    lines: list[str] = []
    pictures = [one.picture for one in shown.answers if one.picture is not None]
    varying = Varying.of(pictures)
    for one in shown.answers:
        lines += [heading(one), *([_of_module(shown.question, one.picture)] if one.picture else [])]
        if one.picture is not None:
            lines += ["", *terminal.drawn(one.picture, ink, varying, legend=False), ""]
        lines += [*sentences(one), ""]
    if pictures and any(picture.cells for picture in pictures):
        lines += [*terminal.legend_of(pictures, ink), ""]
    lines += [*verdict(shown), *closing(shown)]
    return "\n".join(lines)


def heading(one: Answer) -> str:
    """What it is, in one line."""
    return f"{one.expression} is {one.picture.says if one.picture else one.said}"


def _of_module(question: Question, picture: Picture) -> str:
    sizes = ", ".join(f"{name}={size}" for name, size in question.names.items() if name not in ("L", "D"))
    lengths = f", lengths {', '.join(map(str, question.lengths[:8]))}" if question.packed else ""
    return f"shape {picture.shape} of {question.module} with {sizes}{lengths}"


def sentences(one: Answer) -> list[str]:
    """What is said of an expression besides what it is."""
    found = _read(one.picture) if one.picture is not None else []
    if one.mixes and one.picture is not None:
        found.append("numbers of x go into it as well; they are not drawn")
    if one.equals:
        found.append(f"the same states: {', '.join(one.equals)}")
    found += [f"where a layer gets it: {finding.code} {finding.message}" for finding in one.findings]
    return found


def _read(picture: Picture) -> list[str]:
    """How much of the sequence each direction has read."""
    strips: dict[str, list[Strip]] = {}
    for cell in picture.cells:
        for part in cell.parts:
            if part.strip is not None and part.strip.certain:
                call = picture.call(part)
                way = "backward" if part.direction else "forward"
                name = "input" if call is None else way if call.directions > 1 else "all units"
                strips.setdefault(name, []).append(part.strip)
    return [f"{name}: {_counted(several)}" for name, several in strips.items()]


def _counted(strips: Sequence[Strip]) -> str:
    counts = sorted({strip.count() for strip in strips})
    total = strips[0].steps
    many = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    if counts == [total]:
        said = f"read {'all ' if total > 1 else ''}{total} step{'' if total == 1 else 's'}"
    else:
        said = f"read {many} of {total} steps"
    return said + (", the others only through the layers below" if any(strip.below for strip in strips) else "")


def verdict(shown: Shown) -> list[str]:
    """Of two expressions, whether they are equal."""
    if shown.compared is None:
        return []
    first, second = (one.expression for one in shown.answers)
    words = {True: "are equal", False: "are not equal", None: "could not be compared"}
    return [f"{first} and {second} {words[shown.compared.equal]}", *(f"  {why}" for why in shown.compared.why)]


def closing(shown: Shown) -> list[str]:
    """What to write for the summary everybody wants, and what torch has shown."""
    wanted = advice(shown.question)
    asking = [] if shown.run or not any(one.unknown for one in shown.answers) else ["what torch does with it: --run"]
    return [*asking, f"the last layer's final state of every sample: {wanted}", *shown.run]


def as_svg(shown: Shown) -> str:
    """The pictures, one document; the second expression's below the first's.  "" where there is none."""
    pictures = [(one.expression, one.picture) for one in shown.answers if one.picture is not None]
    varying = Varying.of([picture for _, picture in pictures])
    return svg.below([svg.svg(picture, title, varying) for title, picture in pictures])


def as_html(shown: Shown) -> str:
    """One page of its own: nothing outside of it is asked for."""
    body: list[str] = []
    for one in shown.answers:
        body.append(f"<h1>{escape(one.expression)}</h1><p>{escape(heading(one))}</p>")
        if one.picture is not None:
            body.append(f"<p>{escape(_of_module(shown.question, one.picture))}</p>")
            body.append(f'<div class="drawing">{svg.svg(one.picture, one.expression)}</div>')
        body.append(_list(sentences(one)))
    body.append(_list([*verdict(shown), *closing(shown)]))
    title = " and ".join(one.expression for one in shown.answers)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><title>{escape(title)}</title><style>{_PAGE}</style></head>\n'
        f"<body><main>{''.join(body)}</main></body></html>"
    )


_PAGE = (
    f"body{{font:16px/1.5 system-ui,sans-serif;color:{svg.INK[0]};background:{svg.GROUND[0]};margin:0}}"
    "main{max-width:70rem;margin:auto;padding:1rem}h1{font:bold 1.3rem ui-monospace,monospace}"
    ".drawing{overflow-x:auto}"
    f"@media(prefers-color-scheme:dark){{body{{color:{svg.INK[1]};background:{svg.GROUND[1]}}}}}"
)


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line.strip())}</li>' for line in lines)}</ul>" if lines else ""


def as_json_text(shown: Shown) -> str:
    """Everything, for programs."""
    compared = shown.compared
    found: dict[str, Any] = {
        "form": FORM,
        "module": shown.question.module,
        "sizes": shown.question.names,
        "lengths": list(shown.question.lengths),
        "expressions": [_answer(one) for one in shown.answers],
        "compared": compared
        and {"equal": compared.equal, "why": list(compared.why), "different_cells": list(compared.differ)},
        "final_state": advice(shown.question),
        "run": list(shown.run),
    }
    return json.dumps(found, indent=2, ensure_ascii=False)


def _answer(one: Answer) -> dict[str, Any]:
    return {
        "expression": one.expression,
        "says": one.picture.says if one.picture else one.said,
        "picture": as_json(one.picture) if one.picture else None,
        "same_states": list(one.equals),
        "findings": [{"code": found.code, "message": found.message} for found in one.findings],
    }
