"""What becomes of real notebooks: how many are analysed, and what is taken out of them (docs/notebooks.md)."""
