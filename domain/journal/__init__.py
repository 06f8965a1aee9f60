"""What was tried, and what follows from it."""
