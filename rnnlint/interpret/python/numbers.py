"""Python's builtins that make a number of a value."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.tensors.indexing import scalar
from rnnlint.values.domain import Either, Formless, Free, Lit, Tensor, Value


def _open_text(value: Value) -> Value:
    """The setting whose default a text is, which is read as a number: that stays open."""
    opened = [origin for origin in value.origins if isinstance(origin, Free)] if isinstance(value, Lit) else []
    return opened[0] if len(opened) == 1 else value


def whole(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``int(x)``, ``round(x)``."""
    value = args[0]
    if isinstance(value, Lit) and isinstance(value.value, (int, float)):
        try:
            return Lit(int(value.value), value.origins)
        except (OverflowError, ValueError):
            return Unknown("int() of no number")
    value = _open_text(value)
    if isinstance(value, Formless) or (isinstance(value, Tensor) and not run.calls.modules(value.states)):
        return scalar(value)
    return value if isinstance(value, Free) else Unknown("int() of something that is not known")


def real(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``float(x)``."""
    value = args[0]
    if isinstance(value, Lit) and isinstance(value.value, (int, float)):
        try:
            return Lit(float(value.value), value.origins)
        except OverflowError:
            return Unknown("float() of a number that is too large")
    value = _open_text(value)
    return value if isinstance(value, Free) else Unknown("float()")


def truth(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``bool(x)``; of an option it is the option, so that both are answered alike."""
    if isinstance(args[0], Free) or (isinstance(args[0], Lit) and type(args[0].value) is bool):
        return args[0]
    known = run.facts.flag(args[0])
    return Either((Lit(True), Lit(False))) if known is None else Lit(known)
