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
    import reprlib

    def dataclass(cls=None, /, *, frozen=False, eq=True, **options):
        """``dataclasses.dataclass``; ``frozen`` is left to the type checker."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, eq=eq, **options)
        if not frozen:
            return dataclasses.dataclass(cls, eq=eq, **options)
        if os.environ.get("RNNLINT_FROZEN"):
            return _refusing(dataclasses.dataclass(cls, frozen=True, eq=eq, **options))
        return _written(cls, eq, **options)

    def _written(cls, eq, *, slots=False, repr=True, order=False):
        """The class with its fields, whose methods are written when the first of them is called.

        The standard library writes five functions for each class, one by one, and has Python compile each: for two
        hundred classes that is half of what it takes to import the analysis, and a file needs some of them only.
        """
        own = vars(cls).keys() & {"__init__", "__eq__", "__hash__", "__repr__"}
        if cls.__doc__ is None:
            cls.__doc__ = cls.__name__  # or the signature is written into it, which takes as long as all the rest
        made = dataclasses.dataclass(cls, init=False, repr=False, eq=False, slots=slots)
        if repr and "__repr__" not in own:
            made.__repr__ = _shown
        if order:
            made.__lt__ = _less
        names = ("__init__", *(("__eq__", "__hash__") if eq else ()))
        for name in names:
            if name not in own:
                setattr(made, name, _later(made, name, own))
        return made

    def _later(made, name, own):
        def first(*given, **named):
            for one, method in _methods(made).items():
                if one not in own and one in vars(made):
                    setattr(made, one, method)
            return getattr(made, name)(*given, **named)

        return first

    def _methods(made):
        """``__init__``, ``__eq__`` and ``__hash__`` of a class, compiled at once."""
        fields = dataclasses.fields(made)
        missing = dataclasses.MISSING
        space = {"missing": missing}
        taken, body = ["self"], []
        for field in fields:
            space[f"default_{field.name}"] = field.default
            space[f"make_{field.name}"] = field.default_factory
            makes = field.default_factory is not missing
            if field.init:
                has_default = makes or field.default is not missing
                given = "missing" if makes else f"default_{field.name}"
                taken.append(f"{field.name}={given}" if has_default else field.name)
                value = f"make_{field.name}() if {field.name} is missing else {field.name}" if makes else field.name
                body.append(f"self.{field.name} = {value}")
            elif makes:
                body.append(f"self.{field.name} = make_{field.name}()")
        if hasattr(made, "__post_init__"):
            body.append("self.__post_init__()")
        compared = [field.name for field in fields if field.compare]
        mine, others = ("".join(f"{who}.{name}, " for name in compared) for who in ("self", "other"))
        text = (
            f"def __init__({', '.join(taken)}):\n    {'; '.join(body) or 'pass'}\n"
            "def __eq__(self, other):\n"
            "    if other.__class__ is not self.__class__: return NotImplemented\n"
            f"    return ({mine}) == ({others})\n"
            f"def __hash__(self):\n    return hash(({mine}))\n"
        )
        exec(text, space)
        return {name: space[name] for name in ("__init__", "__eq__", "__hash__")}

    @reprlib.recursive_repr()
    def _shown(self):
        held = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
        return f"{type(self).__qualname__}({held})"

    def _less(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        names = [one.name for one in dataclasses.fields(self) if one.compare]
        return [getattr(self, name) for name in names] < [getattr(other, name) for name in names]

    def _refusing(cls):
        """The class, whose fields are set when it is made; what it finds out about itself later is no field."""
        fields = frozenset(field.name for field in dataclasses.fields(cls))

        def refuse(self, name, value):
            if name in fields:
                raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
            object.__setattr__(self, name, value)

        cls.__setattr__ = refuse
        return cls
