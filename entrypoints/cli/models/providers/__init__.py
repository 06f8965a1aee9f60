"""`models providers`."""
