"""What a command says with --json, for those that share it."""
