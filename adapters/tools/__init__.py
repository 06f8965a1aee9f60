"""Files of other programs: read as they are, and never changed without a yes."""
