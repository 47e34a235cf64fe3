"""A run as pandas DataFrames, for notebooks.

Rule: read from the run's own files each time they are asked for, in plan order, also while the run goes on; a frame of
an unfinished run says so in its `attrs` (`partial`). Texts that repeat are categories, so a million points fit easily.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import pandas as pd

from coralrun.app.runs import OpenRun
from coralrun.classified import Label, LabelKey
from coralrun.limits import TOP_SCORES
from coralrun.machine.reasons import SKIPPED
from coralrun.results.readout import read_points, succeeded_in
from coralrun.results.review_table import image_page
from coralrun.results.reviewed import COLUMNS as REVIEWED_COLUMNS
from coralrun.results.reviewed import Reviews
from coralrun.results.reviewed import row_of as reviewed_row
from coralrun.results.tables import metadata_columns, why_without
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk

PARTIAL = "partial"


def predictions(opened: OpenRun) -> pd.DataFrame:
    """One row a point, with the columns of `predictions.csv`."""
    plan = opened.plan
    image, numbers = array("i"), {name: array("i") for name in ("point", "row", "column")}
    scores = [array("d") for _ in range(TOP_SCORES)]
    labels = [array("i") for _ in range(TOP_SCORES)]
    known: dict[LabelKey, tuple[int, Label]] = {}
    for number, points in read_points(plan, opened.state, BlobStore(opened.layout, Disk())):
        for index, point in enumerate(points, start=1):
            image.append(number)
            numbers["point"].append(index)
            numbers["row"].append(point.row)
            numbers["column"].append(point.column)
            for rank in range(TOP_SCORES):
                found = point.classifications[rank] if rank < len(point.classifications) else None
                if found is not None and found.label_key not in known:
                    known[found.label_key] = (len(known), found.label)
                scores[rank].append(np.nan if found is None else found.score)
                labels[rank].append(-1 if found is None else known[found.label_key][0])
    which, planned = np.array(image, np.int64), tuple(plan.images)
    columns: dict[str, object] = {
        "source": _texts([each.source for each in planned], which),
        "name": _texts([each.name for each in planned], which),
    }
    columns |= {name: np.array(values, np.int32) for name, values in numbers.items()}
    for rank in range(1, TOP_SCORES + 1):
        columns |= _ranked(rank, scores[rank - 1], labels[rank - 1], [label for _, label in known.values()])
    for at, heading in enumerate(metadata_columns(plan)):
        columns[heading] = _texts([each.metadata[at] if each.metadata else "" for each in planned], which)
    return _stamped(opened, pd.DataFrame(columns))


def _ranked(rank: int, scores: array[float], labels: array[int], known: Sequence[Label]) -> dict[str, object]:
    codes = np.array(labels, np.int32)
    ids = np.array([*(label.id or 0 for label in known), 0], np.int64)[codes]
    without = np.array([*(label.id is None for label in known), True], bool)[codes]
    return {
        f"score_{rank}": np.array(scores, float),
        f"label_id_{rank}": pd.arrays.IntegerArray(ids, without),
        f"label_code_{rank}": _coded([label.code for label in known], codes),
        f"label_name_{rank}": _coded([label.name for label in known], codes),
    }


def _coded(texts: Sequence[str], codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pd.Categorical:
    """Texts by number; two labels may share one."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    shared = np.array([*(places[text] for text in texts), -1], np.int32)
    return pd.Categorical.from_codes(shared[codes], categories=pd.Index(list(places), dtype=object))


def _texts(values: Sequence[str], which: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.Categorical:
    places = {text: place for place, text in enumerate(dict.fromkeys(values))}
    codes = np.array([places[text] for text in values], np.int32)
    return pd.Categorical.from_codes(codes[which], categories=pd.Index(list(places), dtype=object))


def images(opened: OpenRun) -> pd.DataFrame:
    """One row an image: what is known of it, how many points it has, what became of it (`standing`), and why."""
    plan, state, planned = opened.plan, opened.state, tuple(opened.plan.images)
    done = {number for job in state.closed for number in succeeded_in(job)}
    standing, reasons = [], []
    for number in range(len(planned)):
        reason = state.ended.get(number)
        failed = "skipped" if reason in SKIPPED else "failed"
        standing.append("succeeded" if number in done else "to do" if reason is None else failed)
        reasons.append("" if reason is None else why_without(plan, state, number))
    frame = pd.DataFrame(
        {
            "source": [each.source for each in planned],
            "name": [each.name for each in planned],
            "image_id": pd.array([each.image_id for each in planned], dtype="Int64"),
            "image_page": [image_page(plan.service, each) for each in planned],
            "points": [each.points for each in planned],
            "standing": standing,
            "reason": reasons,
        }
    )
    for at, heading in enumerate(metadata_columns(plan)):
        heading = f"image_{heading}" if heading in frame else heading
        frame[heading] = [each.metadata[at] if each.metadata else "" for each in planned]
    return _stamped(opened, frame)


def reviewed(opened: OpenRun, reviews: Reviews) -> pd.DataFrame:
    """One row a reviewed point, the columns of `reviewed.csv`."""
    rows = [reviewed_row(opened.plan, each) for each in reviews.points]
    frame = pd.DataFrame(rows, columns=list(REVIEWED_COLUMNS))
    drawn = pd.to_numeric(frame["inclusion_probability"])
    return frame.assign(agree=frame["agree"] == "yes", inclusion_probability=drawn)


def _stamped(opened: OpenRun, frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs[PARTIAL] = not opened.state.finished_at
    return frame
