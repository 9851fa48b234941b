"""``sarif`` is what the standard says, and its addresses lead to the files.

``sarif-2.1.0-rtm.5.json`` is the schema of the standard as ``npm pack @microsoft/jest-sarif@1.0.0-beta.0`` brings it
(``lib/schemas``; MIT, Copyright (c) Microsoft Corporation).  The one that OASIS has published since differs in saying
that words are strings, and that a region begins somewhere.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema
import pytest
from hypothesis import given, settings

from rnnlint.diagnostics import Checked, Diagnostic, Edit, Fix, Place, Refused
from rnnlint.findings import Applicability
from rnnlint.output.addresses import page_of, version
from rnnlint.output.catalogue import Format, rendered
from rnnlint.rules import registry
from tests.output.samples import CHECKED, NOTEBOOK, NOTHING, TAGGER, checks, place

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
VALID = jsonschema.Draft4Validator(SCHEMA)


def log(checked: Checked) -> dict[str, Any]:
    """What is written, of the schema."""
    said = json.loads(rendered(Format.SARIF, checked))
    assert [error.message for error in VALID.iter_errors(said)] == []
    assert isinstance(said, dict)
    return said


def run(checked: Checked) -> dict[str, Any]:
    (only,) = log(checked)["runs"]
    assert isinstance(only, dict)
    return only


def result(one: Diagnostic) -> dict[str, Any]:
    (only,) = run(Checked((one,)))["results"]
    assert isinstance(only, dict)
    return only


def test_a_wrong_log_would_not_pass() -> None:
    said = log(CHECKED)
    said["runs"][0]["results"][0]["level"] = "fatal"
    assert list(VALID.iter_errors(said))


@given(checks)
@settings(max_examples=30)
def test_every_log_is_of_the_schema(checked: Checked) -> None:
    log(checked)


def test_a_finding_and_what_it_rests_on() -> None:
    said = result(TAGGER)
    assert (said["ruleId"], said["level"], said["message"]) == ("RNN102", "error", {"text": TAGGER.message})
    (where,) = said["locations"]
    assert where == {
        "logicalLocations": [{"fullyQualifiedName": "Tagger.forward"}],
        "physicalLocation": {
            "artifactLocation": {"uri": "models/tagger.py", "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": 7,
                "startColumn": 26,
                "endLine": 7,
                "endColumn": 39,
                "snippet": {"text": "output[:, -1]"},
            },
        },
    }
    related = said["relatedLocations"]
    assert [one["id"] for one in related] == [1, 2, 3]
    assert [one["message"]["text"] for one in related] == [one.message for one in TAGGER.related]
    assert related[0]["physicalLocation"]["region"]["snippet"] == {"text": "bidirectional=True"}
    assert said["properties"]["read"] == TAGGER.read


def test_a_notebook_has_its_cell_and_a_line_that_there_is() -> None:
    said = result(NOTEBOOK)
    (where,) = said["locations"]
    assert where["physicalLocation"]["region"] == {"startLine": 118}
    assert where["logicalLocations"] == [{"fullyQualifiedName": "cell 3"}]
    assert where["properties"] == {"cell": 3, "line": 7, "column": 26}
    assert said["message"]["text"].startswith("cell 3:7:26: ")
    assert said["relatedLocations"][0]["message"]["text"].startswith("cell 2:3:55: ")
    assert said["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 1}  # which is not known


FIX = Fix(
    "unpack and use torch.cat((h_n[-2], h_n[-1]), -1)",
    Applicability.UNSAFE,
    (
        Edit(place("output, _", "_"), "h_n"),
        Edit(place("return", "output[:, -1]"), "torch.cat((h_n[-2], h_n[-1]), -1)"),
    ),
    "numbers change",
)


def test_a_fix_is_what_viewers_can_apply() -> None:
    (fix,) = result(dataclasses.replace(TAGGER, fixes=(FIX,)))["fixes"]
    assert fix["description"] == {"text": "unpack and use torch.cat((h_n[-2], h_n[-1]), -1) (unsafe)"}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "models/tagger.py"
    first, second = change["replacements"]
    assert first["deletedRegion"]["startColumn"] == 17
    assert first["insertedContent"] == {"text": "h_n"}
    assert second["insertedContent"] == {"text": "torch.cat((h_n[-2], h_n[-1]), -1)"}


def test_a_notebook_has_no_fix_there() -> None:
    assert "fixes" not in result(dataclasses.replace(NOTEBOOK, fixes=(FIX,)))


def test_the_rules_that_spoke_with_their_pages() -> None:
    driver = run(CHECKED)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("rnnlint", version())
    assert [rule["id"] for rule in driver["rules"]] == ["RNN102", "RNN900"]
    rule = driver["rules"][0]
    assert rule["name"] == "last-step-of-bidirectional"
    assert rule["helpUri"] == page_of("RNN102", "last-step-of-bidirectional")
    assert rule["shortDescription"]["text"].endswith(".")
    assert "\n" not in rule["shortDescription"]["text"]
    assert "## Instead\n\n```python\n" in rule["help"]["markdown"]
    for one in run(CHECKED)["results"]:
        assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_every_rule_can_be_described() -> None:
    place = Place("a.py", 0, 1, 0, 1, 1)
    every = tuple(Diagnostic(place, rule.code, rule.name, "x") for rule in registry().values())
    rules = run(Checked(every))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(registry())
    assert all(8 < len(rule["shortDescription"]["text"]) < 400 for rule in rules)
    assert all(re.match(r"https://\S+/rules/RNN\d+-[\w-]+\.md$", rule["helpUri"]) for rule in rules)


def test_pages_are_where_the_links_lead() -> None:
    pages = Path(__file__).resolve().parents[2] / "docs" / "rules"
    for rule in registry().values():
        address = page_of(rule.code, rule.name)
        assert address is not None
        assert (pages / address.rpartition("/")[2]).is_file()


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a.py", "a.py"),
        ("a b/50%.py", "a%20b/50%25.py"),
        ("größe/漢.py", "gr%C3%B6%C3%9Fe/%E6%BC%A2.py"),
        ("what#is?this;=&.py", "what%23is%3Fthis%3B%3D%26.py"),
        ("c:d.py", "c%3Ad.py"),
        ("\udcff.py", "%FF.py"),
        ("../other/a.py", "../other/a.py"),
        ("/abs olute/a.py", "file:///abs%20olute/a.py"),
        ("C:/Users/x y/a.py", "file:///C:/Users/x%20y/a.py"),
        ("//server/share/a.py", "file://server/share/a.py"),
    ],
)
def test_addresses(path: str, address: str) -> None:
    one = dataclasses.replace(TAGGER, place=dataclasses.replace(TAGGER.place, path=path))
    said = result(one)["locations"][0]["physicalLocation"]["artifactLocation"]
    assert said["uri"] == address
    assert ("uriBaseId" in said) == (not address.startswith("file:"))
    if "uriBaseId" in said:
        assert unquote(urljoin("file:///root/in/", address), errors="surrogateescape") == urljoin(
            "file:///root/in/", path if path.startswith("..") else "."
        ) + ("" if path.startswith("..") else path)


def test_what_could_not_be_read_is_said_and_the_run_is_no_success() -> None:
    (said,) = run(CHECKED)["invocations"]
    assert not said["executionSuccessful"]
    assert [one["message"]["text"] for one in said["toolExecutionNotifications"]] == [
        "binary.py: source code cannot contain null bytes",
        "gone.py: No such file or directory",
    ]
    where = said["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == {"uri": "binary.py", "uriBaseId": "%SRCROOT%"}
    assert run(NOTHING)["invocations"] == [{"executionSuccessful": True}]
    assert log(Checked(refused=(Refused("", "--files-from: no such file"),)))


def test_a_region_of_several_lines_has_its_text() -> None:
    place = Place("a.py", 0, 3, 4, 5, 1, ("x = f(", "    y,", ")  # end"))
    region = result(dataclasses.replace(TAGGER, place=place))["locations"][0]["physicalLocation"]["region"]
    assert region["snippet"] == {"text": "f(\n    y,\n)"}


def test_findings_are_known_again_below_lines_that_are_new() -> None:
    def known(*findings: Diagnostic) -> list[str]:
        return [one["partialFingerprints"]["rnnlint/v1"] for one in run(Checked(findings))["results"]]

    def moved(by: int) -> Diagnostic:
        place = TAGGER.place
        return dataclasses.replace(
            TAGGER, place=dataclasses.replace(place, line=place.line + by, end_line=place.end_line + by)
        )

    assert known(moved(0), moved(9)) == known(moved(5), moved(20))
    assert len(set(known(moved(0), moved(9), moved(12)))) == 3
    other = dataclasses.replace(TAGGER, key="", expression="output[-1]")
    assert len({*known(other), *known(dataclasses.replace(other, expression="output[0]")), *known(TAGGER)}) == 3
