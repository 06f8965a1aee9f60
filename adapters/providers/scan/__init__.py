"""What a scan asks of a provider: who serves a model, and what it can really do."""
