"""Files that other programs read: a module for each format, and the registry that names them."""
