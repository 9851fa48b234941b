"""Where a project keeps its settings: each way is followed to the model, and says that it is the default.

In each, ``layers`` is 2, and the model reads the state of the first layer; with 1 there is nothing to be said.
"""

from __future__ import annotations

import importlib.util

import pytest

from tests.checking.running import Check

YAML = pytest.mark.skipif(importlib.util.find_spec("yaml") is None, reason="PyYAML is not installed")
OF_SIZES = """
import torch.nn as nn

class Tagger(nn.Module):
    def __init__(self, size, layers):
        super().__init__()
        self.rnn = nn.GRU(8, size, layers)
        self.out = nn.Linear(size, 3)

    def forward(self, x):
        _, h = self.rnn(x)
        return self.out(h[0])
"""
OF_SETTINGS = OF_SIZES.replace("self, size, layers", "self, cfg").replace(
    "(8, size, layers)", "(8, cfg.size, cfg.layers)"
)
OF_SETTINGS = OF_SETTINGS.replace("nn.Linear(size", "nn.Linear(cfg.size")

WAYS = {
    "dict_constant": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from config import CONFIG
m=Tagger(CONFIG["size"], CONFIG["layers"])
--- config.py
CONFIG = {"size": 16, "layers": 2}
""",
    ),
    "dict_kwargs": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from config import CONFIG
m=Tagger(**CONFIG["model"])
--- config.py
CONFIG = {"model": {"size": 16, "layers": 2}}
""",
    ),
    "dict_attr": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import config
m=Tagger(config.CONFIG["size"], config.CONFIG["layers"])
--- config.py
CONFIG = dict(size=16, layers=2)
""",
    ),
    "class_attributes": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import config
m=Tagger(config.Config.SIZE, config.Config.LAYERS)
--- config.py
class Config:
    SIZE = 16
    LAYERS = 2
""",
    ),
    "class_attributes_obj": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import Config
m=Tagger(Config)
--- config.py
class Config:
    size = 16
    layers = 2
""",
    ),
    "class_attributes_inst": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import Config
m=Tagger(Config())
--- config.py
class Config:
    size = 16
    layers = 2
""",
    ),
    "yacs": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import cfg
def main():
    c = cfg.clone()
    c.merge_from_list([])
    c.freeze()
    m=Tagger(c.MODEL)
main()
--- config.py
from yacs.config import CfgNode as CN
_C = CN()
_C.MODEL = CN()
_C.MODEL.size = 16
_C.MODEL.layers = 2
cfg = _C
""",
    ),
    "yacs_fn": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import get_cfg_defaults
cfg = get_cfg_defaults()
cfg.merge_from_file("exp.yaml")
m=Tagger(cfg.MODEL)
--- config.py
from yacs.config import CfgNode as CN
_C = CN()
_C.MODEL = CN()
_C.MODEL.size = 16
_C.MODEL.layers = 2
def get_cfg_defaults():
    return _C.clone()
""",
    ),
    "ml_collections": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import get_config
m=Tagger(get_config().model)
--- config.py
import ml_collections
def get_config():
    config = ml_collections.ConfigDict()
    config.model = model = ml_collections.ConfigDict()
    model.size = 16
    model.layers = 2
    return config
""",
    ),
    "ml_collections_init": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import get_config
m=Tagger(get_config())
--- config.py
from ml_collections import config_dict
def get_config():
    return config_dict.ConfigDict({"size": 16, "layers": 2})
""",
    ),
    "easydict_attr": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import cfg
m=Tagger(cfg.MODEL)
--- config.py
from easydict import EasyDict as edict
__C = edict()
cfg = __C
__C.MODEL = edict()
__C.MODEL.size = 16
__C.MODEL.layers = 2
""",
    ),
    "easydict_lit": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import cfg
m=Tagger(cfg)
--- config.py
from easydict import EasyDict
cfg = EasyDict({"size": 16, "layers": 2})
""",
    ),
    "easydict_kw": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from config import cfg
m=Tagger(cfg)
--- config.py
from easydict import EasyDict
cfg = EasyDict(size=16, layers=2)
""",
    ),
    "argparse_base": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from options import base_parser
parser = base_parser()
parser.add_argument("--layers", type=int, default=2)
args = parser.parse_args()
m=Tagger(args.size, args.layers)
--- options.py
import argparse
def base_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=16)
    return parser
""",
    ),
    "argparse_added": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import argparse
