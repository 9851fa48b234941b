"""From the text of a file to a program: search the bytes, parse, lower, and give positions back."""
