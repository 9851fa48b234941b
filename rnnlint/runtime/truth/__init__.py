"""What torch computes, made visible: labels, float64 references, influence, tolerances."""
