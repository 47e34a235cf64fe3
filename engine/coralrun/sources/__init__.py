"""Where images, points, names and raw sizes come from."""
