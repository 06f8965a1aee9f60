"""Bringing what other tools keep."""
