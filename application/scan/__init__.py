"""`models scan`: what is found, and what is tried of it."""
