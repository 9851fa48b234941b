"""The same program written otherwise: rewrites that keep what it computes, checked on torch, and linted."""
