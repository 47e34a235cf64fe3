"""What is made of a run: cover, accuracy, tables, exports, reports, pictures; and whether it is still what it was."""
