"""``rnnlint check``: files in, findings out, on a command line."""
