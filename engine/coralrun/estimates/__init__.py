"""The images of a run as a sample, and how certain what is estimated from one is."""
