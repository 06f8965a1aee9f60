"""How much of a limit is left, asked of a provider."""
