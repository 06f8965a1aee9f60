"""Grants: got by a sign-in, kept fresh, and handed out."""
