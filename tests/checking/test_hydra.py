"""What hydra puts together of several files is what a model is built with."""

from __future__ import annotations

import importlib.util

import pytest

from tests.checking.running import Check
from tests.checking.test_settings_followed import OF_SETTINGS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")

TRAIN = """
import hydra
from model import Tagger

@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    model = Tagger(cfg.model)

main()
"""


def found(check: Check, **files: str) -> bool:
    """Whether the model has two layers; with one there is nothing to be said."""
    check.write("model.py", OF_SETTINGS)
    check.write("train.py", TRAIN)
    for name, text in files.items():
        check.write(f"conf/{name.replace('__', '/')}.yaml", text)
    ran = check("--no-cache")
    assert ran.err == ""
    return [row[3] for row in ran.found] == ["RNN105"]


GROUP = "size: 16\nlayers: {}\n"


@pytest.mark.parametrize(
    ("config", "layers", "two"),
    [
        ("defaults:\n  - model: gru\n", 2, True),
        ("defaults:\n  - model: gru\n", 1, False),
        ("defaults:\n  - model: gru\n  - _self_\nmodel:\n  layers: 2\n", 1, True),
        ("defaults:\n  - _self_\n  - model: gru\nmodel:\n  layers: 2\n", 1, False),
        ("defaults:\n  - model: gru\nmodel:\n  layers: 2\n", 1, True),
        ("defaults:\n  - model/gru\n", 2, True),
        ("defaults:\n  - optional model: gru\n  - override hydra/launcher: joblib\n", 2, True),
        ("defaults:\n  - other@model: two\n", 1, True),
        ("depth: 2\nmodel:\n  size: 16\n  layers: ${depth}\n", 1, True),
        ("depth: 1\nmodel:\n  size: 16\n  layers: ${depth}\n", 2, False),
        ("model:\n  size: 16\n  layers: ${oc.env:LAYERS}\n", 1, False),
        ("defaults:\n  - model: lost\n", 1, False),
        ("defaults: [{model: ~}, 3, [x]]\n", 1, False),
        ("defaults:\n  - config\nmodel:\n  size: 16\n  layers: 2\n", 1, True),
    ],
)
def test_files_are_put_together_as_hydra_does(check: Check, config: str, layers: int, two: bool) -> None:
    assert found(check, config=config, model__gru=GROUP.format(layers), other__two=GROUP.format(2)) is two


def test_a_group_may_have_defaults_of_its_own(check: Check) -> None:
    assert found(
        check,
        config="defaults:\n  - model: gru\n",
        model__gru="defaults:\n  - base\nsize: 16\n",
        model__base="size: 8\nlayers: 2\n",
    )
