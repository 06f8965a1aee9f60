"""`models history …`: a file a verb."""
