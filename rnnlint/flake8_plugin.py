"""The host for flake8.

flake8 imports this module in every worker, so it imports neither the analysis nor a rule before a file needs them.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from flake8.exceptions import ExecutionError
from flake8.utils import parse_files_to_codes_mapping

from rnnlint.settings import OPTIONS, Settings, nearest
from rnnlint.source.prefilter import mentions_rnn

if TYPE_CHECKING:
    from flake8.options.manager import Option, OptionManager

_PREFIX = "RNN"  # the name of the entry point in pyproject.toml, by which flake8 selects
_NAMES = {f"rnnlint-{option.name}": option for option in OPTIONS}
_CODE_LISTS = ("select", "extend_select", "ignore", "extend_ignore", "per_file_ignores")
_NARROW = len("RNN40")  # a shorter prefix names a family, and turns on what is on by default in it

Row = tuple[int, int, str, type]


class Plugin:
    """One file: ``lines`` are flake8's, decoded, without a byte order mark.

    flake8 constructs AST plugins only for files that parse; ``tree`` is what it has parsed the lines to.
    """

    _keys: ClassVar[_Keys]

    def __init__(self, tree: ast.Module, lines: list[str], filename: str, options: argparse.Namespace) -> None:
        self._tree = tree
        self._text = "".join(lines)
        self._filename = filename
        self._options = options

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Raises ExecutionError, which flake8 shows, once a configuration file has a key that only starts like ours."""
        for name, option in _NAMES.items():
            manager.add_option(
                f"--{name}", action="store_true", default=False, parse_from_config=True, help=f"{option.help}."
            )
        _name_the_nearest(manager.parser)
        Plugin._keys = _Keys(manager.config_options_dict)
        manager.config_options_dict = Plugin._keys

    @staticmethod
    def parse_options(options: argparse.Namespace) -> None:
        """Warn of every code that starts like ours and is none: the lint of everything else goes on."""
        if multiprocessing.parent_process() is not None:
            return  # where processes are spawned each of them reads the options again; the first has said it
        for where in _CODE_LISTS:
            for prefix in _codes(getattr(options, where, None)):
                if prefix.startswith(_PREFIX) and prefix != _PREFIX:
                    _check_code(prefix, Plugin._keys.written(where, prefix))

    def run(self) -> Iterator[Row]:
        """A row for each message of the file: line from 1, column from 0, code and text, and this class.

        Raises nothing: what goes wrong inside is a message itself (RNN901).
        """
        if not mentions_rnn(self._text):
            return
        from rnnlint.linter import lint
        from rnnlint.report import NOTHING

        settings = self._settings()
        report = lint(self._text, self._filename, settings, self._tree)
        if report is NOTHING:
            return
        from rnnlint.host_messages import failed, not_known
        from rnnlint.rules import registry

        on = {code: rule.on or self._asked_for(code) for code, rule in registry().items()}
        if on["RNN900"] or settings.show_unknown:
            for line, column, text in not_known(report, show_unknown=settings.show_unknown):
                yield line, column, f"RNN900 {text}", type(self)
        for line, column, text in failed(report):
            yield line, column, f"RNN901 {text}", type(self)
        for finding in report.findings:
            if on[finding.code]:
                # flake8 counts columns from 1 and adds the 1 itself
                yield finding.line, finding.column, f"{finding.code} {finding.message}", type(self)

    def _settings(self) -> Settings:
        return Settings(**{option.field: getattr(self._options, f"rnnlint_{option.field}") for option in OPTIONS})

    def _asked_for(self, code: str) -> bool:
        """Whether a rule that is off by default was selected by its code, or by a prefix of five characters.

        ``select = RNN1,RNN2,RNN3,RNN4,RNN5`` so turns on what ``select = RNN`` does.
        flake8's own list of codes ignored by default will not do: it is dropped as soon as a user sets ``ignore``.
        """
        chosen: Sequence[str] = (*(self._options.select or ()), *(self._options.extend_select or ()))
        return any(len(prefix) >= _NARROW and code.startswith(prefix) for prefix in chosen)


def _codes(given: Sequence[str] | str | None) -> Sequence[str]:
    """The codes in the value of an option; those for single files are one text until flake8 needs them."""
    if not isinstance(given, str):
        return given or ()
    try:
        return [code for _, codes in parse_files_to_codes_mapping(given) for code in codes]
    except ExecutionError:
        return ()  # flake8 will say what is wrong with it


def _check_code(prefix: str, where: str) -> None:
    from rnnlint.rules import registry

    if not any(code.startswith(prefix) for code in registry()):
        meant = nearest(prefix, registry())
        print(f"rnnlint: unknown code {prefix!r} in {where}: did you mean {meant!r}?", file=sys.stderr)


class _Keys(dict[str, "Option"]):
    """flake8's options by their key in a configuration file, and what was read by which key.

    flake8 passes over keys that nobody registered; one that starts like ours is a misspelling and is said.
    """

    def __init__(self, options: Mapping[str, Option]) -> None:
        super().__init__(options)
        self._read: dict[tuple[str, str], str] = {}

    def written(self, where: str, code: str) -> str:
        """How the user wrote the name of the option ``where`` that has this code."""
        return self._read.get((where, code), f"--{where.replace('_', '-')}")

    def get(self, key: str, default: Any = None) -> Any:
        name = key.replace("_", "-")
        if name.startswith("rnnlint") and name not in _NAMES:
            raise ExecutionError(f"unknown key {key!r} in section [flake8]: did you mean {nearest(name, _NAMES)!r}?")
        option = super().get(key, default)
        return _Noted(option, key, self._read) if name.replace("-", "_") in _CODE_LISTS else option


class _Noted:
    """An option of flake8 that notes the codes which a configuration file gives it, and by which key."""

    def __init__(self, option: Option, key: str, read: dict[tuple[str, str], str]) -> None:
        self._option = option
        self._key = key
        self._read = read

    def __getattr__(self, name: str) -> object:
        return getattr(self._option, name)

    def normalize(self, value: object, *about: str) -> Any:
        given = self._option.normalize(value, *about)
        self._read.update({(self._key.replace("-", "_"), code): f"the key {self._key!r}" for code in _codes(given)})
        return given


def _name_the_nearest(parser: argparse.ArgumentParser) -> None:
    """Let the parser's complaint about unknown options name the nearest of ours."""
    complain = parser.error

    def error(message: str) -> NoReturn:
        words = [word.partition("=")[0].removeprefix("--") for word in message.split() if word.startswith("--rnnlint")]
        hints = [f"; did you mean '--{nearest(word, _NAMES)}'?" for word in words if word not in _NAMES]
        complain("".join([message, *hints]))

    parser.error = error  # type: ignore[method-assign]
