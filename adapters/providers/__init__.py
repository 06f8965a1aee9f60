"""Dialects and the table of providers."""
