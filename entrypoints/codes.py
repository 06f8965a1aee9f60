"""Exit codes that a command gives itself: what it did in part is kept, and told."""

UNAVAILABLE = 69
INTERRUPTED = 130
