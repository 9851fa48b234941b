"""The explorer page (docs/explorer) held against rnnlint and torch, and the table of verdicts that it carries."""
