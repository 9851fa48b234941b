"""Whether a fix mends what it says it mends: the mended program is linted again, and run on torch."""
