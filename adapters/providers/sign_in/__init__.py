"""How a person signs in at a provider."""
