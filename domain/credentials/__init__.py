"""Secrets, profiles, and how long they hold."""
