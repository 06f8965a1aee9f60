"""What other programs keep in files of theirs: credentials, and which models were chosen."""
