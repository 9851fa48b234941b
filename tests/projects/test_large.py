"""Of a file with many statements each is looked at once: what is asked of it does not grow faster than the file."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.projects.bringing import Bringing
from rnnlint.projects.summary import Statement, summarised


class Counted(frozenset[str]):
    """Words that are counted as they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        Counted.times += len(self)
        return super().__iter__()


def chain(count: int) -> tuple[Statement, ...]:
    """Constants, each made of the last."""
    made = "".join(f"C{number} = C{number - 1} + 1\n" for number in range(1, count))
    every = summarised(f"C0 = 0\n{made}").statements
    return tuple(Statement(one.binds, Counted(one.words)) for one in every)


def work(count: int) -> int:
    Counted.times = 0
    bringing = Bringing(chain(count))
    assert len(bringing.more({f"C{count - 1}"})) == count
    assert not any(bringing.more({f"C{number}"}) for number in range(count))
    return Counted.times


def test_a_long_chain_of_constants_is_gone_through_once() -> None:
    assert work(400) < 5 * work(100)


def test_what_a_name_brings() -> None:
    text = "A = 1\nB = A\ndef f():\n    return B\ndef g():\n    return 0\nD = {}\nD['x'] = g\nf.note = 2\n"
    statements = summarised(text).statements
    assert Bringing(statements).more({"f"}) == {0, 1, 2, 6}
    assert Bringing(statements).more({"D"}) == {3, 4, 5}
    after = Bringing(statements)
    assert (after.more({"B"}), after.more({"f"}), after.found) == ({0, 1}, {2, 6}, {0, 1, 2, 6})
