"""The history, read: what the commands of `models history` and the hot lane share."""