from options import add_model_args
def main():
    parser = argparse.ArgumentParser()
    add_model_args(parser)
    args = parser.parse_args()
    m=Tagger(args.size, args.layers)
if __name__ == "__main__":
    main()
--- options.py
def add_model_args(parser):
    group = parser.add_argument_group("model")
    group.add_argument("--size", type=int, default=16)
    group.add_argument("--layers", type=int, default=2)
""",
    ),
    "argparse_parents": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import argparse
from options import base_parser
parser = argparse.ArgumentParser(parents=[base_parser()])
parser.add_argument("--layers", type=int, default=2)
args = parser.parse_args()
m=Tagger(args.size, args.layers)
--- options.py
import argparse
def base_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=16)
    return parser
""",
    ),
    "argparse_known": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import options
args, rest = options.parse()
m=Tagger(args.size, args.layers)
--- options.py
import argparse
def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--size", type=int, default=16)
    p.add_argument("--layers", type=int, default=2)
    return p.parse_known_args()
""",
    ),
    "argparse_class": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from options import Options
opt = Options().parse()
m=Tagger(opt.size, opt.layers)
--- options.py
import argparse
class Options:
    def __init__(self):
        self.parser = argparse.ArgumentParser()
    def initialize(self):
        self.parser.add_argument("--size", type=int, default=16)
        self.parser.add_argument("--layers", type=int, default=2)
    def parse(self):
        self.initialize()
        self.opt = self.parser.parse_args()
        return self.opt
""",
    ),
    "argparse_vars": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from options import parse
args = parse()
m=Tagger(**vars(args))
--- options.py
import argparse
def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--size", type=int, default=16)
    p.add_argument("--layers", type=int, default=2)
    return p.parse_args()
""",
    ),
    "config_of_vars": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from options import parse
from conf import Config
args = parse()
m=Tagger(Config(**vars(args)))
--- options.py
import argparse
def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--size", type=int, default=16)
    p.add_argument("--layers", type=int, default=2)
    return p.parse_args()
--- conf.py
class Config:
    def __init__(self, size=3, layers=1):
        self.size = size
        self.layers = layers
""",
    ),
    "config_kwargs_setattr": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from conf import Config
m=Tagger(Config(size=16, layers=2))
--- conf.py
class Config:
    def __init__(self, **kwargs):
        for k, v in kwargs.items():
            setattr(self, k, v)
""",
    ),
    "config_dict_update": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from conf import Config
m=Tagger(Config(size=16, layers=2))
--- conf.py
class Config:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)
""",
    ),
    "pretrained": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from conf import XConfig
m=Tagger(XConfig())
--- conf.py
from transformers import PretrainedConfig
class XConfig(PretrainedConfig):
    model_type = "x"
    def __init__(self, size=16, layers=2, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.layers = layers
""",
    ),
    "pretrained_annot": (
        OF_SETTINGS.replace("class Tagger", "from conf import XConfig\nclass Tagger").replace(
            "self, cfg", "self, cfg: XConfig"
        ),
        """
--- train.py
from model import Tagger
m=Tagger.from_pretrained("x")
--- conf.py
from transformers import PretrainedConfig
class XConfig(PretrainedConfig):
    model_type = "x"
    def __init__(self, size=16, layers=2, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.layers = layers
""",
    ),
    "annotated_attr": (
        OF_SETTINGS.replace("class Tagger", "import conf\nclass Tagger").replace("self, cfg", "self, cfg: conf.Config"),
        """
--- conf.py
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 16
    layers: int = 2
""",
    ),
    "annotated_str": (
        OF_SETTINGS.replace("class Tagger", "from conf import Config\nclass Tagger").replace(
            "self, cfg", 'self, cfg: "Config"'
        ),
        """
--- conf.py
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 16
    layers: int = 2
""",
    ),
    **{
        f"annotated_{name}": (
            OF_SETTINGS.replace("class", f"{imported}\nclass", 1).replace("cfg)", f"cfg: {annotation})", 1),
            """
--- conf.py
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 16
    layers: int = 2
""",
        )
        for name, imported, annotation in (
            ("str_attr", "import conf", '"conf.Config"'),
            ("str_or_none", "from conf import Config", '"Config | None"'),
            ("str_none_or", "from conf import Config", '"None | Config"'),
            ("str_optional", "import typing\nfrom conf import Config", '"typing.Optional[Config]"'),
            ("optional_str_attr", "from typing import Optional\nimport conf", 'Optional["conf.Config"]'),
            ("str_in_brackets", "from conf import Config", '" (Config) "'),
            ("none_or", "from conf import Config", "None | Config"),
        )
    },
    "annotated_main": (
        OF_SETTINGS,
        """
--- main.py
from model import Tagger
from conf import Config
def main(cfg: Config):
    m = Tagger(cfg.model)
--- conf.py
from dataclasses import dataclass, field
@dataclass
class ModelConfig:
    size: int = 16
    layers: int = 2
@dataclass
class Config:
    model: ModelConfig = field(default_factory=ModelConfig)
""",
    ),
    "click": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import click
@click.command()
@click.option("--size", default=16)
@click.option("--num-layers", "layers", default=2, type=int)
def main(size, layers):
    m=Tagger(size, layers)
if __name__ == "__main__":
    main()
""",
    ),
    "typer": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import typer
app = typer.Typer()
@app.command()
def main(size: int = typer.Option(16), layers: int = typer.Option(2, help="x")):
    m=Tagger(size, layers)
if __name__ == "__main__":
    app()
""",
    ),
    "typer_plain": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import typer
def main(size: int = 16, layers: int = 2):
    m=Tagger(size, layers)
if __name__ == "__main__":
    typer.run(main)
""",
    ),
    "fire": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import fire
