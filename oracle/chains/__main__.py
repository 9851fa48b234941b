"""``python -m oracle.chains``: see :mod:`oracle.chains.chain`."""

from __future__ import annotations

import sys

from oracle.chains.chain import main

if __name__ == "__main__":
    sys.exit(main())
