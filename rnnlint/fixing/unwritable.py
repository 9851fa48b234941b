"""The exception for what a rule asks for and nobody can write at its place."""

from __future__ import annotations


class Unwritable(Exception):
    """A change cannot be written at its place; the message says why."""