def main(size=16, layers=2):
    m=Tagger(size, layers)
if __name__ == "__main__":
    fire.Fire(main)
""",
    ),
    "absl": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from absl import flags, app
FLAGS = flags.FLAGS
flags.DEFINE_integer("size", 16, "x")
flags.DEFINE_integer("layers", 2, "x")
def main(argv):
    m=Tagger(FLAGS.size, FLAGS.layers)
if __name__ == "__main__":
    app.run(main)
""",
    ),
    "namedtuple": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from conf import Config
m=Tagger(Config())
--- conf.py
from typing import NamedTuple
class Config(NamedTuple):
    size: int = 16
    layers: int = 2
""",
    ),
    "toplevel_consts": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
from config import *
m=Tagger(SIZE, LAYERS)
--- config.py
SIZE = 16
LAYERS = 2
""",
    ),
    "hydra": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import hydra
@hydra.main(config_path="conf", config_name="config")
def main(cfg):
    m=Tagger(cfg.model)
if __name__ == "__main__":
    main()
--- conf/config.yaml
defaults:
  - model: gru
  - _self_
lr: 0.1
--- conf/model/gru.yaml
size: 16
layers: 2
""",
    ),
    "hydra_plain": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import hydra
from omegaconf import DictConfig
@hydra.main(version_base=None, config_path="conf", config_name="config.yaml")
def main(cfg: DictConfig) -> None:
    m=Tagger(cfg.model)
if __name__ == "__main__":
    main()
--- conf/config.yaml
model:
  size: 16
  layers: 2
""",
    ),
    "hydra_store": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import hydra
from hydra.core.config_store import ConfigStore
from conf import Config
cs = ConfigStore.instance()
cs.store(name="config", node=Config)
@hydra.main(config_name="config")
def main(cfg):
    m=Tagger(cfg.model)
if __name__ == "__main__":
    main()
--- conf.py
from dataclasses import dataclass, field
@dataclass
class ModelConfig:
    size: int = 16
    layers: int = 2
@dataclass
class Config:
    model: ModelConfig = field(default_factory=ModelConfig)
""",
    ),
    "hydra_compose": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from hydra import compose, initialize
with initialize(config_path="conf"):
    cfg = compose(config_name="config")
m=Tagger(cfg.model)
--- conf/config.yaml
defaults:
  - model: gru
lr: 0.1
--- conf/model/gru.yaml
size: 16
layers: 2
""",
    ),
    "yaml_interp": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from omegaconf import OmegaConf
cfg = OmegaConf.load("config.yaml")
m=Tagger(cfg.model)
--- config.yaml
layers: 2
model:
  size: 16
  layers: ${layers}
