"""``rnnlint show``: what an expression over the results of an RNN holds, said and drawn."""
