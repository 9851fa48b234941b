"""The command ``rnnlint server``: a language server on standard input and output."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib.util import find_spec

_INTERRUPTED = 130  # as a shell says of what ends so
NEEDS = ("pygls", "lsprotocol")


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments: editors tell every server how they want to speak with it, and there is one way."""
    parser.add_argument("--stdio", action="store_true", help="on standard input and output, which is the only way")


def run(_: argparse.Namespace) -> int:
    """Serve until the client says exit, or is gone; 0 where it had said shutdown before.  Raises ImportError."""
    if any(find_spec(name) is None for name in NEEDS):
        raise ImportError("it needs pygls 2: pip install 'rnnlint[lsp]'")
    from rnnlint.server import features, questions
    from rnnlint.server.language_server import Server
    from rnnlint.server.protocol import OneLine

    logging.getLogger("pygls").addHandler(OneLine(logging.ERROR))
    logging.getLogger("pygls").propagate = False
    server = Server()
    features.register(server)
    questions.register(server)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever else is printed in this process would be in the midst of a message
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        server.serve(sys.stdin.buffer, answers)
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)  # Python would wait for the thread that reads, and that for the terminal
    return 0 if server.protocol.was_shut_down else 1
