"""The use cases: what a command does, put together from the parts. Nothing here prints or parses arguments."""
