"""Whole models, drawn; what reaches the last Linear is read off by autograd."""
