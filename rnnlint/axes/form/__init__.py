"""How an arrangement is written: the normal form, and the digits of row-major order."""
