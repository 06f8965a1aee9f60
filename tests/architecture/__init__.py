"""What the house promises of itself: who imports whom, what loads when, what happens at import."""
