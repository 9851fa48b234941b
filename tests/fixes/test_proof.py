"""Fixes are proven on torch, and a fix that is wrong is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from oracle.fixes.mending import again, mended, moved, written
from oracle.fixes.proof import Fate, Proof, Proving, linted
from oracle.fixes.running import reaches
from oracle.fixes.subjects import Subject, drawn, fixtures, pages
from oracle.fixes.table import refusals, table, together, wrong
from rnnlint.findings import Applicability, Edit, Finding
from rnnlint.report import Report

FOLDERS = ("rules/RNN103", "rules/RNN109", "rules/RNN110", "rules/RNN202")
"""Fixtures with fixes of both kinds, on other steps and on other results; the command does the others."""


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def model(forward: str, options: str = "bidirectional=True", width: int = 10) -> Subject:
    """A model that runs itself."""
    return Subject(
        "by hand",
        "import torch\nfrom torch import nn\n\n\nclass Model(nn.Module):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.rnn = nn.GRU(3, 5, batch_first=True, {options})\n"
        f"        self.fc = nn.Linear({width}, 2)\n\n    def forward(self, x):\n"
        f"        output, h_n = self.rnn(x)\n        {forward}\n\n\nModel()(torch.randn(4, 7, 3))\n",
    )


def lying(change: Callable[[str], str], applicability: Applicability | None = None) -> Callable[[str], Report]:
    """A linter whose fixes write something else."""

    def said(text: str) -> Report:
        report = linted(text)
        return replace(report, findings=tuple(map(lied, report.findings)))

    def lied(finding: Finding) -> Finding:
        fixes = []
        for fix in finding.fixes:
            edits = tuple(replace(edit, text=change(edit.text)) for edit in fix.edits)
            fixes.append(replace(fix, edits=edits, applicability=applicability or fix.applicability))
        return replace(finding, fixes=tuple(fixes))

    return said


def fates(proof: Proof) -> list[tuple[str, Fate, str]]:
    return [(one.finding.code, one.fate, one.why) for one in proof.tried]


LAST = model("return self.fc(output[:, -1])")
FIRST = model("return self.fc(output[:, 0])", "num_layers=1", 5)


class TestLies:
    def test_the_truth(self) -> None:
        assert fates(Proving(LAST).proof()) == [("RNN102", Fate.PROVEN, "")]
        assert fates(Proving(FIRST).proof()) == [("RNN110", Fate.PROVEN, "")]

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("h_n[-2], h_n[-1]", "h_n[-1], h_n[-2]", "directions or units in another order"),
            ("h_n[-2], h_n[-1]", "h_n[-2], h_n[-2]", "only one direction's final state, of a bidirectional RNN"),
            ("h_n[-1]", "h_n[-1].flip(0)", "a row depends on several samples"),
            ("h_n[-1]", "h_n[-1].flip(-1)", "directions or units in another order"),
            (", -1)", ", -1).flip(0)", "a row depends on several samples"),
            ("h_n[-1]", "h_n[-1, :1].expand(4, -1)", "a row depends on several samples"),
        ],
    )
    def test_other_states(self, old: str, new: str, said: str) -> None:
        ((code, fate, why),) = fates(
            Proving(LAST, lying(lambda text: text.replace(old, new))).proof(also_together=False)
        )
        # what the linter sees itself never gets as far as torch
        assert (code, fate) in (("RNN102", Fate.WRONG), ("RNN102", Fate.REFUSED))
        assert fate is Fate.REFUSED or why.startswith(said)

    def test_torch_alone_sees_an_order(self) -> None:
        lie = lying(lambda text: text.replace("h_n[-2], h_n[-1]", "h_n[-1], h_n[-2]"))
        assert fates(Proving(LAST, lie).proof(also_together=False)) == [
            ("RNN102", Fate.WRONG, "directions or units in another order")
        ]

    def test_another_step(self) -> None:
        proof = Proving(FIRST, lying(lambda text: text.replace("-1", "3"))).proof(also_together=False)
        assert fates(proof) == [("RNN110", Fate.WRONG, "a state in mid-sequence, without the final one")]

    def test_a_lower_layer(self) -> None:
        subject = model("return self.fc(h_n[0])", "num_layers=3", 5)
        assert fates(Proving(subject).proof(also_together=False)) == [("RNN105", Fate.PROVEN, "")]
        # the linter finds it again, and what it says then is what holds
        proof = Proving(subject, lying(lambda text: text.replace("-1", "1"))).proof(also_together=False)
        assert fates(proof) == [("RNN105", Fate.PROVEN, "")]

    def test_what_does_not_run(self) -> None:
        lie = lying(lambda text: text.replace("-1", "int('99')"))
        ((_, fate, why),) = fates(Proving(FIRST, lie).proof(also_together=False))
        assert (fate, why) == (Fate.WRONG, "it ends with IndexError then")

    def test_no_python(self) -> None:
        ((_, fate, why),) = fates(Proving(LAST, lying(lambda text: text + ")")).proof(also_together=False))
        assert fate is Fate.REFUSED
        assert why.startswith("it is no Python any more")

    def test_what_is_called_safe_and_changes_numbers(self) -> None:
        proof = Proving(LAST, lying(lambda text: text, Applicability.SAFE)).proof(also_together=False)
        assert [fate for _, fate, _ in fates(proof)] == [Fate.WRONG]
        assert "has other values" in proof.tried[0].why

    def test_what_is_called_safe_and_raises_as_before(self) -> None:
        subject = next(one for one in pages() if one.name.endswith("RNN109"))
        assert fates(Proving(subject).proof(also_together=False)) == [("RNN109", Fate.PROVEN, "")]
        # which is wrong for torch alone: the linter does not know what is far away
        lie = lying(lambda text: "int('99')" if text == "-1" else text)
        ((_, fate, why),) = fates(Proving(subject, lie).proof(also_together=False))
        assert (fate, why) == (Fate.WRONG, "it raises as before")

    def test_a_lie_is_told(self) -> None:
        proof = Proving(FIRST, lying(lambda text: text.replace("-1", "3"))).proof(also_together=False)
        (line,) = wrong([proof])
        assert line.startswith("by hand, line 13, RNN110, ")
        assert table([proof])[-1].split(" | ")[-1] == "1 |"


class TestNoFix:
    """Where what would be written is another thing, torch says so; found among drawn programs."""

    @pytest.mark.parametrize(
        "reading",
        ["output.unbind(0)[-1]", "list(output)[-1]", "output.split(1, 0)[-1].squeeze(0)", "output.flip(0)[0]"],
    )
    def test_samples_of_several_tensors_or_in_another_order(self, reading: str) -> None:
        assert self.fixable(f"return self.fc({reading})", "num_layers=1", 5) == {"RNN201": False}

    def test_a_view_that_is_taken_apart_again(self) -> None:
        body = "return self.fc(h_n.view(2, 3, {}, 5)[-1].reshape({}, -1))".replace("{}", "x.size(0)")
        assert self.fixable(body, "num_layers=3, bidirectional=True", 15)["RNN203"] is False
        body = "return self.fc(h_n.view(x.size(0), -1))"
        assert self.fixable(body, "num_layers=3, bidirectional=True", 30) == {"RNN203": True}

    def fixable(self, body: str, options: str, width: int) -> dict[str, bool]:
        report = linted(model(body, options, width).text)
        assert not report.internal
        return {one.code: bool(one.fixes) for one in report.findings}


class TestWhatElseIsWrong:
    def test_torch_raises_before(self) -> None:
        """Two tensors of unequal sizes are stacked: as far as the layer, of another width, no run comes."""
        (subject,) = drawn(1, 2756)
        assert fates(Proving(subject).proof(also_together=False)) == [
            ("RNN501", Fate.NOT_RUN, "torch raises before it comes to that")
        ]
        assert reaches("len([1])\n", (1, 0), None)
        assert not reaches("len(int('a'))\n", (1, 0), None)
        assert not reaches("dict(a=int('a'))\n", (1, 0), None)

    def test_another_mistake_is_found_there(self) -> None:
        """The steps of one sample, cut through a direction: the cut is mended, the sample is not."""
        (subject,) = drawn(1, 6436)
        found = {one.finding.code: one for one in Proving(subject).proof(also_together=False).tried}
        assert (found["RNN108"].fate, found["RNN201"].fate) == (Fate.NOT_RUN, Fate.NONE)
        assert found["RNN108"].why == "another mistake stands there, which is found"

    def test_directions_outside(self) -> None:
        (subject,) = drawn(1, 1992)
        assert fates(Proving(subject).proof(also_together=False)) == [("RNN106", Fate.PROVEN, "")]


class TestWhereItIsWritten:
    TEXT = "a = 1\nb = h[0] + \u00f6[2]\n"
    EDITS = (Edit(1, 0, 1, 0, "import torch\n"), Edit(2, 6, 2, 7, "-1"), Edit(2, 13, 2, 14, "33"))

    def test_spans(self) -> None:
        assert mended(self.TEXT, self.EDITS) == "import torch\na = 1\nb = h[-1] + \u00f6[33]\n"
        assert written(self.TEXT, self.EDITS) == [((1, 0), (2, 0)), ((3, 6), (3, 8)), ((3, 14), (3, 16))]

    def test_a_place_moves(self) -> None:
        assert moved(self.TEXT, self.EDITS, 2, 4) == (3, 4)
        assert moved(self.TEXT, self.EDITS, 2, 11) == (3, 12)

    def test_again(self) -> None:
        report = linted(LAST.text)
        assert again(report, report, LAST.text, report.findings) == "the finding stays"


@pytest.mark.parametrize("folder", FOLDERS)
def test_fixtures(folder: str) -> None:
    proofs = [Proving(one).proof() for one in fixtures(folder)]
    assert wrong(proofs) == []
    assert any(one.fate is Fate.PROVEN for proof in proofs for one in proof.tried)


def test_drawn_programs() -> None:
    proofs = [Proving(one).proof() for one in drawn(40, 300)]
    assert wrong(proofs) == []
    assert sum(one.fate is Fate.PROVEN for proof in proofs for one in proof.tried) > 3


def test_the_table_counts() -> None:
    proofs = [Proving(one).proof() for one in pages() if one.name in ("the page of RNN102", "the page of RNN510")]
    assert table(proofs)[-1] == "| all | 2 | 0 | 1 | 0 | 1 | 1 | 0 | 0 | 0 | 0 |"
    assert (
        together(proofs) == "of 2 programs 2 have a finding, 1 one with a fix\n\n"
        "all together: 1 findings of 1 programs mended, 0 refused; a second run changes nothing in 1 of 1"
    )
    assert refusals(proofs) == []
