"""`plugins …`: a file a verb."""
