"""`predictions`: the rows of the run's own table of predictions, also of a run that goes on."""

from __future__ import annotations

from coralrun.exports.model import Export, ExportOptions, Results
from coralrun.files.written import Table
from coralrun.results import tables

TABLE = Table.PREDICTIONS


def make(results: Results, options: ExportOptions) -> Export:
    """Write the predictions so far."""
    return Export(tables.prediction_lines(results.plan, results.blocks()))
