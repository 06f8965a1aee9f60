"""The key of a store: where it lies, what it opens."""
