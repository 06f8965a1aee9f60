"""Which models a scan tries, in which order, and what it picks."""
