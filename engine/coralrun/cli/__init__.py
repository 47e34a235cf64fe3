"""The command line: the one place that prints, and the one that turns an error into an exit code."""
