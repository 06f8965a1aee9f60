"""What is understood."""
