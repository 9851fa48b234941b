"""The names of torch mean what torch means by them."""

from __future__ import annotations

import inspect
import warnings

import pytest
from torch.overrides import get_testing_overrides, resolve_name

from rnnlint.axes.states import Unknown
from rnnlint.linter import lint
from rnnlint.torch_api import catalogue
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.registry import OPERATIONS, operation
from rnnlint.values.domain import Value
from tests.oracle import names

# of another torch, of numpy's pinned memory, of one with CUDA: no call of them can be made here
ELSEWHERE = frozenset({"torch.cuda.FloatTensor", "Tensor.cuda", "Tensor.pin_memory", "torch.testing.assert_allclose"})
HERE = sorted(name for name in OPERATIONS if name not in ELSEWHERE)

# What a layer reads besides what it keeps: the features for their mean, the batch for its statistics.
READS_MORE = frozenset(
    {"normalize", "layer_norm", "batch_norm", "rms_norm", "group_norm", "instance_norm", "local_response_norm"}
)


def known(value: Value | str) -> bool:
    return not isinstance(value, Unknown)


@pytest.mark.parametrize("name", HERE)
def test_what_a_name_answers_is_what_torch_does(name: str) -> None:
    assert catalogue.DEFINED_IN
    tries = OPERATIONS[name].tries
    assert tries, "no call of it is held against torch: give its registration one"
    for one in tries:
        expression = names.called(name, one.arguments)
        answer, run = names.answered(expression), names.ran(expression)
        differs = names.disagreement(answer, run)
        assert not differs or (OPERATIONS[name].name in READS_MORE and "reads" in differs), (expression, differs)
        assert known(answer) == one.known, (expression, answer)


@pytest.mark.parametrize("name", [name for name in HERE if OPERATIONS[name].refuses])
def test_what_it_says_torch_refuses_torch_refuses(name: str) -> None:
    for refusal in OPERATIONS[name].refuses:
        expression = names.called(name, refusal.arguments)
        answer = names.answered(expression)
        assert isinstance(answer, str), (expression, answer)
        assert answer.partition(":")[0] == refusal.error, (expression, answer)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one, the registration says
            names.ran(expression)
        assert type(caught.value).__name__ == refusal.error, (expression, caught.value)


@pytest.mark.parametrize(
    ("raised", "certain"), [("IndexError", True), ("RuntimeError", False), ("TypeError", False)], ids=str
)
def test_only_what_was_compared_is_said_to_be_raised(raised: str, certain: bool) -> None:
    """An operation says of no call that torch raises, unless a call on which it says so has been held against torch."""

    @operation("Tensor.fits_", "input", refuses="fits_: x -> IndexError")
    def handler(*_: object) -> Value:
        raise TorchRaises(raised, "no such axis")

    try:
        answer = names.answered("x.fits_()")
    finally:
        del OPERATIONS["Tensor.fits_"]
    if certain:
        assert answer == "IndexError: no such axis"
    else:
        assert isinstance(answer, Unknown)
        assert answer.reason == "fits_() that fits in some programs only"


def test_every_name_is_there() -> None:
    """A name that torch does not have is followed by nobody."""
    assert [name for name in HERE if names.of_torch(name) is None] == []


def test_a_wrong_binding_is_found() -> None:
    """``sum`` over another axis has another shape, ``flip`` of another one other states."""
    wrong = names.answered("x.sum(2)"), names.ran("x.sum(1)")
    assert "shape" in names.disagreement(*wrong)
    assert "reads" in names.disagreement(names.answered("x.flip(1)"), names.ran("x.flip(2)"))
    assert "raises" in names.disagreement(names.answered("x.view(7, -1)"), names.ran("x"))
    assert "values" in names.disagreement(names.answered("x.unbind(0)"), names.ran("x.unbind(1)"))
    assert names.disagreement(names.answered("x.flip(1)"), names.ran("x.flip(1)")) == ""


def test_tries_are_of_the_names_before_the_colon() -> None:
    @operation("Tensor.one_ Tensor.other_", "input", tries="? one_: x\nx, {'a': 1}\nother_ one_: x[1:2]")
    def handler(*_: object) -> Value:
        raise NotImplementedError

    try:
        one, other = (OPERATIONS[f"Tensor.{name}_"] for name in ("one", "other"))
        assert [(a.arguments, a.known) for a in one.tries] == [("x", False), ("x, {'a': 1}", True), ("x[1:2]", True)]
        assert [a.arguments for a in other.tries] == ["x, {'a': 1}", "x[1:2]"]
    finally:
        for name in ("one", "other"):
            del OPERATIONS[f"Tensor.{name}_"]


