"""What a service says of itself: its limits, the terms of a survey that it knows, its words, its checks."""
