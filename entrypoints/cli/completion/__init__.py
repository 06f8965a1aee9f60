"""Completion of words in a shell: what may come next, and what makes a shell ask."""