@pytest.mark.parametrize("spelled", ["torch.sum(output, 1)", "total(output, 1)", "output.sum(1)"])
def test_how_a_call_is_spelled_decides_nothing(spelled: str) -> None:
    """A sum over padded steps is divided by the lengths later on, however ``sum`` is imported."""
    text = (
        "import torch\nfrom torch import nn, sum as total\n"
        "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence\n\n\n"
        "class Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.rnn = nn.GRU(4, 8, batch_first=True)\n\n"
        "    def forward(self, x, lengths):\n"
        "        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
        "        output, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)\n"
        f"        return {spelled} / lengths.unsqueeze(1)\n"
    )
    assert lint(text).findings == ()


# Where the order that torch.overrides writes down is not the one that calls are bound by, and why.
ORDERED_OTHERWISE = {
    "topk": "torch.overrides calls the fourth descending, and torch largest",
    "prod": "torch.overrides has prod(input, dtype), torch also prod(input, dim, keepdim)",
    "logsumexp": "its names are dim; torch.overrides has those of named tensors",
    "max": "torch.overrides has max(input), torch also max(input, dim, keepdim) and max(input, other)",
    "min": "as max",
    "multinomial": "num_samples decides nothing: the answer is not known",
    "to": "torch.overrides has to(dtype) alone; what is first may be a device, a dtype or a tensor",
    "full_like": "its dtype is a keyword alone",
    "cuda": "torch.overrides leaves out the device",
    "cpu": "it has no other argument",
    "type_as": "the other tensor says on which device it will be",
    "logical_not": "it has no second tensor",
    "where": "torch.overrides calls them x and y, and torch input and other",
    "meshgrid": "its indexing is a keyword alone",
    "isin": "torch.overrides calls them e and te",
    "diag_embed": "torch.overrides calls the offset diagonal, and torch offset",
    "permute": "torch.overrides calls them dim, and torch dims",
    "repeat_interleave": "torch.overrides has an overload without repeats",
    "cross_entropy": "what comes after the target is used like it",
    **dict.fromkeys(("nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"), "as cross_entropy"),
    **dict.fromkeys(("binary_cross_entropy", "kl_div", "binary_cross_entropy_with_logits"), "as cross_entropy"),
    **dict.fromkeys(("ctc_loss", "cosine_embedding_loss", "margin_ranking_loss", "triplet_margin_loss"), "the same"),
    **dict.fromkeys(("hinge_embedding_loss", "multi_margin_loss", "multilabel_margin_loss"), "the same"),
    **dict.fromkeys(("multilabel_soft_margin_loss", "soft_margin_loss", "poisson_nll_loss"), "the same"),
    **dict.fromkeys(("gaussian_nll_loss", "triplet_margin_with_distance_loss"), "the same"),
    "bilinear": "what comes later is used like it",
    "max_pool3d": "torch.overrides has return_indices before ceil_mode, and torch behind",
}


def torchs_order() -> dict[str, list[str]]:
    """The positional parameters of every function that torch lets others override, by qualified name."""
    found: dict[str, list[str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        overrides = get_testing_overrides()
        for function, stand_in in overrides.items():
            name = resolve_name(function)
            if name is not None:
                parameters = inspect.signature(stand_in).parameters.values()
                name = name.replace("torch.functional.", "torch.").replace("torch.Tensor.", "Tensor.")
                found[name] = [one.name for one in parameters if one.kind is not one.KEYWORD_ONLY]
    return found


def test_arguments_are_bound_in_torchs_order() -> None:
    torchs = torchs_order()
    compared, differ = set(), {}
    for name, op in OPERATIONS.items():
        theirs = torchs.get(name) or torchs.get(name.replace("Tensor.", "torch.", 1))
        if theirs is None:
            continue
        compared.add(name)
        mine = [parameter.lstrip("*").split("|") for parameter in op.parameters]
        pairs = zip(mine, theirs, strict=False)  # torch's last ones are often of no concern
        wrong = [(own, its) for own, its in pairs if its not in own and not (its == "self" and "input" in own)]
        if wrong:
            differ[op.name.rstrip("_")] = wrong[0]
    assert len(compared) > len(OPERATIONS) // 2
    assert set(differ) - set(ORDERED_OTHERWISE) == set(), differ
    assert set(ORDERED_OTHERWISE) - {op.name for op in OPERATIONS.values()} == set()
