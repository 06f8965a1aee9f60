"""`models auth …`: a file a verb."""
