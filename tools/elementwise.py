"""Writes ``torch_api/tensors/elementwise_names.py``: which functions of torch keep every axis, asked of torch itself,
and which methods have a twin that works in place.

    python -m tools.elementwise [--check]

A function is elementwise if every element of what it returns depends on the element at the same place, and on no other:
autograd says so, for each way of calling it that torch takes.  ``--check`` says what differs from what is checked in,
and exits with 1 if anything does; other versions of torch have other functions.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.registry import OPERATIONS
from rnnlint.torch_api.tensors.elementwise_names import IN_PLACE, OF_ONE, OF_TWO

# What other operations are (their own registration says what they do), and what only looks elementwise here.
NOT_THESE = frozenset({"alias_copy", "slice_copy", "as_tensor", "asarray", "sym_sum", "to_dense", "fill_diagonal_"})
NOT_THESE |= {"kl_div", "binary_cross_entropy_with_logits", "logical_not_", "polygamma", "polygamma_", "share_memory_"}
NOT_THESE |= {"type"}  # says where a tensor is as well
# bounded by a number, or by a tensor that is only a bound
BOUNDED = frozenset({"clamp", "clip", "clamp_min", "clamp_max", "pow"})

PAGE = Path(__file__).resolve().parents[1] / "rnnlint" / "torch_api" / "tensors" / "elementwise_names.py"
SIZES = ((2, 3), (1, 2, 1), (3,), ())  # an operation that asks for a rank, or looks at ones, is no function of elements

# Ways to call a function of one tensor: alone, with a number, a type, or two numbers, with a chance and no training.
# The numbers lie where thresholds, chances and bounds are valid; the 2 is for what takes whole ones.
ALONE: dict[str, tuple[object, ...]] = {
    "x": (),
    "x, 0.5": (0.5,),
    "x, 2": (2,),
    "x, 0.25, 0.75": (0.25, 0.75),
    "x, 0.5, False": (0.5, False),
    "x, torch.float64": (torch.float64,),
}

HOMES = {"torch": torch, "Tensor": Tensor, "torch.nn.functional": functional}


def elementwise() -> tuple[dict[str, list[str]], list[str]]:
    """Qualified names: of those that take one tensor, by how they are called, and of those that take two."""
    one: dict[str, list[str]] = {}
    two: list[str] = []
    for home, holder in HOMES.items():
        for name in sorted(dir(holder)):
            function = getattr(holder, name)
            # names with a dash in front are torch's own affair
            if name.startswith("_") or name in NOT_THESE or not callable(function) or isinstance(function, type):
                continue
            if _defined_elsewhere(f"{home}.{name}"):
                continue
            if name.rstrip("_") not in BOUNDED and all(_diagonal(function, 2, (), sizes) for sizes in SIZES):
                two.append(f"{home}.{name}")
                continue
            for called, more in ALONE.items():
                # the first call that shows it is enough, and the shortest come first
                if all(_diagonal(function, 1, more, sizes) for sizes in SIZES):
                    one.setdefault(called, []).append(f"{home}.{name}")
                    break
    return one, two


def in_place() -> list[str]:
    """Methods that are followed, and have another one that does the same in place and is not registered itself."""
    listed = {*" ".join(OF_ONE.values()).split(), *OF_TWO.split()}
    twins = {f"Tensor.{name}_" for name in IN_PLACE.split()}
    methods = {name.removeprefix("Tensor.") for name in OPERATIONS if name.startswith("Tensor.")} - NOT_THESE
    own = {name for name in OPERATIONS if name not in twins} | listed
    return sorted(name for name in methods if hasattr(Tensor, f"{name}_") and f"Tensor.{name}_" not in own)


def _defined_elsewhere(name: str) -> bool:
    """Whether an operation of that name is registered by hand."""
    listed = {*" ".join(OF_ONE.values()).split(), *OF_TWO.split()}
    return find(name) is not None and name not in listed


def _diagonal(function: Callable[..., Any], count: int, more: tuple[object, ...], sizes: tuple[int, ...]) -> bool:
    """Whether each element of the result depends on that element of each tensor, and on no other."""
    torch.manual_seed(0)
    # between 0 and 1, and away from both: where most functions are defined, and few are flat
    leaves = [(torch.rand(sizes, dtype=torch.float64) * 0.4 + 0.3).requires_grad_() for _ in range(count)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(*[leaf.clone() for leaf in leaves], *more)
        if not isinstance(result, Tensor) or result.shape != torch.Size(sizes) or not result.requires_grad:
            return False
        return all(_own(result, leaf) for leaf in leaves)
    except Exception:  # whatever it says, it is not called like this
        return False


def _own(result: Tensor, leaf: Tensor) -> bool:
    read = set()
    for place, element in enumerate(result.reshape(-1)):
        gradient = torch.autograd.grad(element, leaf, retain_graph=True)[0]  # raises where it does not depend on it
        read |= {(place, other) for other in gradient.reshape(-1).nonzero().reshape(-1).tolist()}
    return bool(read) and all(place == other for place, other in read)


def page() -> str:
    """The module, as it is written."""
    one, two = elementwise()
    lines = [
        '"""Which of torch\'s functions work element by element, and which methods work in place as well.',
        "",
        "Written by ``python -m tools.elementwise``.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "# every element of the result is made of the element at its place; by a call that shows it",
        "OF_ONE = {",
    ]
    for called, names in one.items():
        lines += [f'    "{called}": """', *_wrapped(names), '    """,']
    lines += ["}", "", "# the same of two tensors, or of one and a number", 'OF_TWO = """', *_wrapped(two), '"""', ""]
    lines += ["# methods that do the same in place, under this name and _", 'IN_PLACE = """', *_wrapped(in_place())]
    lines += ['"""', ""]
    return "\n".join(lines)


def _wrapped(names: list[str]) -> list[str]:
    return textwrap.wrap(" ".join(names), 120, break_long_words=False, break_on_hyphens=False)


def main() -> int:
    """The command.  Returns 1 where ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.elementwise")
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    here, there = set(page().split()), set(PAGE.read_text(encoding="utf-8").split())
    for name in sorted(here ^ there):
        print(f"{name}: {'not in the list' if name in here else 'in the list, and not elementwise here'}")
    return int(here != there)


if __name__ == "__main__":
    sys.exit(main())
