"""``junit``: XML as JUnit writes it, which servers of builds show as tests: a suite a file, a failure a finding."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from rnnlint.diagnostics import Checked, Diagnostic, Refused
from rnnlint.output.places import line_in_file, spelled, within
from rnnlint.output.visible import visible


def text(checked: Checked) -> str:
    """A suite for each file with findings, one for what could not be read, and where there is neither one that passes.

    All characters beyond ASCII are references, so that it can be printed anywhere.
    """
    found, refused = len(checked.diagnostics), len(checked.refused)
    counts = {"tests": str((found + refused) or 1), "failures": str(found), "errors": str(refused)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _open("testsuites", {"name": "rnnlint", **counts})]
    for path, group in itertools.groupby(checked.diagnostics, lambda one: one.place.path):
        lines += _suite(path, [_failed(one) for one in group], failures=True)
    if refused:
        lines += _suite("rnnlint", [_refused(one) for one in checked.refused], failures=False)
    if not found and not refused:
        suite = {"name": "rnnlint", "tests": "1", "failures": "0", "errors": "0"}
        lines += [f"  {_open('testsuite', suite)}", '    <testcase classname="rnnlint" name="no findings"/>']
        lines += ["  </testsuite>"]
    lines.append("</testsuites>")
    return "".join(f"{line}\n" for line in lines)


def _suite(name: str, cases: list[list[str]], *, failures: bool) -> Iterator[str]:
    failed, errors = (len(cases), 0) if failures else (0, len(cases))
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": str(errors)}
    yield f"  {_open('testsuite', {'name': name, **counts})}"
    yield from (f"    {line}" for case in cases for line in case)
    yield "  </testsuite>"


def _failed(one: Diagnostic) -> list[str]:
    # a name of its own for each: servers take the second of two that are named alike for the first
    case = {"classname": one.place.path, "name": f"{one.code} {one.name} ({within(one.place)})", "file": one.place.path}
    case["line"] = str(line_in_file(one.place))
    said = [f"{spelled(one.place)}: {one.code} {one.message}"]
    said += [f"{spelled(other.place)}: {other.message}" for other in one.related]
    said += [f"{label}: {words}" for label, words in (("read", one.read), ("wanted", one.wanted)) if words]
    return _case(case, "failure", {"type": one.code, "message": one.message}, said)


def _refused(one: Refused) -> list[str]:
    case = {"classname": one.path, "name": "could not be read", "file": one.path}
    return _case(case, "error", {"message": one.reason}, [f"{one.path}: {one.reason}"])


def _case(case: Mapping[str, str], kind: str, about: Mapping[str, str], said: Iterable[str]) -> list[str]:
    words = "\n".join(map(_escaped, said))
    return [_open("testcase", case), f"  {_open(kind, about)}{words}</{kind}>", "</testcase>"]


def _open(tag: str, attributes: Mapping[str, str]) -> str:
    given = (f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    return f"<{tag}{''.join(given)}>"


def _escaped(words: str) -> str:
    """As the text of an element or of an attribute: XML has no control characters, not even as references."""
    escaped = visible(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # U+FFFE and U+FFFF are no characters, in XML as elsewhere
    escaped = escaped.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii")
