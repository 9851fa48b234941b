"""The command line: ``rnnlint check``, ``rule``, ``rules``, ``confirm``, ``audit``, ``reveal``, ``show``, ``server``,
``traceback``."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

FOUND, WRONG_INPUT = 1, 2  # exit statuses, which scripts tell apart: 1 is an answer, 2 is none
UNHEARD, INTERRUPTED = 141, 130  # as a shell says of what ends so

_LINT = "rnnlint check"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right option."""

    def error(self, message: str) -> NoReturn:
        strangers = [word.partition("=")[0] for word in message.split() if word.startswith("--")]
        if strangers and message.startswith("unrecognized"):
            from rnnlint.settings import guess

            known = [option for option in self._option_string_actions if option.startswith("--")]
            message += guess(strangers[0], known, str)
        self.exit(WRONG_INPUT, f"{self.prog}: {message}\n")


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: its arguments, what runs it and returns the exit status, and how arguments are read beforehand."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    spelled_out: Callable[[Sequence[str]], list[str]] = list


class _Versions(argparse.Action):
    """Prints what a report of a mistake should name, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import platform
        from importlib.metadata import PackageNotFoundError, version  # slow to import, and needed here only

        def of(name: str) -> str:
            try:
                return f"{name} {version(name)}"
            except PackageNotFoundError:
                return f"no {name}"

        others = ", ".join(map(of, ("flake8", "libcst", "torch")))
        print(f"{of('rnnlint')} (Python {platform.python_version()}, {others})")
        parser.exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0, 1 for something found, 2 for wrong input."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _Parser(
        prog="rnnlint",
        description="Say where a program misreads the results of an RNN.",
        epilog=f"To lint the current folder: {_LINT} . (flake8 lints as well, by its plugin)",
    )
    parser.add_argument("--version", action=_Versions, nargs=0, help="name the versions of rnnlint and what it runs on")
    if given and given[0] in COMMANDS:
        try:
            return _run(given[0], given[1:])
        except KeyboardInterrupt:
            return INTERRUPTED
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.help)
    if not given:
        parser.print_help(sys.stderr)
        return WRONG_INPUT  # nothing was looked at, and a script must not take that for "nothing found"
    if not given[0].startswith("-") and given[0] not in COMMANDS:
        known, where = ", ".join(COMMANDS), shlex.quote(given[0]) if Path(given[0]).exists() else "."
        parser.error(f"no command {given[0]!r} (there are {known}); to lint: {_LINT} {where}")
    parser.parse_args(given)
    raise AssertionError(given)  # help and the version end, and there is no other option


def _run(name: str, given: Sequence[str]) -> int:
    # of its own, and not one of the others' kind: so options may stand between paths
    command = COMMANDS[name]
    # and no option by its beginning: with the next one of the kind, it would be another or none
    parser = _Parser(prog=f"rnnlint {name}", description=command.help, allow_abbrev=False)
    command.arguments(parser)
    if sys.stderr is None:  # as Python has a stream that somebody has closed: what is printed there is for nobody
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
    if sys.stdout is None:  # an answer for nobody is none, and the next file that is opened would be taken for it
        return _refuse(name, "standard output is closed")
    asked = parser.parse_intermixed_args(command.spelled_out(given), argparse.Namespace(command=name))
    try:
        status = command.run(asked)
        sys.stdout.flush()
    except ImportError as missing:
        return _refuse(name, missing)
    except BrokenPipeError:
        _silence()
        return UNHEARD
    except OSError as error:  # a disk that is full, under what standard output goes to
        _silence()
        return _refuse(name, error.strerror or error)
    return status


def _silence() -> None:
    """Print nothing more: whoever was reading has read enough (``| head``), and Python would try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(command: str, why: Exception | str) -> int:
    print(f"rnnlint {command}: {why}", file=sys.stderr)
    return WRONG_INPUT


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    from rnnlint.checking import arguments

    arguments.add(parser)


def _check_spelled_out(given: Sequence[str]) -> list[str]:
    from rnnlint.checking import arguments

    return arguments.spelled_out(given)


def _check(asked: argparse.Namespace) -> int:
    from rnnlint.checking import command

    return command.run(asked)


