"""The CoralNet client: codec and pages pure, one module that sends, one that knows the limits."""
