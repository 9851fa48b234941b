"""Every rewrite there is."""

from __future__ import annotations

from oracle.variations.between import BETWEEN
from oracle.variations.classes import CLASSES
from oracle.variations.construction import CONSTRUCTION
from oracle.variations.flow import FLOW
from oracle.variations.indexing import INDEXING
from oracle.variations.moving import MOVING
from oracle.variations.names import NAMES
from oracle.variations.results import RESULTS
from oracle.variations.rewrite import Rewrite

REWRITES: tuple[Rewrite, ...] = (*NAMES, *RESULTS, *CONSTRUCTION, *CLASSES, *INDEXING, *BETWEEN, *MOVING, *FLOW)
