"""Everything that runs torch: the oracle of the axis algebra, and the companion.  Never imported by the linter.

``audit(model, *inputs)`` runs a model by the linter's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnlint.runtime.auditing.audit import audit

try:
    import torch  # noqa: F401 - asked for in one place
except ModuleNotFoundError as missing:
    # because a module of ours that is missing is our mistake, and must not be told as torch that is not there
    if missing.name != "torch":
        raise
    raise ImportError("rnnlint.runtime needs torch: pip install 'rnnlint[runtime]'") from None

__all__ = ["audit"]


def __getattr__(name: str) -> object:
    if name == "audit":  # the oracle of the algebra does without it
        from rnnlint.runtime.auditing.audit import audit

        return audit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
