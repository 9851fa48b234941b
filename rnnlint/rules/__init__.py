"""The catalogue: one module a rule, found by its file name."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from rnnlint.rules.rule import Rule


@cache
def registry() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes.  A rule is what a module named ``rnnNNN`` defines."""
    # a rule is found by its file, so that adding one touches no list; sorted, since files come in any order
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name.startswith("rnn"))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    rules = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return {rule.code: rule for rule in rules}
