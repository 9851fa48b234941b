"""Frozen values that cost no more to make than plain ones.

To a type checker, ``dataclass`` here is ``dataclasses.dataclass``, and what is declared frozen is: mypy refuses every
assignment to a field.  At run time such a class is a plain one that is hashed by its fields.  The standard library
writes each field of a frozen one through ``object.__setattr__``, so that one of eight fields takes five times as long
to make, and an analysis makes hundreds of thousands: an eighth of its time.

``RNNLINT_FROZEN=1`` in the environment makes them frozen at run time as well, to find who changes one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING


class Hashed:
    """What is looked up often by all that is in it, or is nested: its hash is found once, and kept.

    ``__hash__`` gives ``_hash`` or, where there is none yet, what it hands to ``keep``.  (Each class spells that out:
    through one more call it takes twice as long, and lookups ask for a hundred thousand.)
    """

    __slots__ = ("_hash",)

    _hash: int

    def keep(self, found: int) -> int:
        """The hash, from now on."""
        self._hash = found
        return found


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(cls=None, /, *, frozen=False, eq=True, **options):
        """``dataclasses.dataclass``; ``frozen`` is left to the type checker."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, eq=eq, **options)
        if not frozen:
            return dataclasses.dataclass(cls, eq=eq, **options)
        if os.environ.get("RNNLINT_FROZEN"):
            return _refusing(dataclasses.dataclass(cls, frozen=True, eq=eq, **options))
        # one that is compared by identity is hashed so; a hash that the class defines itself stays
        by_fields = eq and "__hash__" not in cls.__dict__
        return dataclasses.dataclass(cls, eq=eq, unsafe_hash=by_fields, **options)

    def _refusing(cls):
        """The class, whose fields are set when it is made; what it finds out about itself later is no field."""
        fields = frozenset(field.name for field in dataclasses.fields(cls))

        def refuse(self, name, value):
            if name in fields:
                raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
            object.__setattr__(self, name, value)

        cls.__setattr__ = refuse
        return cls
