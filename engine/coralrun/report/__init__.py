"""The report: a run's answer as one HTML file that opens without a network."""
