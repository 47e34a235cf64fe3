"""HTTP as it is sent from here, and the files that are public."""
