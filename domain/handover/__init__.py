"""How other programs reach the configured models."""
