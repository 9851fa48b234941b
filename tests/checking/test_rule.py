"""``rnnlint rule`` and ``rnnlint rules``."""

from __future__ import annotations

import json
import re

import pytest

from rnnlint.rules import registry
from tests.checking.running import Check

EVERY = registry()


@pytest.mark.parametrize("given", ["RNN102", "rnn102", "last-step-of-bidirectional"])
def test_a_rule_by_its_code_or_its_name(check: Check, given: str) -> None:
    ran = check(given, command="rule")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("RNN102 last-step-of-bidirectional\n====")
    assert (
        "\n        self.gru = nn.GRU(8, 20, batch_first=True, bidirectional=True)\n".replace("        ", " " * 12)
        in ran.out
    )


def test_text_has_no_marks_of_markdown(check: Check) -> None:
    out = check("all", command="rule").out
    assert not re.search(r"^#|^```|\]\(", out, re.MULTILINE)
    for rule in EVERY.values():
        assert f"\n{rule.code} {rule.name}\n" in f"\n{out}"


def test_markdown(check: Check) -> None:
    out = check("RNN900", "--output-format=markdown", command="rule").out
    assert out.startswith("# not-analysed (RNN900)\n\nOff by default, since 0.1; no fix.\n\n## What it finds")


def test_json_of_one_is_an_object_and_of_all_an_array(check: Check) -> None:
    one = json.loads(check("RNN509", "--output-format=json", command="rule").out)
    every = json.loads(check("all", "--output-format=json", command="rule").out)
    assert [rule["code"] for rule in every] == list(EVERY)
    assert one == next(rule for rule in every if rule["code"] == "RNN509")
    assert one["default"] is False
    assert one["name"] == EVERY["RNN509"].name
    assert one["explanation"].startswith("## What it finds\n")
    assert json.loads(check("--output-format=json", command="rules").out) == every


def test_the_list_has_a_line_for_each(check: Check) -> None:
    lines = check(command="rules").out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        [rule.code, rule.name, "on" if rule.on else "off"] for rule in EVERY.values()
    ]


def test_a_rule_that_is_none_is_one_line_with_the_nearest(check: Check) -> None:
    ran = check("RNN12", command="rule")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "rnnlint rule: no rule 'RNN12': did you mean 'RNN102'?\n"
