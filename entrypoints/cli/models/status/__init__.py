"""`models status` and what its options ask for."""
