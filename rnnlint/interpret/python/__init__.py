"""What Python does: operators, subscripts, attributes, calls, classes, builtins."""
