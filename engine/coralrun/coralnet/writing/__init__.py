"""What is put into a source: photos, what is known of them, points and labels."""
