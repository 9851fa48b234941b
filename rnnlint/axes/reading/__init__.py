"""What is asked of an arrangement: which states it holds, what was cut, what was done to it on the way."""
