"""Which model with which credential comes next."""
