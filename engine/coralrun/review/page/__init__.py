"""A review as one HTML file that people fill in without a network, and that gives back the table for the import."""
