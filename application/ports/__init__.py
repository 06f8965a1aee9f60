"""The whole outside world, a subject a page; each docstring is a promise with a suite."""
