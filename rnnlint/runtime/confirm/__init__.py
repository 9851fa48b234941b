"""``rnnlint confirm``: what the rules say about torch, shown by running it."""
