"""The list of its models, asked of a provider."""
