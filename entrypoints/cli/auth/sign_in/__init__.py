"""Signing in, staying signed in, and giving a token to another program."""
