"""The gallery of readings: docs/gallery.md and its pictures, from a table of expressions."""
