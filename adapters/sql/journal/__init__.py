"""The journal in SQL, for writing: its records, and the days they are counted in."""
