"""Commands on the keys of the store."""
