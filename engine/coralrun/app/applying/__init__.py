"""What changes the world: a plan carried out, gone on with, changed, tried again; photos put at a source."""
