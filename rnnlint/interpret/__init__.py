"""The program run over values, once in every configuration that is left open."""
