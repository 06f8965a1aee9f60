"""Conversations held with httpx."""
