"""The run directory: the only thing that survives, and the only contract between commands."""
