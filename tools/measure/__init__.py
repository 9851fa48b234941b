"""Recall and precision on labelled real code."""
