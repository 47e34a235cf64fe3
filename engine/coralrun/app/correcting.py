"""The corrected cover of a run, where people have reviewed an audit of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.app.review_reading import load
from coralrun.results.readout import read_points
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk

if TYPE_CHECKING:
    import pandas as pd

    from coralrun.app.runs import OpenRun
    from coralrun.results.cover import Reader


def correction_of(opened: OpenRun) -> pd.DataFrame:
    """Cover as the machine has it beside corrected cover; empty where no audited point was reviewed.

    Raises UsageError where a label, the machine's or a person's, is in no group.
    """
    from coralrun.results.corrected import corrected

    reviews = load(opened.layout, opened.plan, opened.state)
    return corrected(cover_reader(opened), opened.plan, opened.plan.analysis, reviews)


def cover_reader(opened: OpenRun) -> Reader:
    """What reads a run's cover, as far as the run has come."""
    from coralrun.results.counts import count_labels
    from coralrun.results.cover import Reader

    plan, ended = opened.plan, opened.state.ended
    points = read_points(plan, opened.state, BlobStore(opened.layout, Disk()))
    counts = count_labels(plan, points, plan.analysis.cover.min_confidence)
    pending = [number for number, total in enumerate(counts.total) if not total and number not in ended]
    return Reader(counts, plan, plan.analysis, pending)
