"""The programs of the rules' own pages: linted as they stand, and run on a device in a dtype."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from unittest import mock

import torch
from torch import Tensor
from torch.nn.utils import rnn as packing

from rnnlint.linter import lint
from rnnlint.runtime.confirm.prepared import on, seeded
from rnnlint.runtime.confirm.witnesses import RAISED, Refuted, supported


def example(text: str, code: str, error: str | None, device: str, dtype: torch.dtype) -> None:
    """The page's example: the rule reports it, and torch does what the page says (``error``: the exception's type)."""
    reported = {finding.code for finding in lint(text).findings}
    if reported != {code}:
        raise Refuted(
            "rnnlint", f"it reports {', '.join(sorted(reported)) or 'nothing'}, and {code} should be reported"
        )
    _runs(text, error, device, dtype)


def instead(text: str, device: str, dtype: torch.dtype) -> None:
    """What the page says to write instead: nothing is reported, and it runs."""
    reported = sorted({finding.code for finding in lint(text).findings})
    if reported:
        raise Refuted("rnnlint", f"it reports {', '.join(reported)}, and nothing should be reported")
    _runs(text, None, device, dtype)


def _runs(text: str, error: str | None, device: str, dtype: torch.dtype) -> None:
    seeded(0, device)
    try:
        with on(device, dtype), _packing_on(device), contextlib.redirect_stdout(io.StringIO()):
            # as ``__main__``, because some examples run themselves under that name
            exec(compile(text, "<example>", "exec"), {"__name__": "__main__"})
    except RAISED as raised:
        supported(raised)
        if type(raised).__name__ != error:
            said = f"{type(raised).__name__}: {str(raised).splitlines()[0] if str(raised) else ''}"
            raise Refuted("torch", f"it raises {said}; the page says {error or 'that it runs'}") from raised
    else:
        if error:
            raise Refuted("torch", f"it raises nothing; the page says {error}")


@contextlib.contextmanager
def _packing_on(device: str) -> Iterator[None]:
    """Inside, the lengths that a batch is packed with are on the CPU, where torch wants them."""
    # nothing to move, and the function stays torch's own
    if torch.device(device).type == "cpu":
        yield
        return
    with mock.patch.object(packing, "pack_padded_sequence", _on_cpu(packing.pack_padded_sequence)):
        yield


def _on_cpu(pack: Callable[..., object]) -> Callable[..., object]:
    def packed(input: Tensor, lengths: object, *args: object, **kwargs: object) -> object:
        return pack(input, lengths.cpu() if isinstance(lengths, Tensor) else lengths, *args, **kwargs)

    return packed
