"""What a rule can say: sentences with a name each, at the top of its file, so that one sees what it can say at all.

tests/rules/test_templates.py holds each of them against a finding of a fixture.
"""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.states import Call
from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.rules.rule import Hit
from rnnlint.values.domain import Free


@dataclass(frozen=True, slots=True)
class Template:
    """A message with fields in braces, and the same in fewer words (see :class:`~rnnlint.rules.rule.Hit`).

    ``{expr}`` and the names of results are filled in last, for all rules; the others are the rule's own.  ``raises``
    where it is what torch raises on.
    """

    text: str
    brief: str = ""
    raises: bool = False

    def filled(self, **fields: object) -> Template:
        """With these fields filled in; what is filled in may have some of the fields that all rules have."""
        text, brief = self.text, self.brief
        # replaced and not formatted: the fields that are left over are filled in later, by others
        for name, value in fields.items():
            text, brief = text.replace(f"{{{name}}}", str(value)), brief.replace(f"{{{name}}}", str(value))
        return replace(self, text=text, brief=brief)

    def at(self, site: Site, call: Call | None = None, defaults: tuple[Free, ...] = ()) -> Hit:
        """It, as a finding."""
        return Hit(site, self.text, self.brief, raises=self.raises, call=call, defaults=defaults)
