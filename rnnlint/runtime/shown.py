"""``rnnlint show --run``: an expression evaluated on a real module, and what was drawn held against it.

Nothing that was typed is run by Python: the tree of the expression is walked here, and only what stands in the tables
below is called.  Three things are compared: the shape; by autograd, which samples and steps of the input the elements
of every drawn cell depend on; and, where no arithmetic is done, the labels of the states that stand in them.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlint.axes.states import Call
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.positions import Runs
from rnnlint.runtime.confirm import devices
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.influence import alive, influence

MOST = 200_000
"""Numbers of the input and of the results that are run: a moment on any machine."""

MOST_DIFFERENTIATED = 1024
"""Elements of a result that autograd is asked about, one backward pass of the module each."""

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# what moves, picks and adds up; nothing that reads a file, writes one, or changes a tensor in place
FUNCTIONS = _listed(
    """add amax amin bmm cat chunk concat concatenate cumsum einsum flatten flip gather hstack index_select logsumexp
    matmul max maximum mean min minimum mm movedim mul multiply narrow norm permute relu reshape roll select sigmoid
    softmax split sqrt square squeeze stack std sub sum swapaxes swapdims take_along_dim tanh tensor_split transpose
    unbind unflatten unsqueeze vstack arange tensor"""
)
METHODS = FUNCTIONS + _listed(
    "clone contiguous detach dim expand expand_as numel repeat repeat_interleave size t unfold view view_as"
)
ATTRIBUTES = ("shape", "T", "mT", "ndim")
FUNCTIONAL = ("relu", "softmax", "tanh", "sigmoid", "log_softmax", "normalize")


class CannotRun(Exception):
    """What was asked for is not run; the message is one line."""


class Module(Protocol):
    """A recurrent module and what it is given, by the names of torch's arguments and the sizes N, T, H and I."""

    @property
    def cell(self) -> str: ...
    @property
    def layers(self) -> int: ...
    @property
    def directions(self) -> int: ...
    @property
    def batch_first(self) -> bool: ...
    @property
    def projected(self) -> int: ...
    @property
    def sizes(self) -> Mapping[str, int]: ...
    @property
    def names(self) -> Mapping[str, int]: ...
    @property
    def lengths(self) -> tuple[int, ...]: ...


def device_of(asked: str) -> str:
    """A device as torch names it, ``auto`` being the CPU.  CannotRun where there is none."""
    try:
        return devices.devices(asked)[0]
    except devices.BadInput as wrong:
        raise CannotRun(f"--device: {wrong}") from None


def equal(first: object, second: object) -> bool:
    """Whether two values of one module are the same tensors."""
    return (
        isinstance(first, Tensor)
        and isinstance(second, Tensor)
        and first.shape == second.shape
        and bool(torch.equal(first, second))
    )


