"""What torch's names mean: small functions from values to a value, registered under their qualified names."""
