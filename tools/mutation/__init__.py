"""Mutation testing of the axis algebra and the rules (docs/mutants.md)."""
