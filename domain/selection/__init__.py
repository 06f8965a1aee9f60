"""What a person chose."""
