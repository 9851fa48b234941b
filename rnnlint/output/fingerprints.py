"""By what a finding is known again after the lines around it have changed: never by its line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from rnnlint.diagnostics import Diagnostic


def fingerprints(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """One for each, all different: made of its key, and of how many with this key stand above it.

    A finding without a key has one made of what would make it.
    """
    met: Counter[tuple[str, ...]] = Counter()
    found = []
    for one in diagnostics:
        place = (one.place.path, one.code, one.qualified, one.expression)
        key = (one.key,) if one.key else place
        text = "\0".join((*key, str(met[key])))
        met[key] += 1
        found.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found
