"""The explorer page's own computing held against rnnlint and torch; lies that are planted in it are noticed.

Here a part of its readings is walked, the same one every time; ``python -m tools.explorer walk`` goes through all.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlint.drawing import svg
from rnnlint.showing import command
from tools.explorer import against_algebra, against_torch, verdicts
from tools.explorer.walking import PAGE, SCRIPTS, Said, walked
from tools.rule_pages import FOLDER

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="node is not installed; the page's scripts run there"
)

MODULES = range(5, 192, 11)
"""Of the 192 modules of the page: with a step of 11 every choice is met with every other one."""


@pytest.fixture(scope="module")
def groups() -> list[list[Said]]:
    """Some five hundred readings."""
    return list(walked(every=17, modules=MODULES))


def test_the_page_says_what_rnnlint_says(groups: list[list[Said]]) -> None:
    assert sum(map(len, groups)) > 500
    assert [said for group in groups for said in against_algebra.differences(group)] == []


def test_the_page_says_what_torch_does(groups: list[list[Said]]) -> None:
    several = [one for group in groups for one in group][::5]
    assert [said for one in several for said in against_torch.differences(one)] == []


def test_what_is_walked_is_of_all_kinds(groups: list[list[Said]]) -> None:
    """Else agreeing about it would not say much."""
    several = [one for group in groups for one in group]
    for name, values in {"cell": 3, "layers": 2, "directions": 2, "batchFirst": 2, "N": 2, "T": 2, "H": 2}.items():
        assert len({one.module[name] for one in several}) == values
    keys = {key.split(".")[0] for one in several for key in one.said["keys"]}
    assert keys >= {"pick", "half", "rest", "rows", "swap", "split", "flat", "mean", "max", "cat"}
    assert len({code for one in several for code, _ in one.said["findings"]}) >= 9
    assert sum(bool(one.said["equals"]) for one in several) > 20
    assert sum(bool(one.said["cut"]) for one in several) > 20
    assert {len(one.shape) for one in several} == {2, 3, 4}


def test_the_command_below_a_reading_says_the_same(groups: list[list[Said]]) -> None:
    parser = argparse.ArgumentParser()
    command.add(parser)
    for one in [one for group in groups for one in group][::60]:
        arguments = shlex.split(one.said["command"])[2:]
        text, _ = command.shown(parser.parse_args([*arguments, "--output-format", "json"]))
        answer = json.loads(text)
        (shown,) = answer["expressions"]
        assert (answer["module"], shown["expression"]) == (one.said["constructor"], one.expression)
        assert sorted(shown["same_states"]) == sorted(one.said["equals"])
        assert [each["code"] for each in shown["findings"]] == [code for code, _ in one.said["findings"]]
        sizes = {name: answer["sizes"][name] for name in ("N", "T", "H")}
        assert sizes == {name: one.module[name] for name in sizes}


LIES = (
    # an element that stands somewhere else, or is another one
    ("labels.js", "direction ? 0 : module.T - 1", "direction ? module.T - 1 : 0"),
    ("labels.js", "start + step * place", "start + place"),
    ("labels.js", "number === one ? list[other]", "number === one ? list[one]"),
    (
        "labels.js",
        "const direction = row % directions;",
        "const direction = Math.floor(row / module.layers) % directions;",
    ),
    ("labels.js", "Math.floor(feature / H)", "1 - Math.floor(feature / H) % directions"),
    ("labels.js", "place < held.shape[axis]; place", "place < held.shape[axis] - 1; place"),
    ("menu.js", "[row(-2), row(-1)], -1,", "[row(-1), row(-2)], -1,"),
    # a tick
    ("labels.js", "step <= last", "step < last"),
    ("labels.js", "one.layer > 0", "one.layer > 1"),
    # what is written is not what is done
    ("menu.js", 'add("rest.0", 0, "1:"', 'add("rest.0", 0, ":-1"'),
    ("menu.js", '"H:", module.H, 2', '":H", module.H, 2'),
    ("menu.js", "[module.N, total / module.N]", "[total / module.N, module.N]"),
    ("menu.js", "? place - size : place", "? place - size + 1 : place"),
    # what is said of it
    ("meaning.js", 'position ? "backward"', 'position ? "forward"'),
    ("meaning.js", "stride > 0 ? FORWARD : BACKWARD", "stride > 0 ? BACKWARD : FORWARD"),
    ("meaning.js", "end + stride >= whole", "end + stride > whole"),
    ("meaning.js", "roles.includes(role)).length > 1", "roles.includes(role)).length > 2"),
    ("meaning.js", "if (differs) begins.push(place);", "if (differs && axis) begins.push(place);"),
    (
        "meaning.js",
        "labels.same(other.tensor, reading.tensor)",
        "other.tensor.shape.join() === reading.tensor.shape.join()",
    ),
    ("meaning.js", "module.layers - 1}`", "0}`"),
    ("saying.js", "sequence[number]]", "sequence[number + 1]]"),
    ("saying.js", 'GRU: "a GRU"', 'GRU: "an GRU"'),
    ("saying.js", 'options.push("--bidirectional")', 'options.push("")'),
    ("link.js", "[reading.name, ...reading.steps", "[reading.name, ...reading.steps.slice(0, 2)"),
)


@pytest.mark.parametrize(("script", "true", "lie"), LIES)
def test_planted_lies_are_noticed(script: str, true: str, lie: str, tmp_path: Path) -> None:
    for name in SCRIPTS:
        shutil.copy(PAGE / f"{name}.js", tmp_path)
    text = (tmp_path / script).read_text(encoding="utf-8")
    assert text.count(true) >= 1
    (tmp_path / script).write_text(text.replace(true, lie), encoding="utf-8")
    try:
        told = next(_lies(tmp_path), "")
    except RuntimeError:
        told = "it does not run"
    assert told


def _lies(page: Path) -> Iterator[str]:
    # of some thousand readings a hundred, in which each of the lies shows
    for group in walked(every=31, modules=(0, 40, 48, 99), page=page):
        yield from against_algebra.differences(group)


def test_the_table_is_written_by_its_command() -> None:
    """Of one module: its part of the table says the same as the one that is checked in."""
    found = verdicts.table(modules=(17,))
    text = verdicts.FILE.read_text(encoding="utf-8")
    kept = json.loads("{" + text[text.index("verdicts: {") + len("verdicts: {") : text.rindex("} };")] + "}")
    assert verdicts.written(kept) == text
    for key in found["of"]:
        assert list(verdicts.unpacked(found, key)) == list(verdicts.unpacked(kept, key))
    assert len(kept["of"]) == 192 * 2 + 64
    assert all((FOLDER / f"{page}.md").is_file() for page in kept["pages"].values())


def test_colours_are_those_of_the_other_drawings() -> None:
    sheet = (PAGE / "explorer.css").read_text(encoding="utf-8")
    schemes = [
        dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    ]
    for scheme, colours in enumerate(schemes[:2]):
        wanted = {f"s{number}": pair[scheme] for number, pair in enumerate(svg.FILLS[:3])}
        wanted |= {
            "ink": svg.INK[scheme],
            "soft": svg.SOFT[scheme],
            "ground": svg.GROUND[scheme],
            "plain": svg.PLAIN_FILL[scheme],
        }
        assert {name: colours[name] for name in wanted} == wanted


def test_nothing_outside_is_named_and_no_text_becomes_html() -> None:
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), path
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text), path
