"""Mutation testing of the axis algebra, the rules, torch's meaning and the interpreter (docs/mutants.md)."""
