"""The commands: parse, one call, render, an exit code."""
