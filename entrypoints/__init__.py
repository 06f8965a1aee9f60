"""Words turned into a call, and an answer into words."""
