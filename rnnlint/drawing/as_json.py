"""A picture as JSON: every cell with what its elements hold, every strip with the steps that were read."""

from __future__ import annotations

from typing import Any

from rnnlint.axes.states import Call, Source
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.positions import Runs

FORM = 1
"""Of the JSON; it grows where something is said otherwise, not where something is added."""


def as_json(picture: Picture) -> dict[str, Any]:
    """The picture as values that JSON has.

    Sets of positions are lists of [start, count, step]; stretches of steps are [start, stop].
    """
    return {
        "form": FORM,
        "says": picture.says,
        "shape": list(picture.shape),
        "axes": [
            {
                "name": axis.name,
                "extent": axis.extent,
                "bands": [list(band) for band in axis.bands],
                "left_out": list(axis.left_out) if axis.left_out else None,
            }
            for axis in picture.axes
        ],
        "sources": [_source(source) for source in picture.sources],
        "cells": [_cell(cell) for cell in picture.cells],
    }


def _source(source: Source) -> dict[str, Any]:
    if not isinstance(source, Call):
        return {"kind": "given", "shape": list(source.shape)}
    return {
        "kind": "call",
        "layers": source.layers,
        "directions": source.directions,
        "samples": source.samples,
        "steps": source.steps,
        "units": source.units,
        "cell_units": source.cell_units,
        "packed": source.packed,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "index": list(cell.index),
        "place": [list(band) for band in cell.place],
        "parts": [_part(part) for part in cell.parts],
        "note": cell.note,
    }


def _part(part: Part) -> dict[str, Any]:
    strip = part.strip
    return {
        "call": part.call,
        "kind": part.kind,
        "direction": part.direction,
        "layers": _runs(part.layers),
        "samples": _runs(part.samples),
        "steps": part.steps if isinstance(part.steps, str) else _runs(part.steps),
        "units": _runs(part.units),
        "reordered": part.reordered,
        "strip": strip
        and {
            "steps": strip.steps,
            "own": [list(stretch) for stretch in strip.own],
            "below": [list(stretch) for stretch in strip.below],
            "certain": strip.certain,
        },
    }


def _runs(runs: Runs) -> list[list[int]]:
    return [[run.start, run.count, run.step] for run in runs]
