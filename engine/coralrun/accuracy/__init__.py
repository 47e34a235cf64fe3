"""Accuracy: how far the classifier is from people, and cover corrected by an audit."""
