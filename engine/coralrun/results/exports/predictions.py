"""`predictions`: the rows of the run's own table of predictions, also of a run that goes on."""

from __future__ import annotations

from coralrun.results import tables
from coralrun.results.exports.model import Export, Results, Wishes


def make(results: Results, wishes: Wishes) -> Export:
    """Write the predictions so far."""
    return Export(tables.prediction_lines(results.plan, results.blocks()))
