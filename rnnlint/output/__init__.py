"""What a run has found, as text: one module a format, each a pure function from ``Checked``."""
