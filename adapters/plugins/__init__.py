"""Providers that other distributions bring."""
