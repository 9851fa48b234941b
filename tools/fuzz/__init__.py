"""Programs that nobody would write: mutants of this repository's own texts, linted (docs/fuzzing.md)."""
