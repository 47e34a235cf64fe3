"""A run at hand: its directory, how it stands, and what a process that works on it tells."""
