"""Batches of sequences of unequal length: sorting, packing, padding, and which axis is which."""
