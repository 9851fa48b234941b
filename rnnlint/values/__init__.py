"""What an expression of the analysed program can be.  Knows no syntax and no rule."""
