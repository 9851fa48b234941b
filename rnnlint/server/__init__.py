"""`rnnlint server`: a language server, which says in an editor what `rnnlint check` says, and what a value is.

The process that speaks with the editor (`language_server.py`) knows documents and versions and analyses nothing.  That
is done by processes of its own (`worker/`), which can be interrupted, and end with it.
"""
