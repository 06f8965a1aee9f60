"""What coding agents keep in files of their own: names, addresses, variables, and no secret."""
