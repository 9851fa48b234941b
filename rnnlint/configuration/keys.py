"""What a key is: its name, what may stand there, what it means."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TypeVar

from rnnlint.frozen import dataclass

_Value = TypeVar("_Value")


class Kind(Enum):
    """What may stand at a key; the value says so to a reader."""

    CODES = "list of codes"
    PER_FILE = "table of patterns, each with a list of codes"
    PATTERNS = "list of patterns"
    FORMATS = "format, or a list of formats"
    SWITCH = "true or false"
    COUNT = "whole number from 0 up"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the table.

    ``name`` is how it is written in a file; with two hyphens before it, it is the option of the command line.
    """

    name: str
    kind: Kind
    default: object
    help: str
    example: str  # in TOML

    @property
    def field(self) -> str:
        """The name of the field of a :class:`rnnlint.configuration.Configuration`."""
        return self.name.replace("-", "_")


def key(kind: Kind, default: _Value, text: str, example: str) -> _Value:
    """A field that is a key (to a type checker, its default)."""
    return field(default=default, metadata={"kind": kind, "help": text, "example": example})
