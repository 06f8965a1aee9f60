"""The history, asked."""
