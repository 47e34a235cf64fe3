"""One account at work: its address, credentials, sessions and rate limits, and the one client that sends."""
