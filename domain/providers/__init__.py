"""What a provider is: its row, its names, its addresses."""
