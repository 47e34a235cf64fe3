"""Review: which points people look at, what they are handed, and what they said."""
