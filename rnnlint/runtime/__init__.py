"""Everything that runs torch: the oracle of the axis algebra, and the companion.  Never imported by the linter."""

from __future__ import annotations

try:
    import torch  # noqa: F401 - asked for in one place
except ModuleNotFoundError as missing:
    if missing.name != "torch":
        raise
    raise ImportError("rnnlint.runtime needs torch: pip install 'rnnlint[runtime]'") from None
