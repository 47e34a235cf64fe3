"""The plan: a survey and an inventory of images in, an immutable `Plan` out."""
