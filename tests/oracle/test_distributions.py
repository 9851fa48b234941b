"""What is drawn of torch's distributions, as the analysis says it and as torch draws it."""

from __future__ import annotations

import pytest

from rnnlint.axes.states import Unknown
from rnnlint.interpret.python.distributions import CALLS, FAMILIES
from tests.oracle import names

# for each class, what it is built of; x and y are (2, 5, 6), m is (2, 6)
BUILT = {
    "Bernoulli": ["x", "probs=x", "logits=x[:, 1:]"],
    "Beta": ["x, y", "concentration0=x, concentration1=1.5"],
    "Binomial": ["4, x", "total_count=4, logits=x"],
    "Categorical": ["x", "None, x", "logits=m"],
    "Cauchy": ["x, y"],
    "ContinuousBernoulli": ["x", "logits=x"],
    "Dirichlet": ["x", "concentration=m"],
    "Exponential": ["x"],
    "Gamma": ["x, y", "x, rate=1.0"],
    "Geometric": ["x", "logits=x"],
    "Gumbel": ["x, y"],
    "HalfNormal": ["x"],
    "Laplace": ["x, 0.5"],
    "LogNormal": ["x, y"],
    "MultivariateNormal": [
        "x, torch.eye(6, dtype=x.dtype)",
        "loc=m, scale_tril=torch.diag_embed(m)",
        "m, covariance_matrix=torch.diag_embed(m)",
        "m, precision_matrix=torch.eye(6, dtype=x.dtype)",
        "torch.zeros(6, dtype=x.dtype), torch.diag_embed(m)",
    ],
    "NegativeBinomial": ["4, x"],
    "Normal": ["x, y", "x, 0.5", "loc=0.0, scale=x", "x, torch.ones(6)", "x[:, :1], y", "m, y[0, :1]", "x, y, False"],
    "OneHotCategorical": ["x", "logits=x"],
    "OneHotCategoricalStraightThrough": ["x", "logits=m"],
    "Poisson": ["x"],
    "RelaxedBernoulli": ["0.5, x", "torch.tensor(0.5), logits=x"],
    "RelaxedOneHotCategorical": ["0.5, x", "0.5, logits=m"],
    "StudentT": ["3.0, x, y", "x", "3.0, scale=x"],
    "Uniform": ["-x, y", "low=x - 1.0, high=2.0"],
}
DRAWS = ["sample()", "sample((4,))", "sample(sample_shape=torch.Size([4, 3]))"]


def test_every_class_is_held_against_torch() -> None:
    assert sorted(BUILT) == sorted(FAMILIES)


@pytest.mark.parametrize("name", sorted(name for name in CALLS if not name.endswith(".sample")))
def test_every_name_is_there(name: str) -> None:
    assert names.of_torch(name) is not None


@pytest.mark.parametrize("name", sorted(BUILT))
def test_what_is_drawn_has_the_axes_that_torch_gives_it(name: str) -> None:
    for built in BUILT[name]:
        distribution = f"torch.distributions.{name}({built})"
        for draw in DRAWS:
            answer, run = names.answered(f"{distribution}.{draw}"), names.ran(f"{distribution}.{draw}")
            assert not isinstance(answer, Unknown), (built, draw, answer)
            assert names.disagreement(answer, run) == "", (built, draw)


@pytest.mark.parametrize("name", sorted(BUILT))
def test_what_is_drawn_reads_what_torch_finds_that_it_depends_on(name: str) -> None:
    for built in BUILT[name]:
        distribution = f"torch.distributions.{name}({built})"
        if not names.ran(f"{distribution}.has_rsample").result:
            continue
        for draw in ("rsample()", "rsample((4,))"):
            drawn = f"torch.distributions.Independent({distribution}, 0).{draw}"
            assert names.disagreement(names.answered(drawn), names.ran(drawn)) == "", (built, draw)


@pytest.mark.parametrize(
    "asked",
    [
        "Normal(x, y).mean",
        "Normal(x, y).loc",
        "Normal(x, y).stddev",
        "Normal(x, y).variance",
        "Normal(x, y).mode",
        "Laplace(x, y).mean",
        "MultivariateNormal(x, torch.eye(6, dtype=x.dtype)).mean",
        "Categorical(logits=x).probs",
        "Categorical(x).logits",
        "OneHotCategorical(x).probs",
        "Bernoulli(logits=x).probs",
        "Uniform(-x, y).low",
    ],
)
def test_what_a_distribution_is_asked_for(asked: str) -> None:
    expression = f"torch.distributions.{asked}"
    answer = names.answered(expression)
    assert not isinstance(answer, Unknown)
    assert names.disagreement(answer, names.ran(expression)) == ""


def test_what_is_not_known_is_said_of_nothing() -> None:
    for lost in ("Normal(x, y).icdf(y)", "Normal(x, y).expand((2, 5, 6)).sample()", "Normal(x, y).sample(x.shape[i])"):
        assert isinstance(names.answered(f"torch.distributions.{lost}"), Unknown), lost
