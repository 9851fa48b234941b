"""One mistake put into a right program, and what labels and gradients say of the mutant."""
