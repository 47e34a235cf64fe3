"""coralrun: a declarative, crash-safe batch engine for classifying reef photographs with CoralNet."""

__version__ = "0.1.0"
