"""The order of running: expressions to values, statements to paths."""
