"""Provenance: where a run's results come from, as an RO-Crate."""
