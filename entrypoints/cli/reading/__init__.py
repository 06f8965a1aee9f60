"""What the reading commands do, without the words they are called by: the hot lane's too."""
