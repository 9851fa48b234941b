"""What a model is called with, made anew for every run: a run may write to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlint.runtime.auditing.shadows import tensors_in


class Inputs:
    """The arguments of a model.

    ``kept`` are those that cannot be copied (modules, parameters, open files): every run is handed the same.
    ``once`` names what can be read one time only, None if there is nothing of the kind.
    """

    def __init__(self, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        self._args = tuple(args)
        self._kwargs = dict(kwargs)
        self.kept: list[object] = []
        self.once: str | None = None
        self.fresh()  # finds both

    def fresh(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments, with tensors of their own that hold the same numbers and share storage as those given do."""
        copier = _Copier()
        args = tuple(map(copier.attempted, self._args))
        kwargs = {name: copier.attempted(value) for name, value in self._kwargs.items()}
        self.kept, self.once = copier.kept, copier.once
        return args, kwargs


class _Copier:
    """Copies of one set of arguments; what was one object stays one."""

    def __init__(self) -> None:
        self.kept: list[object] = []
        self.once: str | None = None
        self._made: dict[int, Any] = {}
        self._storages: dict[int, torch.UntypedStorage] = {}

    def attempted(self, thing: Any) -> Any:
        """A copy, or where there is none the thing itself."""
        try:
            return self.copied(thing)
        except Exception:  # whatever an object of the user's raises
            self.kept.append(thing)
            return thing

    def copied(self, thing: Any) -> Any:
        if id(thing) not in self._made:
            self._made[id(thing)] = thing  # for what holds itself, until it is made
            self._made[id(thing)] = self._copied(thing)
        return self._made[id(thing)]

    def _copied(self, thing: Any) -> Any:
        match thing:
            case None | bool() | int() | float() | complex() | str() | bytes():
                return thing
            case Tensor():
                return self._tensor(thing)
            case PackedSequence():
                return PackedSequence(*map(self.copied, tuple.__iter__(thing)))
            case list() if type(thing) is list:
                made: list[Any] = []
                self._made[id(thing)] = made
                made.extend(map(self.copied, thing))
                return made
            case dict() if type(thing) is dict:
                table: dict[Any, Any] = {}
                self._made[id(thing)] = table
                table.update((key, self.copied(value)) for key, value in thing.items())
                return table
            case tuple() if type(thing) is tuple:
                return tuple(map(self.copied, thing))
        return self._object(thing)

    def _object(self, thing: Any) -> Any:
        holds = vars(thing).values() if hasattr(thing, "__dict__") else ()
        if isinstance(thing, Iterator):
            self.once = type(thing).__name__
        elif not (isinstance(thing, nn.Module) or callable(thing) or any(isinstance(one, nn.Module) for one in holds)):
            # torch copies no tensor that has a history
            known = {id(tensor): self.copied(tensor) for tensor in tensors_in(thing, depth=8)}
            try:
                return copy.deepcopy(thing, known)
            except Exception:  # whatever an object of the user's raises
                pass
        self.kept.append(thing)
        return thing

    def _tensor(self, tensor: Tensor) -> Tensor:
        if isinstance(tensor, nn.Parameter):  # the model's own, maybe
            self.kept.append(tensor)
            return tensor
        with torch._C.DisableTorchFunction(), torch.inference_mode(False), torch.no_grad():
            made = self._laid_out(tensor) if _is_plain(tensor) else tensor.detach().clone()
        vars(made).update(vars(tensor))
        if tensor.requires_grad:
            made.requires_grad_()
            if not tensor.is_leaf:  # may be written to, which torch refuses for a leaf
                with torch.enable_grad():
                    made = made.clone()
        return made

    def _laid_out(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._storages:
            self._storages[storage._cdata] = storage.clone()  # type: ignore[no-untyped-call]
        made = torch.empty(0, dtype=tensor.dtype, device=tensor.device)
        place = self._storages[storage._cdata], tensor.storage_offset(), tensor.shape, tensor.stride()
        return made.set_(*place)


def _is_plain(tensor: Tensor) -> bool:
    """Whether a tensor is no more than numbers in a storage."""
    whole = type(tensor) is Tensor and tensor.layout is torch.strided and not tensor.is_meta
    return whole and not (
        tensor.is_quantized or tensor.is_conj() or tensor.is_neg() or any(getattr(tensor, "names", ()))
    )
