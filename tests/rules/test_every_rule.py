"""What every rule owes its reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from rnnlint.events import Site
from rnnlint.linter import lint
from rnnlint.rules import registry
from rnnlint.rules.claims import Claim
from rnnlint.rules.pages import program, raises, sections
from rnnlint.rules.rnn900 import NotAnalysed, NotFollowed
from rnnlint.rules.rule import Rule
from tests.rules.expectations import fixtures, linted
from tools.rule_pages import FOLDER, HEADINGS, file_name, index, page

EVERY = list(registry().values())
WITH_EXAMPLE = [rule for rule in EVERY if not rule.code.startswith("RNN9")]  # of the linter itself no program is one
LONGEST = 120


def code_of(rule: Rule) -> str:
    return rule.code


def run(text: str) -> None:
    torch.manual_seed(0)
    exec(compile(text, "<example>", "exec"), {"__name__": "__main__"})


def test_the_catalogue() -> None:
    assert list(registry()) == sorted(registry())
    assert len({rule.name for rule in EVERY}) == len(EVERY)
    wanted = "101 102 103 104 105 106 107 108 109 110 201 202 203 204 205 206 207 208 209 301 302 303 304 305 306"
    wanted += " 401 402 403 404 405 406 407 408 501 502 503 504 505 506 507 508 509 510 900 901"
    assert [rule.code for rule in EVERY] == [f"RNN{number}" for number in wanted.split()]


@pytest.mark.parametrize("rule", EVERY, ids=code_of)
class TestMetadata:
    def test_name_reads_after_allow(self, rule: Rule) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
        assert rule.name.split("-")[0] not in {
            "avoid",
            "do",
            "no",
            "never",
            "prefer",
            "use",
            "check",
            "disallow",
            "allow",
        }

    def test_docstring_says_which_rule_it_is(self, rule: Rule) -> None:
        assert rule.doc.splitlines()[0] == f"{rule.code} {rule.name}"

    def test_headings(self, rule: Rule) -> None:
        wanted = [heading for heading in HEADINGS if rule in WITH_EXAMPLE or heading not in ("Example", "Instead")]
        assert list(sections(rule)) == wanted
        assert all(sections(rule).values())

    def test_fix(self, rule: Rule) -> None:
        assert rule.fix in {"safe", "unsafe", "none"}
        assert re.search(rf"\b{rule.fix}\b", sections(rule)["Fix"].lower())

    def test_page_is_up_to_date(self, rule: Rule) -> None:
        written = (FOLDER / file_name(rule)).read_text(encoding="utf-8")
        assert written == page(rule), "run python -m tools.rule_pages"


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=code_of)
class TestExample:
    def test_is_short(self, rule: Rule) -> None:
        for heading in ("Example", "Instead"):
            assert len(program(rule, heading).splitlines()) <= 20

    def test_fires_this_rule_alone(self, rule: Rule) -> None:
        report = lint(program(rule, "Example"))
        assert {finding.code for finding in report.findings} == {rule.code}
        assert {finding.name for finding in report.findings} == {rule.name}

    def test_instead_is_silent(self, rule: Rule) -> None:
        report = lint(program(rule, "Instead"))
        assert report.findings == ()
        assert report.not_analysed is None

    @pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
    @pytest.mark.filterwarnings("ignore:dropout option adds dropout:UserWarning")
    def test_runs_on_torch_as_it_says(self, rule: Rule) -> None:
        error = raises(rule)
        run(program(rule, "Instead"))
        if error is None:
            run(program(rule, "Example"))
            return
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one, the page says
            run(program(rule, "Example"))
        assert caught.type.__name__ == error


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=code_of)
class TestClaims:
    """That torch bears them out is tested by ``pytest -m confirm``."""

    def test_of_every_kind(self, rule: Rule) -> None:
        assert {claim.kind for claim in rule.claims} == {"flagged", "advised", "silent"}

    def test_text_is_a_line_for_people(self, rule: Rule) -> None:
        texts = [claim.text for claim in rule.claims]
        assert len(set(texts)) == len(texts)
        for text in texts:
            assert "\n" not in text
            assert 10 < len(text) <= LONGEST
            assert text[-1] not in ".,;:"
            assert not re.search(r"\b(may|might|maybe|perhaps|possibly|probably)\b", text)

    def test_no_text_holds_a_field(self, rule: Rule) -> None:
        assert not any(set("{}") & set(claim.text + claim.expected + claim.wanted) for claim in rule.claims)


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=code_of)
def test_messages(rule: Rule) -> None:
    """One line, no hedging, what - why - what to write, and room for a piece of the program."""
    reports = [lint(program(rule, "Example")), *map(linted, fixtures(f"rules/{rule.code}"))]
    found = [finding for report in reports for finding in report.findings if finding.code == rule.code]
    assert found
    for finding in found:
        shown = f"{finding.code} {finding.message}"
        assert "\n" not in shown
        assert len(shown) <= LONGEST, shown
        assert not re.search(r"\b(may|might|maybe|perhaps|possibly|probably)\b", shown)
        assert re.search(r"; ", shown), "a message ends with what to write"
        assert "{" not in shown


def test_not_analysed() -> None:
    rule, site = registry()["RNN900"], Site("here")
    assert not rule.on
    assert [(hit.site, hit.message) for hit in rule.check(NotAnalysed("it is nested too deeply", site))] == [
        (site, "not analysed: it is nested too deeply")
    ]


@pytest.mark.parametrize(
    ("reason", "count", "said"),
    [
        ("a comparison", 1, "a comparison"),
        ("a comparison", 3, "a comparison (3 times)"),
        ("torch.stft is not followed", 1, "torch.stft is not followed (docs/followed.md has what is)"),
        ("an item of something that is not followed", 1, "an item of something that is not followed"),
    ],
)
def test_not_followed(reason: str, count: int, said: str) -> None:
    (hit,) = registry()["RNN900"].check(NotFollowed(reason, count, Site("here")))
    assert (hit.site, hit.message) == (Site("here"), f"not followed: {said}")


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"kind": "perhaps", "expected": "1"}, "no kind of claim"),
        ({"kind": "silent"}, "says what is expected, or what torch raises"),
        ({"kind": "silent", "expected": "1", "raises": ("E", "")}, "says what is expected, or what torch raises"),
        ({"kind": "silent", "expected": "1", "wanted": "2"}, "a flagged reading, and no other"),
        ({"kind": "flagged", "expected": "1"}, "a flagged reading, and no other"),
        ({"kind": "flagged", "raises": ("E", ""), "wanted": "2"}, "a flagged reading, and no other"),
        ({"kind": "advised", "raises": ("E", "")}, "what a rule advises does not raise"),
    ],
)
def test_a_claim_that_says_too_little_or_too_much(claim: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Claim(text="it", program="pass", **claim)


def test_claims_of_every_kind() -> None:
    for claim in (
        {"kind": "silent", "raises": ("E", "")},
        {"kind": "flagged", "raises": ("E", "")},
        {"kind": "flagged", "expected": "1", "wanted": "2"},
        {"kind": "advised", "expected": "1"},
    ):
        Claim(text="it", program="pass", **claim)


def test_index_is_up_to_date() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert text == index(), "run python -m tools.rule_pages"
    assert all(f"[{rule.code}]({rule.code}-{rule.name}.md) | {rule.name} |" in text for rule in EVERY)


def test_no_page_without_a_rule() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == {"README.md", *map(file_name, EVERY)}
