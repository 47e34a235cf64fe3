"""What each command does: the use case, and what is shown of it. Every function returns the exit code."""
