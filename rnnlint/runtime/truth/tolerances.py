"""How far a module's results can lie from the float64 reference: one place, for every dtype and device.

The unit is the unit roundoff u of the dtype, half of ``torch.finfo(dtype).eps``.  One step of one layer rounds some
dozen times on the way to a state (two sums of products, biases, activations, the products of gates with states), each
time by at most u relative to a number whose share in the state is at most about 1: tanh and sigmoid flatten the large
ones, ``|a tanh'(a)| < 0.45``.  Behind a state stand ``steps * layers`` such steps.  Their errors are as good as
independent and of mean zero, so they grow as the square root (Higham and Mary, A New Approach to Probabilistic Rounding
Error Analysis, SIAM J. Sci. Comput. 41, 2019), and a step does not amplify what it is handed: with weights as torch
initialises them, U(-k, k) with k = hidden_size ** -0.5, the recurrence contracts.  Hence::

    tolerance = constant * u * sqrt(steps * layers)

relative to ``max(1, |expected|)``.  It holds for weights of that size and inputs of about N(0, 1); it does not hold
for trained weights, which may amplify.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

# float64 and float32: the sums of products are accumulated in the dtype itself.  A sum of K products of weights of size
# K ** -0.5 errs by about sqrt(K) * u in whatever order it is taken, so the same number serves blocked, fused and
# parallel sums, and cuDNN's and cuBLAS's that change from run to run.  16 is that for K = 256; in float64 the
# reference rounds as much as the module does.
# bfloat16 and float16: every backend accumulates products in float32, so sums of any length are rounded once.  Twelve
# roundings of standard deviation u / sqrt(3) and of shares around a half make a deviation of u a step; 4 is four
# deviations.  Backends that fuse the step round less often than the CPU, which rounds after every operation.
_ROUNDINGS = {torch.float64: 16.0, torch.float32: 16.0, torch.bfloat16: 4.0, torch.float16: 4.0}

# Worst errors seen on the CPU (torch 2.13, 1 to 50 steps, 1 to 3 layers, hidden sizes 5 to 128, every cell, both
# directions, packed or not), in u: float64 15.2 (relu, 50 steps, 2 layers), float32 9.8, bfloat16 2.4, float16 2.2.

# cuda: exp and tanh are within 2 ulp (CUDA C++ Programming Guide, "Mathematical Functions"), as good as the CPU's.
# mps: the fast exp is off by up to 3 + 2|x| ulp (Metal Shading Language Specification, "Numerical Compliance").  In
# 1 / (1 + exp(-x)) that makes at most 1 ulp of the result, in (exp(2x) - 1) / (exp(2x) + 1) at most 2: twice the
# rounding that is counted for an activation.  Derived; no such device was at hand to measure.
_DEVICES = {"cpu": 1.0, "cuda": 1.0, "mps": 2.0}


def tolerance(dtype: torch.dtype, device_type: str, *, steps: int, layers: int) -> float:
    """The largest error, relative to ``max(1, |expected|)``, of a state after ``steps`` steps in ``layers`` layers.

    For sums of up to some 256 products, and under `exact_kernels`.  ValueError for a dtype or a device for which
    nothing is known, and for float64 on mps, which has none.
    """
    # because a guess would confirm or refute by accident
    if dtype not in _ROUNDINGS or device_type not in _DEVICES or (dtype, device_type) == (torch.float64, "mps"):
        raise ValueError(f"no tolerance is known for {dtype} on {device_type}")
    roundoff = torch.finfo(dtype).eps / 2
    return _ROUNDINGS[dtype] * roundoff * _DEVICES[device_type] * math.sqrt(steps * layers)


def _switches() -> Iterator[tuple[Any, str, Any]]:
    """What lets float32 products be rounded to TF32 or bfloat16: owner, attribute, the value that forbids it."""
    backends = torch.backends
    if hasattr(backends.cudnn, "rnn"):  # torch 2.9, where the older switches must not be read once one of these was set
        named = [
            getattr(owner, operation, None)
            for owner in (backends.cudnn, backends.cuda, backends.mkldnn)
            for operation in ("rnn", "matmul")
        ]
        yield from ((owner, "fp32_precision", "ieee") for owner in named if hasattr(owner, "fp32_precision"))
    else:
        yield from ((owner, "allow_tf32", False) for owner in (backends.cudnn, backends.cuda.matmul))


@contextmanager
def exact_kernels() -> Iterator[None]:
    """Inside, float32 products are taken in float32, on every device; afterwards the switches are as they were.

    TF32 keeps 10 bits of the mantissa, a roundoff 2**13 times that of float32, and is on by default in cuDNN's
    recurrent kernels (https://docs.pytorch.org/docs/stable/notes/cuda.html).  What remains of cuDNN's nondeterminism
    is the order of sums, which `tolerance` leaves open.
    """
    with ExitStack() as restored:
        for owner, attribute, exact in _switches():
            restored.callback(setattr, owner, attribute, getattr(owner, attribute))
            setattr(owner, attribute, exact)
        yield
