"""The modules of torch.nn do to the axes of a tensor what torch does: each on literal calls."""

from __future__ import annotations

import pytest

from rnnlint.axes.states import Unknown
from rnnlint.torch_api.modules.constructors import CONSTRUCTORS
from tests.oracle import names
from tests.oracle.test_refusals import as_held

# the calls of a layer, by its name and what it is built with; ``?`` where what comes out is not known
CALLS = """
Dropout(0.0)(x)
Dropout1d(0.0)(x)
Dropout2d(0.0)(x)
Dropout3d(0.0)(x[None])
AlphaDropout(0.0)(x)
FeatureAlphaDropout(0.0)(x)
Identity()(x)
ReLU()(x)
ReLU6()(x)
LeakyReLU()(x)
PReLU()(x)
ELU()(x)
SELU()(x)
CELU()(x)
GELU()(x)
SiLU()(x)
Mish()(x)
Sigmoid()(x)
LogSigmoid()(x)
Tanh()(x)
Hardtanh()(x)
Hardsigmoid()(x)
Hardswish()(x)
Softplus()(x)
Softsign()(x)
Tanhshrink()(x)
Softshrink()(x)
Hardshrink()(x)
Threshold(0.1, 0.0)(x)
RReLU()(x)
Linear(6, 4)(x)
Linear(6, 4)(input=x)
LazyLinear(4)(x)
Embedding(3, 4)(i)
LayerNorm(6)(x)
RMSNorm(6)(x)
BatchNorm1d(5)(x)
BatchNorm2d(2)(x[None])
BatchNorm3d(1)(x[None, None])
LazyBatchNorm1d()(x)
LazyBatchNorm2d()(x[None])
LazyBatchNorm3d()(x[None, None])
GroupNorm(5, 5)(x)
InstanceNorm1d(5)(x)
InstanceNorm2d(2)(x[None])
InstanceNorm3d(1)(x[None, None])
LazyInstanceNorm1d()(x)
LazyInstanceNorm2d()(x[None])
LazyInstanceNorm3d()(x[None, None])
LocalResponseNorm(2)(x)
Bilinear(6, 6, 3)(m, m)
Bilinear(6, 6, 3)(x, y)
Bilinear(6, 5, 3)(input2=x[..., 1:], input1=y)
MultiheadAttention(6, 2, batch_first=True)(x, x, x)[0]
MultiheadAttention(6, 2)(x, x, x)[1]
MultiheadAttention(6, 2)(value=x, query=x[:1], key=x)[0]
? MultiheadAttention(6, 2)(m, m, m)[0]
? TransformerEncoderLayer(6, 2, batch_first=True)(x)
? TransformerDecoderLayer(6, 2, batch_first=True)(x, x)
Softmax(1)(x)
LogSoftmax(-1)(x)
Softmin(dim=1)(x)
Softmax2d()(x)
Flatten()(x)
Flatten(0, 1)(x)
Flatten(start_dim=0)(x)
Unflatten(2, (2, 3))(x)
Unflatten(-1, unflattened_size=(-1, 3))(x)
GLU()(x)
GLU(0)(x)
GLU(dim=-1)(x)
ConstantPad1d(1, 0.0)(x)
ConstantPad1d((1, 2), 0.0)(x)
ConstantPad2d((1, 0, 0, 2), 0.0)(x)
ConstantPad3d(1, 0.0)(x[None])
ZeroPad1d(2)(x)
ZeroPad2d((0, 0, -1, 1))(x)
ZeroPad3d(1)(x[None])
CosineSimilarity()(x, y)
CosineSimilarity()(x2=y[:1], x1=x)
CosineSimilarity(dim=-1)(x, y)
PairwiseDistance()(x, y)
PairwiseDistance(keepdim=True)(m, m)
Conv1d(5, 4, 3)(x)
Conv1d(5, 4, 3, padding=1)(x)
Conv2d(1, 4, 3)(x[:, None])
Conv3d(1, 4, 1)(x[None, None])
LazyConv1d(4, 3)(x)
LazyConv2d(4, 3)(x[:, None])
LazyConv3d(4, 1)(x[None, None])
ConvTranspose1d(5, 4, 3)(x)
ConvTranspose2d(1, 4, 3)(x[:, None])
ConvTranspose3d(1, 4, 1)(x[None, None])
LazyConvTranspose1d(4, 3)(x)
LazyConvTranspose2d(4, 3)(x[:, None])
LazyConvTranspose3d(4, 1)(x[None, None])
MaxPool1d(5)(x.transpose(1, 2))
? MaxPool1d(2)(x)
? MaxPool2d(2)(x[:, None])
? MaxPool3d(2)(x[None, None])
AvgPool1d(5)(x.transpose(1, 2))
? AvgPool2d(2)(x[:, None])
? AvgPool3d(2)(x[None, None])
AdaptiveMaxPool1d(1)(x.transpose(1, 2))
AdaptiveAvgPool1d(1)(x.transpose(1, 2))
? AdaptiveAvgPool1d(2)(x)
? AdaptiveMaxPool2d(2)(x[:, None])
? AdaptiveAvgPool2d(2)(x[:, None])
? AdaptiveMaxPool3d(2)(x[None, None])
? AdaptiveAvgPool3d(2)(x[None, None])
? LPPool1d(2, 2)(x)
? LPPool2d(2, 2)(x[:, None])
? LPPool3d(2, 2)(x[None, None])
? FractionalMaxPool2d(2, output_size=2)(x[:, None])
? FractionalMaxPool3d(1, output_size=1)(x[None, None])
"""
# what holds other modules, what is built in another way, what is not in torch.nn, and what asks for several machines;
# those with a recurrence are held against torch in tests/oracle/test_labels.py and test_reference.py
OTHERS = {"Sequential", "ModuleList", "ParameterList", "ModuleDict", "ParameterDict", "Embedding.from_pretrained"}
OTHERS |= {"FractionalMaxPool1d", "NonDynamicallyQuantizableLinear", "SyncBatchNorm"}
OTHERS |= {"RNNBase", "RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"}
LINES = [line for line in CALLS.split("\n") if line]


def _called(line: str) -> tuple[str, str]:
    """The name of the layer, and the expression."""
    plain = line.removeprefix("? ")
    name, _, rest = plain.partition("(")
    return name, as_held(f"nn.{name}({rest}")


@pytest.mark.parametrize("line", LINES)
def test_what_a_layer_does(line: str) -> None:
    name, expression = _called(line)
    answer, run = names.answered(expression), names.ran(expression)
    differs = names.disagreement(answer, run)
    assert not differs or ("Norm" in name and "reads" in differs), differs
    assert isinstance(answer, Unknown) == line.startswith("?"), answer


def test_every_layer_is_held_against_torch() -> None:
    called = {_called(line)[0] for line in LINES}
    followed = {name.removeprefix("torch.nn.") for name in CONSTRUCTORS}
    assert followed - called == OTHERS
    assert called <= followed
