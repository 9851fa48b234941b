"""The command ``rnnlint show``: arguments, and from them to what is printed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from rnnlint.drawing.terminal import Ink
from rnnlint.output.styles import look_of
from rnnlint.showing import writing
from rnnlint.showing.answer import answer, compared
from rnnlint.showing.question import CELLS, BadInput, Question, read, sizes_of

__all__ = ["BadInput", "add", "shown"]

FORMATS = ("text", "svg", "html", "json")
_MOST_LAYERS = 64  # as many as a label counts (runtime.truth.labels); no model has more


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("expressions", nargs="+", metavar="EXPRESSION", help="one, or two to be compared")
    kind = parser.add_mutually_exclusive_group()
    for cell in CELLS:
        said = f"of an nn.{cell}" + (" (the default)" if cell == CELLS[0] else "")
        kind.add_argument(f"--{cell.lower()}", dest="cell", action="store_const", const=cell, help=said)
    parser.add_argument("--layers", type=int, default=1, metavar="L", help="num_layers (1)")
    parser.add_argument("--bidirectional", action="store_true")
    parser.add_argument("--batch-first", action="store_true")
    parser.add_argument("--packed", action="store_true", help="samples of unequal length, packed and padded again")
    parser.add_argument("--proj-size", type=int, default=0, metavar="P", help="of an LSTM (0)")
    parser.add_argument("--sizes", default="", metavar="N=3,T=5,H=4,I=2", help="samples, steps, units, inputs")
    parser.add_argument("--run", action="store_true", help="run it on torch as well, and say whether that agrees")
    parser.add_argument("--device", default="cpu", help="on which --run runs: cpu, cuda, cuda:N or mps (cpu)")
    parser.add_argument("--ascii", action="store_true", help="draw in ASCII")
    parser.add_argument("--output-format", choices=FORMATS, default="text")


def shown(asked: argparse.Namespace) -> tuple[str, bool]:
    """What to print, and whether torch agrees.  BadInput for what cannot be answered, in one line."""
    question = _question(asked)
    if len(asked.expressions) > 2:
        raise BadInput(f"one expression or two, not {len(asked.expressions)}")
    answers = tuple(answer(question, one) for one in asked.expressions)
    verdict = compared(question, *asked.expressions) if len(answers) == 2 else None
    lines: tuple[str, ...] = ()
    agrees = True
    if asked.run:
        from rnnlint.showing import running  # torch, for those who ask for it

        trees = [read(one, question) for one in asked.expressions]
        lines, agrees = running.confirmed(question, trees, answers, verdict, asked.device)
    everything = writing.Shown(question, answers, verdict, lines)
    if asked.output_format == "json":
        return writing.as_json_text(everything), agrees
    if asked.output_format == "html":
        return writing.as_html(everything), agrees
    if asked.output_format == "svg":
        drawn = writing.as_svg(everything)
        if not drawn:
            raise BadInput(f"nothing to draw: {writing.heading(answers[0])}")
        return drawn.rstrip("\n"), agrees
    return writing.text(everything, ink_of(sys.stdout, os.environ, asked.ascii)), agrees


def ink_of(stream: TextIO, environment: Mapping[str, str], plain: bool = False) -> Ink:
    """What a stream can show: blocks where its encoding has them, colours as everywhere (see output.styles)."""
    look = look_of(stream, environment)
    return Ink(look.unicode and not plain, look.colour, look.width)


def _question(asked: argparse.Namespace) -> Question:
    cell = asked.cell or CELLS[0]
    if not 1 <= asked.layers <= _MOST_LAYERS:
        raise BadInput(f"--layers {asked.layers}: 1 to {_MOST_LAYERS:,}")
    sizes = sizes_of(asked.sizes)
    if asked.proj_size and cell != "LSTM":
        raise BadInput(f"--proj-size: of an LSTM alone; torch raises ValueError for nn.{cell}")
    if not 0 <= asked.proj_size < sizes["H"]:
        raise BadInput("--proj-size: torch raises ValueError: it has to be smaller than H, and not negative")
    if asked.packed and sizes["N"] > MOST_LENGTHS:
        raise BadInput(f"--packed: every sample has a length of its own; of at most {MOST_LENGTHS:,} samples")
    return Question(cell, asked.layers, asked.bidirectional, asked.batch_first, asked.packed, asked.proj_size, sizes)


MOST_LENGTHS = 100  # lengths that are written into a program, and looked at one by one
