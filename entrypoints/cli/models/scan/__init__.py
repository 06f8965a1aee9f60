"""`models scan`: the command, and how it shows what it found."""