""",
    ),
    "merge": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from omegaconf import OmegaConf
cfg = OmegaConf.merge(OmegaConf.load("config.yaml"), OmegaConf.from_cli())
m=Tagger(cfg.model)
--- config.yaml
model:
  size: 16
  layers: 2
""",
    ),
    "structured": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from omegaconf import OmegaConf
from conf import Config
cfg = OmegaConf.structured(Config)
m=Tagger(cfg)
--- conf.py
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 16
    layers: int = 2
""",
    ),
    "set_defaults": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import argparse, yaml
parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int)
parser.add_argument("--layers", type=int)
parser.set_defaults(**yaml.safe_load(open("config.yaml")))
args = parser.parse_args()
m=Tagger(args.size, args.layers)
--- config.yaml
size: 16
layers: 2
""",
    ),
    "args_config_update": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import argparse, yaml
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config.yaml")
args = parser.parse_args()
with open(args.config) as f:
    cfg = yaml.load(f, Loader=yaml.FullLoader)
for k, v in cfg.items():
    setattr(args, k, v)
m=Tagger(args.size, args.layers)
--- config.yaml
size: 16
layers: 2
""",
    ),
    "args_dict_update": (
        OF_SIZES,
        """
--- train.py
from model import Tagger
import argparse, yaml
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config.yaml")
args = parser.parse_args()
with open(args.config) as f:
    args.__dict__.update(yaml.safe_load(f))
m=Tagger(args.size, args.layers)
--- config.yaml
size: 16
layers: 2
""",
    ),
    "dict_subclass": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import yaml
from util import AttrDict
cfg = AttrDict(yaml.safe_load(open("config.yaml")))
m=Tagger(cfg)
--- util.py
class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super(AttrDict, self).__init__(*args, **kwargs)
        self.__dict__ = self
--- config.yaml
size: 16
layers: 2
""",
    ),
    "dict_subclass_getattr": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import yaml
from util import AttrDict
cfg = AttrDict(yaml.safe_load(open("config.yaml")))
m=Tagger(cfg)
--- util.py
class AttrDict(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
--- config.yaml
size: 16
layers: 2
""",
    ),
    "config_class_from_file": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from util import Config
cfg = Config("config.json")
m=Tagger(cfg)
--- util.py
import json
class Config:
    def __init__(self, path):
        with open(path) as f:
            data = json.load(f)
        self.size = data["size"]
        self.layers = data.get("layers", 1)
--- config.json
{"size": 16, "layers": 2}
""",
    ),
    "config_wrap_dict": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
from util import Params
cfg = Params("config.json")
m=Tagger(cfg)
--- util.py
import json
class Params():
    def __init__(self, json_path):
        self.update(json_path)
    def update(self, json_path):
        with open(json_path) as f:
            params = json.load(f)
            self.__dict__.update(params)
--- config.json
{"size": 16, "layers": 2}
""",
    ),
    "getter_recursive": (
        OF_SETTINGS,
        """
--- train.py
from model import Tagger
import json
from util import dict2obj
cfg = dict2obj(json.load(open("config.json")))
m=Tagger(cfg.model)
--- util.py
from types import SimpleNamespace
def dict2obj(d):
    return SimpleNamespace(**{k: dict2obj(v) if isinstance(v, dict) else v for k, v in d.items()})
--- config.json
{"model": {"size": 16, "layers": 2}}
""",
    ),
}
"""What each is called, its model, and its other files, each behind a line with its name."""


def written(check: Check, way: str, layers: int) -> None:
    model, others = WAYS[way]
    check.write("model.py", model)
    for part in others.split("--- ")[1:]:
        name, _, text = part.partition("\n")
        check.write(name, text.replace("2", str(layers)))


@pytest.mark.parametrize("way", [pytest.param(way, marks=[YAML] if ".yaml" in WAYS[way][1] else []) for way in WAYS])
def test_settings_are_followed_to_the_model(check: Check, way: str) -> None:
    written(check, way, 2)
    assert [(path, code) for path, _, _, code in check("--no-cache").found] == [("model.py", "RNN105")]


@YAML
@pytest.mark.parametrize("way", ["dict_kwargs", "yacs", "argparse_class", "args_config_update", "click", "hydra"])
def test_other_settings_are_followed_as_well(check: Check, way: str) -> None:
    written(check, way, 1)
    assert check("--no-cache").out == ""
