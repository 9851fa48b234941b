"""The run that an audit tells what it sees: the interpreter's, but for what Python itself does here."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.python import calls
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.here import Here
from rnnlint.interpret.state.known import Known
from rnnlint.interpret.state.lost import Losses
from rnnlint.interpret.state.run import Arguments, Keywords, Ports, Run
from rnnlint.interpret.state.tensors import Tensors
from rnnlint.runtime.auditing import source_text
from rnnlint.runtime.auditing.places import Place
from rnnlint.values.domain import Function, Value


class _Here(Here):
    """A place whose arguments are spelled as the source says where a call is made."""

    def spelling(self) -> tuple[tuple[str | None, str | None], ...]:
        return source_text.arguments(self.site.node) if isinstance(self.site.node, Place) else ()


class _Losses(Losses):
    """Kept whatever has gone into them: what an audit sees are the tensors of the model, and nothing else."""

    def lost(self, reason: str) -> Unknown:
        self.note(reason)
        return Unknown(reason)


def _no_function(run: Run, _: Function, args: Arguments, keywords: Keywords) -> Value:
    """Python runs the functions of the model; what arrives here are calls of torch's."""
    run.use_all(args, keywords)
    return run.lost("a function of the program")


class AuditedRun(Run):
    """A run of what torch is told to do; ``models`` are being called."""

    here_type = _Here
    losses_type = _Losses
    models = 0

    @property
    def in_model(self) -> bool:
        """Whether a module that is no layer of torch's is being called."""
        return self.models > 0

    @property
    def in_forward(self) -> bool:
        """Likewise: what a module runs when it is called is its forward."""
        return self.models > 0


def new_run() -> AuditedRun:
    """A run in which nothing has happened yet, and of which nothing is known from others."""
    # every batch is another: what is kept of one would be kept for as long as the program runs, and never met again
    return AuditedRun(Known(tensors=Tensors(most=1)), Base(), {}, Ports(_no_function, calls.call))
