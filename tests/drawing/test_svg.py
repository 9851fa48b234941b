"""The SVG of a picture: what is read back from it is the picture; it is well-formed, readable, and asks for nothing."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from rnnlint.axes.results import output_of
from rnnlint.axes.states import Call
from rnnlint.drawing import svg
from rnnlint.drawing.grid import runs_words
from rnnlint.drawing.picture import Picture, picture
from rnnlint.drawing.positions import Run
from tests.drawing.readings import first_readings

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
_NAME = "{http://www.w3.org/2000/svg}"


def read_back(text: str) -> dict[str, Any]:
    """What the data attributes of a document say: cells by their place, parts with the ticks that are drawn."""
    cells = {}
    for cell in ElementTree.fromstring(text).iter(f"{_NAME}g"):
        if "data-cell" not in cell.attrib:
            continue
        parts = []
        for part in cell.iter(f"{_NAME}g"):
            if "data-kind" in part.attrib:
                rects = [one.attrib for one in part.iter(f"{_NAME}rect")]
                ticks = [(int(one["data-step"]), one["data-read"]) for one in rects if "data-step" in one]
                assert rects[0]["class"] == part.attrib["data-hue"]
                names = ("call", "kind", "direction", "layers", "samples", "steps", "units", "hue")
                parts.append({name: part.attrib[f"data-{name}"] for name in names} | {"ticks": ticks})
        cells[cell.attrib["data-place"]] = parts
    return cells


def expected(drawn: dict[str, Any]) -> dict[str, Any]:
    """The same of the JSON."""
    return {
        ",".join(f"{start}:{stop}" for start, stop in cell["place"]): [_part(part, drawn) for part in cell["parts"]]
        for cell in drawn["cells"]
    }


def _part(part: dict[str, Any], drawn: dict[str, Any]) -> dict[str, Any]:
    strip = part["strip"]
    ticks = []
    for step in range(strip["steps"]):
        names = [name for name in ("own", "below") if any(a <= step < b for a, b in strip[name])]
        ticks.append((step, names[0] if names else "no"))
    ((first, count, _), *more) = part["samples"]
    alone = count == 1 and not more and drawn["sources"][part["call"]]["samples"] is not None
    sets = {
        name: runs_words(tuple(Run(*run) for run in part[name])) for name in ("layers", "samples", "steps", "units")
    }
    return {
        "call": str(part["call"]),
        "kind": part["kind"],
        "direction": str(part["direction"]),
        "hue": f"s{first % svg.HUES}" if alone else "none",
        "ticks": ticks,
        **sets,
    }


def test_what_is_drawn_is_the_picture() -> None:
    for one in first_readings(120):
        assert read_back(svg.svg(picture(one.end.states))) == expected(json.loads(one.text))


def test_a_shifted_tick_is_noticed() -> None:
    (one, *_) = (one for one in first_readings(120) if 'data-read="own"' in svg.svg(picture(one.end.states)))
    text = svg.svg(picture(one.end.states)).replace('data-read="own"', 'data-read="no"', 1)
    assert read_back(text) != expected(json.loads(one.text))


def _small() -> Picture:
    return picture(output_of(Call("call", 2, 2, 3, 5, 4, 4), True))


def test_whatever_a_program_is_called_is_text() -> None:
    text = svg.svg(_small(), '</title><script>alert("x")</script>&')
    ElementTree.fromstring(text)
    assert "<script" not in text


def test_nothing_outside_is_asked_for() -> None:
    text = svg.svg(_small())
    assert re.findall(r"https?://[^\"' <]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"(href|url\(|@import)", text)


def test_every_cell_is_said_in_words() -> None:
    root = ElementTree.fromstring(svg.svg(_small(), "output"))
    assert root.attrib["aria-label"].startswith("output: (sample, step, direction*unit[fwd|bwd]) of output")
    titles = [cell.find(f"{_NAME}title") for cell in root.iter(f"{_NAME}g") if "data-cell" in cell.attrib]
    assert titles[1] is not None
    assert titles[0] is not None
    assert titles[0].text == (
        "hidden state, layer 1, forward, sample 0, has read 1 of 5 steps (0), through the layers below 1:5"
    )


def test_a_sample_is_more_than_its_hue() -> None:
    root = ElementTree.fromstring(svg.svg(_small()))
    for part in root.iter(f"{_NAME}g"):
        if "data-samples" in part.attrib:
            text = part.find(f"{_NAME}text")
            assert text is not None
            assert (text.text or "").startswith(f"n{part.attrib['data-samples']} ")


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
def test_everything_written_can_be_read(scheme: int) -> None:
    """WCAG 2 asks for 4.5 between text and ground, and for 3 between what is no text: ticks and what they lie on."""
    for ink, grounds in ((svg.INK, (*svg.FILLS, svg.PLAIN_FILL, svg.GROUND)), (svg.SOFT, (svg.GROUND, svg.PLAIN_FILL))):
        for ground in grounds:
            light, dark = sorted((_luminance(ink[scheme]), _luminance(ground[scheme])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
