"""Using a chain: which candidate, and what is tried after it."""
