"""What became of fixes, counted by rule, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from oracle.fixes.proof import Fate, Proof, Tried
from rnnlint.findings import Applicability

HEAD = (
    "rule",
    "findings",
    "safe",
    "unsafe",
    "display",
    "applied",
    "proven",
    "not run",
    "not asked",
    "refused",
    "wrong",
)
_APPLIED = (Fate.PROVEN, Fate.NOT_RUN, Fate.NOT_ASKED, Fate.WRONG)


def table(proofs: Iterable[Proof]) -> list[str]:
    """A row a rule, and one for all."""
    tried = [one for proof in proofs for one in proof.tried]
    lines = ["| " + " | ".join(HEAD) + " |", "|---|" + "--:|" * (len(HEAD) - 1)]
    for code in sorted({one.finding.code for one in tried}):
        lines.append(_row(code, [one for one in tried if one.finding.code == code]))
    return [*lines, _row("all", tried)]


def _row(name: str, tried: Sequence[Tried]) -> str:
    fates = Counter(one.fate for one in tried)
    single = Counter(one.applicability for one in tried if one.fate not in (Fate.NONE, Fate.DISPLAY))
    numbers = (
        len(tried),
        single[Applicability.SAFE],
        single[Applicability.UNSAFE],
        fates[Fate.DISPLAY],
        sum(fates[one] for one in _APPLIED),
        fates[Fate.PROVEN],
        fates[Fate.NOT_RUN],
        fates[Fate.NOT_ASKED],
        fates[Fate.REFUSED],
        fates[Fate.WRONG],
    )
    return "| " + " | ".join((name, *map(str, numbers))) + " |"


def refusals(proofs: Iterable[Proof]) -> list[str]:
    """Why fixes were refused, and were not asked about, the most frequent reason first, a line each."""
    counts = Counter(
        (one.fate.value, one.finding.code, one.why)
        for proof in proofs
        for one in proof.tried
        if one.fate in (Fate.REFUSED, Fate.NOT_RUN, Fate.NOT_ASKED) and one.why
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"{count:5d}  {fate}, {code}: {why}" for (fate, code, why), count in ordered]


def wrong(proofs: Iterable[Proof]) -> list[str]:
    """What torch says against fixes, a line each."""
    found = []
    for proof in proofs:
        for one in proof.tried:
            if one.fate is Fate.WRONG:
                title = one.finding.fixes[0].title
                found.append(f"{proof.program}, line {one.finding.line}, {one.finding.code}, {title}: {one.why}")
        found += [f"{proof.program}, all fixes together: {why}" for why in proof.wrong]
    return found


def together(proofs: Iterable[Proof]) -> str:
    """How the command fared with all fixes of a program, in words."""
    several = list(proofs)
    found = sum(bool(proof.tried) for proof in several)
    ran = [proof.together for proof in several if proof.together is not None]
    mended, refused = sum(len(one.mended) for one in ran), sum(len(one.refused) for one in ran)
    settled = sum(not one.unsettled for one in ran)
    return (
        f"of {len(several)} programs {found} have a finding, {len(ran)} one with a fix\n\n"
        f"all together: {mended} findings of {len(ran)} programs mended, {refused} refused; "
        f"a second run changes nothing in {settled} of {len(ran)}"
    )
