"""Where a tensor is: on the CPU, or on the device of the model."""

from __future__ import annotations

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Note, Unknown
from rnnlint.torch_api.batches.lengths import moved_of
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Formless, Free, Lit, Tensor, Torch, Value
from rnnlint.values.forms import Moved


def device_of(device: Value) -> Note | None:
    """Where what is given as a device puts a tensor; None for None, and for what is a dtype or a tensor."""
    if isinstance(device, Lit):
        cpu = isinstance(device.value, str) and device.value.startswith("cpu")  # "cpu:0" as well
        return Note.ON_CPU if cpu else None if device.value is None else Note.ON_DEVICE
    named = isinstance(device, Torch) and device.name.startswith("torch.")  # torch.long
    return None if named or isinstance(device, (Tensor, Formless)) else Note.ON_DEVICE


def device_of_type(kind: Value | None) -> Note | None:
    """Where ``x.type(torch.LongTensor)`` puts a tensor; None for a dtype, and for what is not known.

    Such a type says where it is, by its module: torch.cuda.LongTensor is on the device.
    """
    name = kind.name if isinstance(kind, Torch) else kind.value if isinstance(kind, Lit) else None
    if not isinstance(name, str) or not name.endswith("Tensor"):
        return None
    return Note.ON_CPU if name.removeprefix("torch.").count(".") == 0 else Note.ON_DEVICE


def put_on(ctx: Context, tensor: Tensor | Formless | Unknown, where: Note | None) -> Value:
    """A tensor, put there."""
    if where is None or isinstance(tensor, Unknown):
        return tensor
    if isinstance(tensor, Formless):
        inner = moved_of(tensor)
        if where is Note.ON_CPU:
            return inner or tensor
        root = tensor.root
        return tensor if inner else Formless(Free(root.key, root.owner, Moved(root)), tensor.change)
    states = notes.without(notes.without(tensor.states, Note.ON_DEVICE), Note.ON_CPU)
    return Tensor(notes.noted(states, where, ctx.site))