def _rule_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="CODE|NAME|all", help="a rule by its code or name, or all of them")
    parser.add_argument("--output-format", choices=("text", "markdown", "json"), default="text")


def _rule(asked: argparse.Namespace) -> int:
    from rnnlint.checking import rule_command
    from rnnlint.showing import command

    try:
        print(rule_command.pages(asked.rule, asked.output_format, command.ink_of(sys.stdout, os.environ)))
    except rule_command.UnknownRule as wrong:
        return _refuse(asked.command, wrong)
    return 0


def _rules_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def _rules(asked: argparse.Namespace) -> int:
    from rnnlint.checking import rule_command

    print(rule_command.table(asked.output_format))
    return 0


def _confirm_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="CODE", help="rules by code, prefix or name (all)")
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (auto: the CPU, and a GPU if any)"
    )
    parser.add_argument("--dtype", help="of float64, float32, bfloat16, float16, separated by commas")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--quick", action="store_true", help="a part of the grid, float64 and float32 (the default)")
    scale.add_argument("--full", action="store_true", help="the whole grid, every dtype")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and inputs (0)")
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def _confirm(asked: argparse.Namespace) -> int:
    from rnnlint.runtime.confirm import command, report
    from rnnlint.runtime.confirm.devices import BadInput

    try:
        run = command.run(asked.codes, asked.device, asked.dtype, full=asked.full, seed=asked.seed)
    except BadInput as wrong:
        return _refuse(asked.command, wrong)
    print(report.as_json(run) if asked.output_format == "json" else report.text(run))
    return FOUND if run.refuted else 0


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets", nargs="+", metavar="package.module:factory", help="returns the model and its inputs, as a tuple"
    )
    for option, what in (
        ("--allow", "waive these rules and concerns: codes, prefixes of codes, names"),
        ("--select", "ask for these rules and concerns alone"),
    ):
        parser.add_argument(option, action="append", default=[], metavar="NAME[,NAME...]", help=what)
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers, before each factory is called (0)")
    parser.add_argument("--verbose", "-v", action="store_true", help="also say what was waived and what not followed")
    parser.add_argument(
        "--diff", action="store_true", help="also print what would mend the findings that the linter finds there too"
    )
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def _audit(asked: argparse.Namespace) -> int:
    from rnnlint.runtime.auditing import command, machine

    if asked.diff and asked.output_format != "text":
        return _refuse(asked.command, "--diff is text, and goes into no JSON")
    try:
        choices = command.asked(_names(asked.allow), _names(asked.select), asked.seed)
    except command.BadInput as wrong:
        return _refuse(asked.command, wrong)
    every = []
    for one in command.run(asked.targets, choices):
        every.append(one)
        if one.report is None:
            _refuse(asked.command, one.refused)
        elif asked.output_format == "text":
            print(one.report.text(one.target if len(asked.targets) > 1 else "", verbose=asked.verbose), flush=True)
    if asked.output_format == "json":
        print(machine.as_json(every, choices.seed))
    if asked.diff:
        found = {
            (each.place.file, each.place.line, each.code) for one in every if one.report for each in one.report.findings
        }
        if _audit_difference(asked.command, found):
            return WRONG_INPUT
    if any(one.report is None or one.report.error is not None or not one.report.followed for one in every):
        return WRONG_INPUT
    return 0 if all(one.report is not None and one.report.ok for one in every) else FOUND


def _audit_difference(command: str, found: Collection[tuple[str, int, str]]) -> int:
    """Print what would mend findings, and of how many the linter knows that."""
    from rnnlint.checking.audit_difference import difference_of
    from rnnlint.checking.inputs import WrongUse
    from rnnlint.configuration import BadConfiguration

    try:
        difference = difference_of(found)
    except (WrongUse, BadConfiguration) as wrong:
        return _refuse(command, wrong)
    print(difference.text, end="")
    left = len(found) - difference.mended
    if left:
        print(f"note: the linter has no fix for {left} of {len(found)} findings, without the configuration that runs")
    return 0


