"""The host for flake8.

flake8 imports this module for every run, so it imports neither libcst nor a rule before a file needs them.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from flake8.exceptions import ExecutionError

from rnnlint.settings import OPTIONS, Settings, nearest
from rnnlint.source.prefilter import mentions_rnn

if TYPE_CHECKING:
    from flake8.options.manager import Option, OptionManager

    from rnnlint.failures import Internal
    from rnnlint.linter import Report

_PREFIX = "RNN"
_NAMES = {f"rnnlint-{option.name}": option for option in OPTIONS}
_CODE_LISTS = ("select", "extend_select", "ignore", "extend_ignore")

Row = tuple[int, int, str, type]


class Plugin:
    """One file: ``lines`` are flake8's, decoded, without a byte order mark.

    flake8 constructs AST plugins only for files that parse; ``tree`` is what makes this one of them.
    """

    def __init__(self, tree: ast.AST, lines: list[str], filename: str, options: argparse.Namespace) -> None:  # noqa: ARG002
        self._text = "".join(lines)
        self._filename = filename
        self._options = options

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        for name, option in _NAMES.items():
            manager.add_option(
                f"--{name}", action="store_true", default=False, parse_from_config=True, help=f"{option.help}."
            )
        _name_the_nearest(manager.parser)
        manager.config_options_dict = _Keys(manager.config_options_dict)

    @staticmethod
    def parse_options(options: argparse.Namespace) -> None:
        """Raises ExecutionError, which flake8 shows, for a code that starts like ours and is none."""
        for where in _CODE_LISTS:
            for prefix in getattr(options, where) or ():
                if prefix.startswith(_PREFIX) and prefix != _PREFIX:
                    _check_code(prefix, f"--{where.replace('_', '-')}")

    def run(self) -> Iterator[Row]:
        if not mentions_rnn(self._text):
            return
        from rnnlint.linter import lint
        from rnnlint.rules import registry

        settings = self._settings()
        report = lint(self._text, self._filename, settings)
        on = {code: rule.on or self._asked_for(code) for code, rule in registry().items()}
        if on["RNN900"] or settings.show_unknown:
            for text in _not_known(report, settings):
                yield 1, 0, f"RNN900 {text}", type(self)
        for failure in report.internal:
            for text in _failed(failure):
                yield failure.line, 0, f"RNN901 {text}", type(self)
        for finding in report.findings:
            if on[finding.code]:
                # flake8 counts columns from 1 and adds the 1 itself
                yield finding.line, finding.column, f"{finding.code} {finding.message}", type(self)

    def _settings(self) -> Settings:
        return Settings(**{option.field: getattr(self._options, f"rnnlint_{option.field}") for option in OPTIONS})

    def _asked_for(self, code: str) -> bool:
        """Whether a rule that is off by default was selected by more than the bare prefix RNN.

        flake8's own list of codes ignored by default will not do: it is dropped as soon as a user sets ``ignore``.
        """
        chosen: Sequence[str] = (*(self._options.select or ()), *(self._options.extend_select or ()))
        return any(len(prefix) > len(_PREFIX) and code.startswith(prefix) for prefix in chosen)


def _not_known(report: Report, settings: Settings) -> Iterator[str]:
    """What is to be said of a file that was not understood, or not all of it."""
    from rnnlint.events import Site
    from rnnlint.rules import registry
    from rnnlint.rules.rnn900 import NotAnalysed, NotFollowed

    first = Site(None)
    about: list[NotAnalysed | NotFollowed] = []
    if report.not_analysed is not None and not report.internal:
        about.append(NotAnalysed(report.not_analysed, first))
    if settings.show_unknown:
        about += [NotFollowed(reason, count, first) for reason, count in report.unknown]
    for event in about:
        yield from (hit.message for hit in registry()["RNN900"].check(event))


def _failed(failure: Internal) -> Iterator[str]:
    """What is to be said of a mistake of rnnlint's own."""
    from rnnlint.events import Site
    from rnnlint.rules import registry
    from rnnlint.rules.rnn901 import InternalError

    event = InternalError(failure.what, failure.error, Site(None))
    yield from (hit.message for hit in registry()["RNN901"].check(event))


def _check_code(prefix: str, where: str) -> None:
    from rnnlint.rules import registry

    if not any(code.startswith(prefix) for code in registry()):
        raise ExecutionError(f"unknown code {prefix!r} in {where}: did you mean {nearest(prefix, registry())!r}?")


class _Keys(dict[str, "Option"]):
    """flake8's options by their key in a configuration file.

    flake8 passes over keys that nobody registered; one that starts like ours is a misspelling and is said.
    """

    def get(self, key: str, default: Any = None) -> Any:
        name = key.replace("_", "-")
        if name.startswith("rnnlint") and name not in _NAMES:
            raise ExecutionError(f"unknown key {key!r} in section [flake8]: did you mean {nearest(name, _NAMES)!r}?")
        return super().get(key, default)


def _name_the_nearest(parser: argparse.ArgumentParser) -> None:
    """Let the parser's complaint about unknown options name the nearest of ours."""
    complain = parser.error

    def error(message: str) -> NoReturn:
        words = [word.partition("=")[0].removeprefix("--") for word in message.split() if word.startswith("--rnnlint")]
        hints = [f"; did you mean '--{nearest(word, _NAMES)}'?" for word in words if word not in _NAMES]
        complain("".join([message, *hints]))

    parser.error = error  # type: ignore[method-assign]
