"""`models …`: a file a verb."""
