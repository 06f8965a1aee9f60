"""Values and pure functions: no input, no output, the standard library only."""
