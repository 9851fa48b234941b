"""What whoever runs a program gives to the parameters of its functions: by click, typer, or hydra.

The defaults that stand there are declared ones, as those of a signature are.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.interpret.python import document_values, objects
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Arguments, Run
from rnnlint.source import program as ir
from rnnlint.source.links import Document
from rnnlint.values.domain import Class, Free, Lit, Value


def given(run: Run, node: object, scope: int, param: ir.Parameter) -> Value | None:
    """What a parameter of a function holds that its decorators have filled; None for what they know nothing of."""
    default = param.default
    if not isinstance(node, ir.FunctionDef) or not (node.decorators or isinstance(default, ir.Call)):
        return None
    found = _option(node, param)
    if found is not None:
        return run.facts.parameter(run.made.frees[param.name, node], Lit(found.value), found)
    if default is None and param is node.params[0]:
        return _configuration(run, node, scope)
    return None


def _constants(call: ir.Call) -> dict[str, ir.Constant]:
    """The constants that a call is given by name."""
    return {one.keyword: one.value for one in call.args if one.keyword and isinstance(one.value, ir.Constant)}


def _option(node: ir.FunctionDef, param: ir.Parameter) -> ir.Constant | None:
    """``@click.option("--layers", default=2)``, and ``layers: int = typer.Option(2)``."""
    default = param.default
    if isinstance(default, ir.Call):
        first = default.args[0].value if default.args and default.args[0].keyword is None else None
        named = first if isinstance(first, ir.Constant) else _constants(default).get("default")
        return named if ir.last_name(default.func) in ("Option", "Argument") else None
    for decorator in node.decorators:
        if (
            isinstance(decorator, ir.Call)
            and ir.last_name(decorator.func) == "option"
            and param.name in _names(decorator)
        ):
            return _constants(decorator).get("default")
    return None


def _names(option: ir.Call) -> Iterator[str]:
    """What an option of click's is called: as it says, else after its first long spelling."""
    values = [one.value.value for one in option.args if one.keyword is None and isinstance(one.value, ir.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    own = [text for text in texts if not text.startswith("-")]
    long = [text for text in texts if text.startswith("--")]
    for text in own or long[:1]:
        yield text.partition("/")[0].lstrip("-").replace("-", "_")


def _configuration(run: Run, node: ir.FunctionDef, scope: int) -> Value | None:
    """``@hydra.main(config_path="conf", config_name="config")``: the file, or the class that is stored by that name."""
    for decorator in node.decorators:
        func = decorator.func if isinstance(decorator, ir.Call) else None
        if isinstance(func, ir.Attribute) and func.attr == "main" and ir.last_name(func.value) == "hydra":
            assert isinstance(decorator, ir.Call)
            return named(run, _constants(decorator), scope)
    return None


def named(run: Run, said: dict[str, ir.Constant], scope: int) -> Value | None:
    """The configuration that hydra knows by a name."""
    name = said["config_name"].value if "config_name" in said else None
    if not isinstance(name, str):
        return None
    documents = run.known.text.links.documents
    key = run.state.file_of(Frame({}, scope)) if documents else None
    path = said["config_path"].value if "config_path" in said else None
    document = None
    if key is not None and key in documents.paths:
        here = documents.paths[key].rpartition("/")[0]
        inner = path if isinstance(path, str) else "."
        document = documents.at(here, f"{inner}/{name.removesuffix('.yaml')}.yaml")
    if document is not None and document.content is not None:
        return document_values.composed(run, documents, document)
    return _stored(run, name)


def somewhere(run: Run, name: str) -> Document | None:
    """The file of that name, where there is one: who composes it has said elsewhere where it is."""
    every = run.known.text.links.documents.found.values()
    there = [one for one in every if one.path.endswith(f"/{name.removesuffix('.yaml')}.yaml")]
    return there[0] if len(there) == 1 and there[0].content is not None else None


def _stored(run: Run, name: str) -> Value | None:
    """An instance of the class that is stored for hydra by a name (``store(name="config", node=Config)``)."""
    for call in run.known.text.calls_of("store"):
        said = {one.keyword: one.value for one in call.args if one.keyword}
        node, called = said.get("node"), said.get("name")
        if isinstance(called, ir.Constant) and called.value == name and isinstance(node, ir.Name):
            for key in run.state.files:
                cls = run.state.of_file(key, node.id)
                if isinstance(cls, Class):
                    return objects.instantiate(run, cls, (), {}, say=False)
    return None


def flag(run: Run, key: str, receiver: Free | None, args: Arguments) -> None:
    """``flags.DEFINE_integer("layers", 2, ...)``, which ``FLAGS.layers`` is then declared by."""
    node = run.site.node
    if (
        receiver is None
        or not key.startswith(f"{receiver.key}.DEFINE_")
        or len(args) < 2
        or not isinstance(node, ir.Node)
    ):
        return
    name, default = args[:2]
    if isinstance(name, Lit) and isinstance(default, Lit):
        run.facts.declare(run.made.frees[f"{receiver.key}.FLAGS.{name.value!s}", receiver.owner], default, node)
