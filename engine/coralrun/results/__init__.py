"""What a run holds, read back: its points, images and labels, and the tables that are rebuilt from them."""
