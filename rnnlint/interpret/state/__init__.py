"""What a run remembers: names, heap, assumptions, where it is, and what has happened."""
