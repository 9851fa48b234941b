"""RNN503 dropout-on-one-layer

## What it finds
`dropout` given to an `nn.RNN`, `nn.GRU` or `nn.LSTM` of one layer: it cannot take effect. The number of layers must be
certain: written as a number, left out, or the same from every place that builds the class (which may leave it at its
default). Options of a command line, and values of files of settings, count as their defaults say; the message names
them. A place that hands on what nobody declares, as a script that builds a model again as it was stored, says nothing.

## Why it is wrong
`dropout` acts on the output of every layer but the last. With one layer nothing is dropped, and torch warns; a
bidirectional layer is still one layer. The model trains without the regularisation its author counts on.

## Example
```python
from torch import nn

lstm = nn.LSTM(8, 16, batch_first=True, dropout=0.5)
```

## Instead
```python
from torch import nn

lstm = nn.LSTM(8, 16, batch_first=True)
dropout = nn.Dropout(0.5)
```
The dropout is then applied to `output` by hand.

## When it stays silent
- A number of layers that is only a parameter's default, of a class that the file itself does not build: whoever builds
  it can ask for more.
- A rate known to be 0; a rate guarded by the number of layers (`dropout if n_layers > 1 else 0`).
- A rate that is declared 0 by default: nothing is to be dropped. With `--rnnlint-all-configurations` it is reported,
  "when dropout is not 0", since any other rate does nothing.
- A rate the file does not show is reported: whatever it is, it does nothing here.
- `*args` and `**kwargs` the file does not show.

## Fix
Safe: without the argument the numbers are the same. Where options decide how many layers there are, that is so in the
configuration that is named: `dropout if n_layers > 1 else 0` keeps the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Constructed
from rnnlint.events.calls import defaults_in
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.values.domain import Lit, Value
from rnnlint.values.facts import ANOTHER_RATE
from rnnlint.values.walk import options

CLAIMS = (
    Claim(
        "flagged",
        "with one layer nothing is dropped: two calls in training give the same output",
        "built, ones = nn.{cell}({I}, {C}, dropout=0.5), torch.ones(7, 4, {I})\n"
        "result = torch.allclose(built(ones)[0], built(ones)[0])",
        expected="True",
        wanted="False",
    ),
    Claim(
        "advised",
        "nn.Dropout acts on the output itself",
        "result = bool((nn.Dropout(1.0)(output) == 0).all())",
        expected="True",
    ),
    Claim(
        "silent",
        "between two layers the rate acts: at 1 nothing of the input arrives",
        "built, ones = nn.{cell}({I}, {C}, 2, dropout=1.0), torch.ones(7, 4, {I})\n"
        "result = torch.allclose(built(ones)[0], built(-ones)[0])",
        expected="True",
    ),
)


def _drops_nothing(event: Constructed) -> bool:
    """Whether there is one layer and nothing to be dropped: what is said of another rate is so all the same."""
    rates = [argument.value for argument in event.arguments if argument.parameter == "dropout"]
    return event.one_layer and not any(map(_drops, rates))


@rule(
    "RNN503",
    "dropout-on-one-layer",
    since="0.1",
    on=True,
    fix="safe",
    doc=__doc__,
    claims=CLAIMS,
    everywhere=True,
    passes=_drops_nothing,
)
def dropout_on_one_layer(event: Constructed) -> Iterator[Hit]:
    given = {argument.parameter: argument.value for argument in event.arguments}
    by_name = {argument.parameter for argument in event.arguments if argument.name is not None}
    if "dropout" not in given or not _drops(given["dropout"]):
        return
    if event.one_layer:
        why = f"dropout acts between layers, and this {event.cell} has one, so nothing is dropped"
        rate = given["dropout"]
        # of a rate that nobody has written the condition says what there is to say
        shown = isinstance(rate, Lit) and rate.value != ANOTHER_RATE
        facts = (("dropout", str(rate.value)),) if isinstance(rate, Lit) and shown else ()
        places = (
            Beside(event.site, "this acts between layers", "dropout"),
            *((Beside(event.site, "one layer", "num_layers"),) if "num_layers" in given else ()),
        )
        grounds = Grounds("one layer", "more than one layer", places=places, facts=(("num_layers", "1"), *facts))
        defaults = tuple(sorted(event.settings - event.left, key=lambda one: one.key))
        brief = f"dropout acts between layers, this {event.cell} has one"
        # whoever builds the class with more layers wants the rate that is handed on
        layers = given.get("num_layers")
        fixed = "num_layers" not in by_name and (layers is None or not defaults_in(layers))
        left_out = Given(event.site, "dropout", "", event.parameters)
        yield Hit(
            event.site,
            f"{{expr}}: {why}",
            "use nn.Dropout",
            brief,
            defaults=defaults,
            grounds=grounds,
            repairs=(Repair((left_out,), safe=True, title=_LEFT_OUT),) if fixed else (),
        )


# nothing is dropped without it either; a Dropout of one's own would change what is computed
_LEFT_OUT = "leave dropout out"


def _drops(rate: Value) -> bool:
    """Whether a rate is none that is known to be 0."""
    return all(not isinstance(option, Lit) or bool(option.value) for option in options(rate))
