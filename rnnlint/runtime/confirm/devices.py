"""Which devices and dtypes a run is on."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any

import torch

from rnnlint.runtime.truth.tolerances import tolerance

DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
QUICK_DTYPES = ("float64", "float32")


class BadInput(Exception):
    """What was asked for does not exist; the text is one line."""


def devices(asked: str) -> list[str]:
    """The devices to run on: the one that was asked for, or with "auto" the CPU and the GPU if there is one."""
    if asked == "auto":
        # the CPU first, because what it refutes needs no GPU to be looked at
        return ["cpu", *(["cuda:0"] if torch.cuda.is_available() else ["mps"] if _has_mps() else [])]
    # by hand, because torch.device takes kinds for which no tolerance is known
    named = re.fullmatch(r"(cpu|mps)|cuda(?::(\d+))?", asked)
    if not named:
        raise BadInput(f"no such device: {asked!r} (auto, cpu, cuda, cuda:N or mps)")
    if asked == "cpu":
        return ["cpu"]
    if asked == "mps":
        if not _has_mps():
            raise BadInput(f"no device mps: torch {torch.__version__} sees none")
        return ["mps"]
    index = int(named[2] or 0)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if index >= count:
        raise BadInput(f"no device {asked}: torch {torch.__version__} sees {count or 'none'}")
    return [f"cuda:{index}"]


def dtypes(asked: str | None, *, full: bool) -> list[torch.dtype]:
    """The dtypes that were asked for, separated by commas; without any, those of a quick or a full run.

    The widest comes first.
    """
    names = list(DTYPES if full else QUICK_DTYPES) if asked is None else asked.split(",")
    unknown = [name for name in names if name not in DTYPES]
    if unknown:
        raise BadInput(f"no such dtype: {unknown[0]!r} ({', '.join(DTYPES)})")
    return [dtype for name, dtype in DTYPES.items() if name in names]


def check_seed(asked: int) -> None:
    """Raises BadInput for a seed that torch does not take."""
    try:
        torch.Generator().manual_seed(asked)
    except (ValueError, RuntimeError):  # which of them depends on the version
        raise BadInput("no such seed: torch takes whole numbers from -2**63 to 2**64 - 1") from None


def missing(device: str, dtype: torch.dtype) -> str:
    """Why nothing can be run on this device in this dtype, "" where it can."""
    try:
        tolerance(dtype, torch.device(device).type, steps=1, layers=1)
        with seeds_kept(device):
            for cell in (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM):
                cell(1, 1, device=device, dtype=dtype)(torch.zeros(1, 1, 1, device=device, dtype=dtype))
    except (RuntimeError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return ""


def seeds_kept(device: str) -> AbstractContextManager[None]:
    """The state of the random generators of the CPU and of ``device`` is restored at the end."""
    index = torch.device(device).index if torch.device(device).type == "cuda" else None
    found: AbstractContextManager[None] = torch.random.fork_rng(devices=[] if index is None else [index])
    return found


def described(device: str) -> dict[str, str]:
    """A device and what drives it."""
    found = {"device": device}
    if torch.device(device).type == "cuda":
        found["name"] = torch.cuda.get_device_name(device)
        found["cuda"] = str(torch.version.cuda)
        cudnn: Any = torch.backends.cudnn
        found["cudnn"] = str(cudnn.version())
    return found


def _has_mps() -> bool:
    return hasattr(torch.backends, "mps") and torch.backends.mps.is_available()
