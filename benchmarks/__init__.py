"""What is promised of speed, measured against a floor in the same run."""
