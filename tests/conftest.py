"""What every test may use: a home of its own, a clock that stands still, a way to run commands."""
