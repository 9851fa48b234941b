"""What a rule says about torch, in a form that torch can refute.

A :class:`Claim` is a few lines of program and what their ``result`` holds.  ``rnnlint confirm`` puts the lines into a
whole program for every configuration of a grid (cell, layers, directions, layout, batched or not, packed or not,
sizes), lints that text, runs it on torch, and compares what arrives with what was claimed.

How to write claims
-------------------
A rule has two to seven.  ``flagged``: the reading it reports is what its message says, and is not what was ``wanted``.
``advised``: what the message tells people to write is what they want.  ``silent``: where the page says it stays
silent, the reading in question is right.  The rule's own code must be reported in a flagged program, and must not be
reported in the others::

    Claim(
        "flagged",
        "with one layer the backward half of output at the last step has read one step",
        "result = output[{at}-1, ..., {H}:]",
        expected="hidden(0, 1, T - 1)",
        wanted="hidden(0, 1, 'final')",
        where="D == 2 and L == 1 and T > 1 and not packed",
        reads="(sample == row) & (step == T - 1)",
        ignores="*_l0 weight_hh_l0_reverse",
    )

``rnnlint confirm RNN103`` judges them, and prints the simplest configuration that refutes one.

``program`` is a ``str.format`` template (write ``{{`` for a brace).  Before it stands the call, and after it
``return result``, all in a function ``read(x)``, or ``read(x, lengths)`` where the input is packed::

    output, (h_n, c_n) = rnn(x)                     # "output, {state} = rnn({input})"
    output, lengths = pad_packed_sequence(output)   # packed only, with the configuration's layout

A program that contains ``rnn(`` makes the call itself.  Its fields:

- ``{at}``: ``":, "`` for batch-first batched input, else nothing: ``output[{at}-1, ..., :{H}]`` is a half at the last
  step in every layout.  ``{steps}`` and ``{samples}``: the axes of ``output`` (``{samples}`` is nothing if unbatched).
- ``{L} {D} {N} {T} {H} {C} {I}``: layers, directions, samples (1 if unbatched), steps, units of the hidden state, units
  of the cell state (``hidden_size``; it differs from H with ``proj_size``), features of the input.
- ``{cell}``: ``LSTM``; ``{state}``: ``h_n`` or ``(h_n, c_n)``; ``{input}``: ``x``, or ``x`` packed;
  ``{batch_first}``: ``True`` or ``False``, as the module was built, and as packing must be told.
- Names: ``torch``, ``nn``, ``rnn``, ``x``, and with packed input ``lengths`` (on the CPU; ``lengths.to(x.device)``
  where torch wants them beside the values), ``pack_padded_sequence``, ``pad_packed_sequence``.

``expected`` and ``wanted`` are expressions.  They are evaluated with labels and with the reference in float64, so write
them with what the documentation says the states are, never with the program's own results:

- ``hidden(layer, direction, step)``: (N, H), or (H,) if unbatched.  Layer -1 is the last.  ``step`` is a number (-1 is
  T - 1; zeros where a sample of a packed batch is shorter), ``"final"`` (what the direction ends with: forward after
  each sample's last step, backward after step 0) or ``"every"``: (T, N, H) or (T, H).
- ``cell(layer, direction)``: (N, C) or (C,), the final cell state of an LSTM.
- ``output``, ``h_n``, ``c_n``: the whole results, arranged as torch documents them for this configuration (``output``
  padded with zeros).
- ``rnn(input, state)``: the reference called like the module, on an input that is not ``x`` as it stands (``x`` and
  ``lengths`` are there, ``x`` in float64).  Labels say nothing of such a claim.
- ``torch``, and the names of ``where`` but ``cell``, which is the function here.  A ``result`` may also be a number, a
  bool, None or a tuple; it must be equal.

``where`` is an expression over L, D, T, N, H, C, I, ``cell`` (``"RNN"``, ``"GRU"``, ``"LSTM"``), ``nonlinearity``
(``"tanh"``, ``"relu"``, "" for the others), ``proj`` (``proj_size``, 0 for none), ``batch_first``, ``batched`` and
``packed``.  Make it as wide as the claim is true.  The grid holds sizes that coincide (N == T, N == L * D) and sizes
of 1, where wrong readings are right by accident: that is what the ``where`` of a flagged claim excludes, and what a
silent claim is about.

``raises`` in place of ``expected``: the type of the exception and a part of its text that every version of torch has
(several types and parts: separated by ``|``).

Two more things can be said of a flagged or advised reading, both shown by autograd:

- ``reads``: which inputs the rows of ``result`` (its first axis; one row if it has a single axis) depend on, over
  ``row``, ``step``, ``sample``, T, N, L, D, ``lengths`` (N,).  (That each element depends on what the states in
  ``expected`` have read, and on nothing else, is seen to without it.)
- ``ignores``: exactly the parameters that get no gradient through ``result``, as patterns; ``{top}`` is the last layer.

When a claim is refuted, one of three is wrong: the claim, the rule, or the linter.  Narrow ``where`` only to what the
rule's page says.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from rnnlint.frozen import dataclass

Kind: TypeAlias = Literal["flagged", "advised", "silent"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a rule says about torch, checked over a grid of configurations; see above.

    ``text`` is for people, one line.  ``raises`` is the exception's type and a part of its text.
    """

    kind: Kind
    text: str
    program: str
    expected: str = ""
    raises: tuple[str, str] | None = None
    wanted: str = ""
    where: str = "True"
    reads: str = ""
    ignores: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("flagged", "advised", "silent"):
            raise ValueError(f"no kind of claim: {self.kind!r}")
        # one of the two, never both or none: what it says must be refutable
        if bool(self.expected) == bool(self.raises):
            raise ValueError(f"{self.text}: a claim says what is expected, or what torch raises")
        if bool(self.wanted) != (self.kind == "flagged" and not self.raises):
            raise ValueError(f"{self.text}: a flagged reading, and no other, differs from what was wanted")
        # nobody is told to write what torch refuses; right code may well raise, where a page says so (silent)
        if self.raises and self.kind == "advised":
            raise ValueError(f"{self.text}: what a rule advises does not raise")
