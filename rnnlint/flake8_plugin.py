"""The host for flake8.

flake8 imports this module in every worker, so it imports neither the analysis nor a rule before a file needs them.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from flake8.exceptions import ExecutionError
from flake8.utils import parse_files_to_codes_mapping

from rnnlint.settings import OPTIONS, Settings, nearest
from rnnlint.source.prefilter import mentions_rnn, spells_one

if TYPE_CHECKING:
    from flake8.options.manager import Option, OptionManager

    from rnnlint.checking.by_file import ByFile
    from rnnlint.configuration import Configuration, Configurations, Selection

_PREFIX = "RNN"  # the name of the entry point in pyproject.toml, by which flake8 selects
_FOLLOW = "rnnlint-follow-imports"
_NAMES = {f"rnnlint-{option.name}": option.help for option in OPTIONS} | {
    _FOLLOW: "Follow imports inside the project, as `rnnlint check` does"
}
_CODE_LISTS = ("select", "extend_select", "ignore", "extend_ignore", "per_file_ignores")

Row = tuple[int, int, str, type]


class Plugin:
    """One file: ``lines`` are flake8's, decoded, without a byte order mark.

    flake8 constructs AST plugins only for files that parse; ``tree`` is what it has parsed the lines to.
    """

    _keys: ClassVar[_Keys]
    _projects: ClassVar[_Projects]

    def __init__(self, tree: ast.Module, lines: list[str], filename: str, options: argparse.Namespace) -> None:
        self._tree = tree
        self._text = "".join(lines)
        self._filename = filename
        self._options = options

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Raises ExecutionError, which flake8 shows, once a configuration file has a key that only starts like ours."""
        for name, text in _NAMES.items():
            manager.add_option(
                # None: flake8 says nothing of it, and the project's own table may
                f"--{name}",
                action="store_true",
                default=None,
                parse_from_config=True,
                help=f"{text}.",
            )
        _name_the_nearest(manager.parser)
        Plugin._keys = _Keys(manager.config_options_dict)
        manager.config_options_dict = Plugin._keys

    @staticmethod
    def parse_options(options: argparse.Namespace) -> None:
        """Warn of every code that starts like ours and is none: the lint of everything else goes on."""
        Plugin._projects = _Projects(isolated=_isolated(sys.argv))
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
        follows = self._options.rnnlint_follow_imports
        if not (follows or mentions_rnn(self._text) or spells_one(self._text)):
            return
        from rnnlint.linter import lint
        from rnnlint.report import NOTHING

        project = Plugin._projects.of(self._filename)
        if _left_out(project, self._filename):
            return
        settings = self._settings(project)
        if follows:
            report = Plugin._projects.following(self._said()).report(
                str(_absolute(self._filename)), self._text, settings
            )
        else:
            report = lint(self._text, self._filename, settings, self._tree)
        if report is NOTHING:
            return
        from rnnlint.host_messages import failed, not_known

        selection = self._selection(project, settings)
        if self._takes(selection, "RNN900"):
            for line, column, text in not_known(report, show_unknown=settings.show_unknown):
                yield line, column, f"RNN900 {text}", type(self)
        if self._takes(selection, "RNN901"):
            for line, column, text in failed(report):
                yield line, column, f"RNN901 {text}", type(self)
        for finding in report.findings:
            if self._takes(selection, finding.code):
                # flake8 counts columns from 1 and adds the 1 itself
                yield finding.line, finding.column, f"{finding.code} {finding.message}", type(self)

    def _settings(self, project: Configuration) -> Settings:
        """What flake8 was asked for, and where it says nothing the project's table."""
        return replace(project.settings, **self._said())

    def _said(self) -> dict[str, bool]:
        given = {option.field: getattr(self._options, f"rnnlint_{option.field}") for option in OPTIONS}
        return {field: value for field, value in given.items() if value is not None}

    def _selection(self, project: Configuration, settings: Settings) -> Selection:
        """What the project's table selects, and over it what flake8's options do by more than the plugin's name.

        What flake8 does not select, or ignores, it leaves out itself.  Its own list of codes ignored by default will
        not do for those that are off: it is dropped as soon as a user sets ``ignore``.
        """
        from rnnlint.configuration.selection import Layer, Selection

        chosen = (*(self._options.select or ()), *(self._options.extend_select or ()))
        ours = [code for code in chosen if code.startswith(_PREFIX) and code != _PREFIX]
        if self._options.rnnlint_show_unknown:
            ours.append("RNN900")
        shown = ("RNN900",) if settings.show_unknown else ()
        return Selection((*project.layers, Layer(extend=tuple(ours))), project.per_file_ignores, shown)

    def _takes(self, selection: Selection, code: str) -> bool:
        return selection.takes(code, _absolute(self._filename))


class _Projects:
    """The configurations of projects: ``[tool.rnnlint]`` or rnnlint.toml, each read once a run.

    What is wrong with one is said, once a process, and then everything is as it is by default.
    """

    def __init__(self, *, isolated: bool) -> None:
        self._isolated = isolated
        self._found: Configurations | None = None
        self._following: ByFile | None = None
        self._said: set[str] = set()

    def of(self, filename: str) -> Configuration:
        """The configuration for a file."""
        from rnnlint.configuration import BadConfiguration, Configuration, Configurations

        if self._found is None:
            self._found = Configurations(isolated=self._isolated)
        try:
            return self._found.of(_absolute(filename))
        except BadConfiguration as error:
            if str(error) not in self._said:
                # in one piece: other processes write there as well
                sys.stderr.write(f"rnnlint: {error}\n")
                self._said.add(str(error))
            return Configuration()

    def following(self, said: Mapping[str, bool]) -> ByFile:
        """The files around each, under the settings that flake8 has ``said``."""
        if self._following is None:
            from rnnlint.checking.by_file import ByFile
            from rnnlint.configuration import Configurations

            self._following = ByFile(Configurations(said, isolated=self._isolated))
        return self._following


def _isolated(arguments: Sequence[str]) -> bool:
    """Whether flake8 was told to read no configuration; it keeps that to itself, so that its own command line is asked.

    (``argparse`` takes what an option begins with, if no other begins so: ``--ignore`` and ``--indent-size`` do not.)
    """
    return any(one.startswith("--is") and "--isolated".startswith(one) for one in arguments)


def _absolute(filename: str) -> Path:
    return Path(os.path.abspath(filename))  # noqa: PTH100 - what ".." leads back is not above


def _left_out(project: Configuration, filename: str) -> bool:
    """Whether the project's table excludes the file; what is skipped where it says nothing is flake8's business."""
    patterns = (*(project.exclude if project.where("exclude") else ()), *project.extend_exclude)
    return any(pattern.matches(_absolute(filename)) for pattern in patterns)


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
