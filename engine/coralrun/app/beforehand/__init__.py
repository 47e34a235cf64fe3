"""What is found out and shown before anything is done: checks, points, plans, and what they cost."""
