"""Everything that runs torch: the oracle of the axis algebra.  Never imported by the linter."""
