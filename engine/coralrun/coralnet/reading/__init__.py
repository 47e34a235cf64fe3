"""What sources hold, read: their images, what is known of those, the points that they have, the classifiers."""
