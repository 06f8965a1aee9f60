"""Files, the terminal and other programs of this machine."""
