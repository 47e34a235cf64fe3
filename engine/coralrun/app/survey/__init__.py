"""A survey at hand: its file or its tables, and everything that it names, read once."""