def _names(given: Sequence[str]) -> list[str]:
    """What stands between commas, in every option of the kind."""
    return [name for option in given for name in option.split(",")]


def _traceback_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="for which flake8 said RNN901")


def _traceback(asked: argparse.Namespace) -> int:
    from importlib.metadata import metadata, version

    from rnnlint.linter import lint

    failed = False
    for name in asked.files:
        try:
            text = _text_of(name)
        except (OSError, SyntaxError, UnicodeDecodeError) as wrong:
            return _refuse(asked.command, wrong)
        for failure in lint(text, name).internal:
            failed = True
            print(f"{name}:{failure.line}: {failure.what} failed: {failure.error}\n{failure.trace}")
    if not failed:
        print("no internal error")
        return 0
    urls = dict(url.split(", ", 1) for url in metadata("rnnlint").get_all("Project-URL") or ())
    where = f" at {urls['Issues']}" if "Issues" in urls else ""
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"rnnlint {version('rnnlint')}, libcst {version('libcst')}, Python {python}")
    print(f"Please report this{where}, with the lines of the file that it takes.")
    return FOUND


def _reveal_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("places", nargs="+", metavar="FILE[:LINE]", help="with reveal_axes(x) in it, or with a line")


def _reveal(asked: argparse.Namespace) -> int:
    from rnnlint.failures import said
    from rnnlint.report import INTERNAL
    from rnnlint.reveal import BadInput, revealed

    status = 0
    for given in asked.places:
        name, line = _place(given)
        try:
            for one in revealed(_text_of(name), line):
                print(f"{name}:{one.line}:{one.column + 1}: {one}")
        except (OSError, SyntaxError, UnicodeDecodeError) as wrong:
            status = _refuse(asked.command, wrong)
        except BadInput as wrong:
            status = _refuse(asked.command, f"{given}: {wrong}")
        except Exception as error:  # a mistake of ours must not take the other files' values away
            status = _refuse(asked.command, f"{given}: {INTERNAL}: {said(error)}")
    return status


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    from rnnlint.showing import command

    command.add(parser)


def _show(asked: argparse.Namespace) -> int:
    from rnnlint.failures import said
    from rnnlint.report import INTERNAL
    from rnnlint.showing import command

    try:
        text, agrees = command.shown(asked)
    except command.BadInput as wrong:
        return _refuse(asked.command, wrong)
    except ImportError:
        raise
    except Exception as error:  # a mistake of ours is said, and is no answer
        return _refuse(asked.command, f"{INTERNAL}: {said(error)}")
    print(text)
    return 0 if agrees else FOUND


def _server_arguments(parser: argparse.ArgumentParser) -> None:
    from rnnlint.server import command

    command.add(parser)


def _server(asked: argparse.Namespace) -> int:
    from rnnlint.server import command

    return command.run(asked)


def _place(given: str) -> tuple[str, int | None]:
    """A file, and the line after a colon; what is the name of a file as it stands has none."""
    name, colon, line = given.rpartition(":")
    return (name, int(line)) if colon and line.isdecimal() and not Path(given).exists() else (given, None)


def _text_of(name: str) -> str:
    import tokenize

    with tokenize.open(name) as file:
        return file.read()


COMMANDS = {
    "check": Command(
        "find what is wrong in files, folders and notebooks", _check_arguments, _check, _check_spelled_out
    ),
    "rule": Command("say what a rule finds, why that is wrong, and what to write instead", _rule_arguments, _rule),
    "rules": Command("list the rules, and which are on by default", _rules_arguments, _rules),
    "confirm": Command("run on torch what the rules claim, and report what holds", _confirm_arguments, _confirm),
    "reveal": Command(
        "print what the values in files are: of reveal_axes(x), or of a line", _reveal_arguments, _reveal
    ),
    "show": Command("say and draw what an expression over an RNN's results holds", _show_arguments, _show),
    "server": Command(
        "speak with an editor: findings while one types, and what a value is", _server_arguments, _server
    ),
    "traceback": Command("print the tracebacks of rnnlint's own mistakes in files", _traceback_arguments, _traceback),
    "audit": Command("run a model once, and report what it reads of its RNNs", _audit_arguments, _audit),
}
