"""Projects of several files: which of them are analysed together, and what their imports lead to.

Nothing is imported or run, and nothing is read but the files that were asked for.
"""
