"""What CoralNet is sent and what it answers, as bytes and as data, and nothing else. Pure."""
