"""Every rewrite there is."""

from __future__ import annotations

from oracle.variations.indexing import INDEXING
from oracle.variations.results import RESULTS
from oracle.variations.rewrite import Rewrite

REWRITES: tuple[Rewrite, ...] = (*RESULTS, *INDEXING)
