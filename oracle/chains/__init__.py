"""Chains of operations, drawn, and held against torch element by element."""
