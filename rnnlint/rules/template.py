"""What a rule can say: sentences with a name each, at the top of its file, so that one sees what it can say at all.

tests/rules/test_templates.py holds each of them against a finding of a fixture.
"""

from __future__ import annotations

from rnnlint.axes.states import Call
from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.rules.grounds import NO_GROUNDS, Grounds
from rnnlint.rules.repairs import Repair
from rnnlint.rules.rule import Hit
from rnnlint.values.domain import Free


@dataclass(frozen=True, slots=True)
class Template:
    """A message with fields in braces: what is wrong, and what to do (see :class:`~rnnlint.rules.rule.Hit`).

    ``{expr}`` and the names of results are filled in last, for all rules; the others are the rule's own.  ``raises``
    where it is what torch raises on.
    """

    what: str
    advice: str = ""
    brief: str = ""
    brief_advice: str = ""
    help: str = ""
    raises: bool = False

    def filled(self, **fields: object) -> Template:
        """With these fields filled in; what is filled in may have some of the fields that all rules have."""
        said = [self.what, self.advice, self.brief, self.brief_advice, self.help]
        # replaced and not formatted: the fields that are left over are filled in later, by others
        for name, value in fields.items():
            said = [text.replace(f"{{{name}}}", str(value)) for text in said]
        what, advice, brief, brief_advice, instead = said
        return Template(what, advice, brief, brief_advice, instead, self.raises)

    def at(
        self,
        site: Site,
        call: Call | None = None,
        defaults: tuple[Free, ...] = (),
        grounds: Grounds = NO_GROUNDS,
        repairs: tuple[Repair, ...] = (),
    ) -> Hit:
        """It, as a finding."""
        return Hit(
            site,
            self.what,
            self.advice,
            self.brief,
            self.brief_advice,
            self.help,
            raises=self.raises,
            call=call,
            defaults=defaults,
            grounds=grounds,
            repairs=repairs,
        )
