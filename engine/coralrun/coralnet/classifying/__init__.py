"""CoralNet as a place that classifies: by its API, and by way of a source."""
