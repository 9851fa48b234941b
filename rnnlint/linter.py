"""The linter, without a host: text in, findings out."""

from __future__ import annotations

from rnnlint.failures import Internal, said
from rnnlint.report import INTERNAL, NOTHING, Report
from rnnlint.settings import Settings
from rnnlint.source.prefilter import mentions_rnn


def lint(text: str, filename: str = "<string>", settings: Settings | None = None) -> Report:  # noqa: ARG001 - hosts name it
    """Findings of a file's text, sorted by place.  Never raises for anything a file can hold."""
    if not mentions_rnn(text):
        return NOTHING
    from rnnlint.judge import judged

    try:
        return judged(text, settings or Settings())
    except Exception as error:  # a mistake of ours must not take the other files' findings away
        return Report(not_analysed=f"{INTERNAL}: {said(error)}", internal=(Internal.of("the analysis", error),))
