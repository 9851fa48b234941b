"""Modules of torch.nn: how each is built from its arguments, and what its call returns."""
