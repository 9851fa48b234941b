"""Texts that a program puts together, as far as they are known: names of modules, mostly."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.values.domain import Free, Items, Lit, Value
from rnnlint.values.uses import Use

LONGEST = 200
"""Letters of a text that is put together; longer than any name of torch's, since texts can double at each step."""


def written_into(run: Run, template: Lit, text: str, given: Value) -> Value:
    """``"%s" % kind``."""
    values = given.items if isinstance(given, Items) and given.tag is None else (given,)
    if text == "%s" and len(values) == 1 and _may_be_text(values[0]):
        return values[0]
    known = [value for value in values if isinstance(value, Lit) and isinstance(value.value, (str, int))]
    if len(known) == len(values) == text.count("%s") == text.count("%"):
        made = text % tuple(value.value for value in known)
        if len(made) <= LONGEST:
            # a text of several is none of them
            return Lit(made, template.origins.union({run.site.node}, *(value.origins for value in known)))
    for value in values:
        run.use(value, Use.ELSEWHERE)
    return Unknown("a formatted string")


def as_text(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``str(kind)``."""
    value = args[0]
    if _may_be_text(value):
        return value
    # another number where the one of a default is not taken; that of a round of a loop is what it is
    settled = isinstance(value, Lit) and not any(isinstance(origin, Free) for origin in value.origins)
    if settled and isinstance(value, Lit) and type(value.value) is int and is_spelled(run, value):
        return Lit(str(value.value))
    return Unknown("str()")


def is_spelled(run: Run, value: Lit) -> bool:
    """Whether a text of it is known: not of a number that stands in for one that the file leaves open."""
    return type(value.value) is not int or not run.facts.open(value.value)


def _may_be_text(value: Value) -> bool:
    return isinstance(value, Free) or (isinstance(value, Lit) and isinstance(value.value, str))
