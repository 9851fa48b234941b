"""What the linter says of published packages, against what was judged by hand (docs/ecosystem.md)."""
