"""Other names: of variables, attributes, classes and imports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import cycle

import libcst as cst
import torch
from torch import nn

from oracle.variations.rewrite import Around, Rewrite, each_function
from oracle.variations.syntax import alone, locals_of, stores, text_of, words

_HIDDEN = re.compile(r"(?m)^#run.*$")
_TEXTS = re.compile(r"#[^\n]*|\"\"\".*?\"\"\"|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
# what these are called elsewhere is something else: whoever reads names is misled
_MISLEADING = ("hidden", "output", "h_n", "batch", "states", "context", "cell", "embedded", "logits", "enc_out", "hn")


class _Renamed(cst.CSTTransformer):
    """Names that are read and stored; attributes, keywords and parameters keep theirs."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        new = self.names.get(updated_node.value)
        return updated_node.with_changes(value=new) if new else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(name=original_node.name)

    def leave_MatchKeywordElement(
        self, original_node: cst.MatchKeywordElement, updated_node: cst.MatchKeywordElement
    ) -> cst.MatchKeywordElement:
        return updated_node.with_changes(key=original_node.key)


class _Parameters(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Param(self, node: cst.Param) -> None:
        self.names.add(node.name.value)

    def visit_Global(self, node: cst.Global) -> None:
        self.names |= {one.name.value for one in node.names}

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        self.names |= {one.name.value for one in node.names}


def _variables(function: cst.FunctionDef) -> list[str]:
    """The names that a function stores, and no parameter, nor anybody else's."""
    found = _Parameters()
    function.visit(found)
    kept = found.names | {"_"}
    defined = {one.name.value for one in function.body.body if isinstance(one, (cst.FunctionDef, cst.ClassDef))}
    return sorted(name for name in locals_of(function) | stores(function.body) if name not in kept | defined)


def _renamed(module: cst.Module, new_names: Sequence[str]) -> cst.Module | None:
    """The variables of every function under these names in turn, those aside that the program has."""
    taken = words(module)
    free = [name for name in new_names if name not in taken]

    def change(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
        # a function inside of another has that one's names as well
        if any(isinstance(outer, cst.FunctionDef) for outer in around.definitions):
            return None
        names = dict(zip(_variables(one), free, strict=False))
        if not names or "locals()" in text_of(one):
            return None
        return [one.with_changes(body=one.body.visit(_Renamed(names)))]

    return each_function(module, change)


def plain(module: cst.Module) -> cst.Module | None:
    """Variables called ``v0``, ``v1``, ..."""
    return _renamed(module, [f"v{number}" for number in range(200)])


def misleading(module: cst.Module) -> cst.Module | None:
    """Variables called ``hidden``, ``output``, ``h_n``, whatever they are."""
    return _renamed(
        module, [*_MISLEADING, *(f"{name}_{number}" for number, name in zip(range(100), cycle(_MISLEADING)))]
    )


class _Attributes(cst.CSTTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        new = self.names.get(updated_node.attr.value)
        return updated_node.with_changes(attr=cst.Name(new)) if new else updated_node


def attributes(module: cst.Module) -> cst.Module | None:
    """What is stored on ``self`` called ``a0``, ``a1``, ..., where nothing but attributes has the name."""
    code = module.code
    stored = set(re.findall(r"\bself\.(\w+)(?:: [\w.]+)? = ", code))
    said = " ".join(_TEXTS.findall(code))
    torchs = {name for one in (nn.LSTM, nn.Linear, torch.Tensor, torch, nn, str, dict, list) for name in dir(one)}
    torchs |= {
        "input_size",
        "hidden_size",
        "num_layers",
        "batch_first",
        "bidirectional",
        "proj_size",
        "dropout",
        "bias",
    }
    names = sorted(name for name in stored if not re.search(rf"\b{name}\b", said) and name not in torchs)
    # a keyword, a field of a class, or a method of that name is the same thing, and stays
    names = [name for name in names if not re.search(rf"def {name}\b|(?m:^\s+{name}\s*[:=])|\b{name}=", code)]
    taken = words(module)
    new = {name: f"a{number}" for number, name in enumerate(names) if f"a{number}" not in taken}
    return module.visit(_Attributes(new)) if new else None


def classes(module: cst.Module) -> cst.Module | None:
    """Classes called ``Kind0``, ``Kind1``, ..."""
    said = " ".join(_TEXTS.findall(module.code))
    defined = [one.name.value for one in module.body if isinstance(one, cst.ClassDef)]
    names = {name: f"Kind{number}" for number, name in enumerate(defined) if not re.search(rf"\b{name}\b", said)}
    if not names:
        return None
    new = module.visit(_Renamed(names))
    # whoever runs the program asks for the classes by the names that they had
    old = [cst.EmptyLine(comment=cst.Comment(f"#run {name} = {kind}")) for name, kind in names.items()]
    return new.with_changes(footer=[*new.footer, *old])


class _Imports(_Renamed):
    def leave_ImportAlias(self, original_node: cst.ImportAlias, updated_node: cst.ImportAlias) -> cst.ImportAlias:
        if original_node.asname or not isinstance(original_node.name, cst.Name):
            return updated_node.with_changes(name=original_node.name)
        new = self.names.get(original_node.name.value)
        if new is None:
            return updated_node
        return updated_node.with_changes(name=original_node.name, asname=cst.AsName(cst.Name(new)))

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        return updated_node.with_changes(module=original_node.module)


def _imported(module: cst.Module, old: str, new: str) -> cst.Module | None:
    """What is imported as ``old`` imported as ``new``."""
    lines = [one for one in module.body if isinstance(one, cst.SimpleStatementLine)]
    nodes = [only for one in lines if isinstance(only := alone(one), (cst.Import, cst.ImportFrom))]
    texts = [text_of(one) for one in nodes]
    bound = [text for text in texts if re.search(rf"(\bimport|,|\bas) {old}(,|$)", text)]
    # ``import torch.nn`` binds torch, by that name
    if not bound or new in words(module) or any(re.search(rf"^import {old}\.\w+$", text) for text in texts):
        return None
    if any(re.search(rf"\b{old}\b", run) for run in _HIDDEN.findall(module.code)):
        return None
    return module.visit(_Imports({old: new}))


def torch_by_other_name(module: cst.Module) -> cst.Module | None:
    """``import torch as T``."""
    return _imported(module, "torch", "T")


def nn_by_other_name(module: cst.Module) -> cst.Module | None:
    """``from torch import nn as layers``."""
    return _imported(module, "nn", "layers")


class _Paths(cst.CSTTransformer):
    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if isinstance(updated_node.value, cst.Name) and updated_node.value.value == "nn":
            return updated_node.with_changes(value=cst.parse_expression("torch.nn"))
        return updated_node


def nn_by_path(module: cst.Module) -> cst.Module | None:
    """``torch.nn.GRU`` for ``nn.GRU``, where the program imports torch."""
    lines = {
        text_of(one).strip().partition("  #")[0] for one in module.body if isinstance(one, cst.SimpleStatementLine)
    }
    if not lines & {"import torch.nn as nn", "from torch import nn"} or "import torch" not in lines:
        return None
    return module.visit(_Paths())


NAMES = (
    Rewrite("names-plain", "a function with variables", plain),
    Rewrite("names-misleading", "a function with variables", misleading),
    Rewrite("names-of-attributes", "what is stored on self, where the name means nothing else", attributes),
    Rewrite("names-of-classes", "classes that no text of the file names", classes),
    Rewrite("torch-by-other-name", "import torch", torch_by_other_name),
    Rewrite("nn-by-other-name", "nn imported", nn_by_other_name),
    Rewrite("nn-by-path", "torch and nn imported", nn_by_path),
)
