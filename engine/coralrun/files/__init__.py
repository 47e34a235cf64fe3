"""Forms of files: what a person hands in, tables that are written, sealed files, results and their columns."""