class Running:
    """One module with random weights, run on one batch; and the same with labels in the place of its results.

    CannotRun for what is too large.
    """

    def __init__(self, question: Module, device: str) -> None:
        self.question = question
        sizes = question.sizes
        states = sizes["H"] * question.directions * sizes["N"] * max(sizes["T"], question.layers)
        if max(states, sizes["N"] * sizes["T"] * sizes["I"]) > MOST:
            raise CannotRun(f"--run: these sizes make more than {MOST:,} numbers; give smaller --sizes")
        options: dict[str, Any] = {"proj_size": question.projected} if question.projected else {}
        arguments = (sizes["I"], sizes["H"], question.layers)
        layout = {"batch_first": question.batch_first, "bidirectional": question.directions == 2}
        first, second = (sizes["N"], sizes["T"]) if question.batch_first else (sizes["T"], sizes["N"])
        # mps has no float64
        dtype = torch.float32 if device == "mps" else torch.float64
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            module = alive(getattr(nn, question.cell)(*arguments, **layout, **options)).to(device, dtype)
            x = torch.rand(first, second, sizes["I"]).to(device, dtype)
        self.x = x.requires_grad_()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of kernels that are slower than others
            self.real = self._names(module, self.x)
        labelled = getattr(labels, question.cell)(*arguments, **layout, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self.labels = self._names(labelled, torch.zeros(first, second, sizes["I"]))

    def _names(self, module: nn.Module, x: Tensor) -> dict[str, Any]:
        """What an expression may name."""
        question = self.question
        given: Any = x
        names: dict[str, Any] = dict(question.names)
        if question.lengths:
            lengths = torch.tensor(question.lengths)
            given = pack_padded_sequence(x, lengths, question.batch_first, enforce_sorted=False)
        output, state = module(given)
        if question.lengths:
            output, names["lengths"] = pad_packed_sequence(output, question.batch_first)
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        return names | {"output": output, "h_n": h_n, "x": x} | ({"c_n": c_n} if c_n is not None else {})

    def held(self, tree: ast.Expression, picture: Picture | None) -> tuple[Any, str, bool]:
        """The value of an expression, what it shows, and whether it agrees with what is drawn.

        CannotRun where torch raises: the analysis does not know of every such thing.
        """
        try:
            value = evaluated(tree.body, self.real)
        except (RuntimeError, IndexError, ValueError, TypeError, ArithmeticError) as error:
            words = (str(error).splitlines() or [""])[0]
            raise CannotRun(f"torch raises {type(error).__name__}: {words}") from None
        if not isinstance(value, Tensor) or picture is None:
            return value, _short(value), True
        if tuple(value.shape) != picture.shape:
            return value, f"shape {tuple(value.shape)}, drawn {picture.shape}", False
        said = [f"shape {tuple(value.shape)}"]
        for what, check in (("labels", self._labels), ("autograd", self._gradients)):
            wrong = check(tree, value, picture)
            if wrong:
                return value, wrong, False
            if wrong is not None:
                said.append(f"{what} agree" if what == "labels" else f"{what} agrees")
        return value, ", ".join(said), True

    def _labels(self, tree: ast.Expression, value: Tensor, picture: Picture) -> str | None:
        """A contradiction of the labels; "" for none, None where they cannot be asked."""
        single = all(len(cell.parts) <= 1 and all(map(_alone, cell.parts)) for cell in picture.cells)
        if not single or not all(isinstance(source, Call) for source in picture.sources):
            return None
        try:
            held = evaluated(tree.body, self.labels)
        except (RuntimeError, IndexError, ValueError, TypeError):
            return None  # what is done with numbers cannot be done with labels
        if not isinstance(held, Tensor) or held.dtype != torch.int64 or held.shape != value.shape:
            return None
        whole = [self.labels[name] for name in ("output", "h_n", "c_n") if name in self.labels]
        states = {label for one in whole for label in one.reshape(-1).tolist()} | {0}
        if not states.issuperset(held.reshape(-1).tolist()):
            return None  # they were added up: a sum of labels is none
        for cell in picture.cells:
            stretch = held[tuple(slice(*band) for band in cell.place)]
            found = {tuple(map(int, labels.decode(one)))[:5] for one in stretch.reshape(-1).tolist() if one}
            shown = {_state(part) for part in cell.parts}
            if found != shown:
                return f"labels of {_where(cell)}: {sorted(found)}, drawn {sorted(shown)}"
        return ""

    def _gradients(self, tree: ast.Expression, value: Tensor, picture: Picture) -> str | None:
        """A contradiction of autograd; likewise."""
        del tree
        if not value.requires_grad or value.numel() > MOST_DIFFERENTIATED or not value.is_floating_point():
            return None
        time, batch = (1, 0) if self.question.batch_first else (0, 1)
        found = influence(value, self.x, time, batch)
        less = False
        for cell in picture.cells:
            if not all(part.strip and part.strip.certain and not part.reordered for part in cell.parts):
                continue
            stretch = found[tuple(slice(*band) for band in cell.place)].flatten(0, -3) if cell.place else found[None]
            shown = {pair for part in cell.parts for pair in _reads(part)}
            for one in stretch:
                depends = {(sample, step) for step, sample in one.nonzero().tolist()}
                if not depends <= shown:
                    return f"autograd of {_where(cell)}: reads (sample, step) {sorted(depends - shown)} besides"
                less = less or depends != shown
        # a maximum passes the gradient of one element on, a ReLU that of what is above 0: nothing is contradicted
        return None if less else ""


def _alone(part: Part) -> bool:
    """Whether a part is one state for each of its units."""
    sets = (part.layers, part.samples, part.steps)
    return not part.reordered and all(not isinstance(one, str) and len(one) == 1 and one[0].count == 1 for one in sets)


def _state(part: Part) -> tuple[int, ...]:
    assert not isinstance(part.steps, str)
    kind = labels.CELL if part.kind == "cell" else labels.HIDDEN
    return (kind, part.layers[0].start, part.direction, part.steps[0].start, part.samples[0].start)


def _reads(part: Part) -> Iterator[tuple[int, int]]:
    assert part.strip is not None
    for sample in _positions(part.samples):
        for start, stop in (*part.strip.own, *part.strip.below):
            yield from ((sample, step) for step in range(start, stop))


def _positions(runs: Runs) -> Iterator[int]:
    for run in runs:
        yield from run.positions()


def _where(cell: Cell) -> str:
    return f"[{', '.join(f'{start}:{stop}' for start, stop in cell.place)}]"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def evaluated(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """The value of an expression.  CannotRun for what is not in the tables; otherwise raises what torch raises."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [evaluated(one, names) for one in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.Slice):
        return slice(*(one and evaluated(one, names) for one in (node.lower, node.upper, node.step)))
    if isinstance(node, ast.Subscript):
        return evaluated(node.value, names)[evaluated(node.slice, names)]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](evaluated(node.operand, names))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](evaluated(node.left, names), evaluated(node.right, names))
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES and not _is_module(node.value):
        return getattr(evaluated(node.value, names), node.attr)
    if isinstance(node, ast.Call):
        return _called(node, names)
    raise CannotRun(f"--run cannot run {ast.unparse(node)!r}")


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "F")


def _called(node: ast.Call, names: Mapping[str, Any]) -> Any:
    called = node.func
    if not isinstance(called, ast.Attribute) or any(keyword.arg is None for keyword in node.keywords):
        raise CannotRun(f"--run cannot run {ast.unparse(node)!r}")
    if _is_module(called.value):
        of_torch = isinstance(called.value, ast.Name) and called.value.id == "torch"
        if called.attr not in (FUNCTIONS if of_torch else FUNCTIONAL):
            raise CannotRun(f"--run cannot run {ast.unparse(called)!r}")
        function = getattr(torch if of_torch else nn.functional, called.attr)
    else:
        receiver = evaluated(called.value, names)
        if called.attr not in METHODS or not isinstance(receiver, Tensor):
            raise CannotRun(f"--run cannot run {ast.unparse(called)!r}")
        function = getattr(receiver, called.attr)
    keywords = {str(keyword.arg): evaluated(keyword.value, names) for keyword in node.keywords}
    return function(*(evaluated(one, names) for one in node.args), **keywords)
