"""A run as pandas DataFrames, for notebooks.

Rule: read from the run's own files each time they are asked for, in plan order, also while the run goes on; a frame of
an unfinished run says so in its `attrs` (`partial`). Texts that repeat are categories, so a million points fit easily.
Metadata that are numbers throughout are numbers, as pandas reads them from a table of one's own: otherwise a join with
that table finds nothing, and 5 m comes after 10 m. `01` stays a text: it is a name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coralrun.app.run.run_directory import OpenRun
from coralrun.files.segment import Whole
from coralrun.limits import TOP_SCORES
from coralrun.machine.reasons import SKIPPED
from coralrun.machine.stored_photos import numbered
from coralrun.planning.design import values_of
from coralrun.planning.model import Plan
from coralrun.results.numeric import are_numbers, numbers_if_all
from coralrun.results.tables import metadata_columns, why_without
from coralrun.review.reviewed import COLUMNS as REVIEWED_COLUMNS
from coralrun.review.reviewed import Reviews
from coralrun.review.reviewed import row_of as reviewed_row
from coralrun.review.table import image_page
from coralrun.values.classified import Label

PARTIAL = "partial"


def predictions(opened: OpenRun) -> pd.DataFrame:
    """One row a point, with the columns of `predictions.csv`."""
    plan, state = opened.plan, opened.plan_state
    planned = np.array(plan.point_counts, np.int32)
    n = int(planned[list(state.succeeded())].sum())
    image = np.empty(n, np.int32)
    numbers = {name: np.empty(n, np.int32) for name in ("point", "row", "column")}
    scores = [np.empty(n) for _ in range(TOP_SCORES)]
    places = [np.empty(n, np.int32) for _ in range(TOP_SCORES)]
    labels: Sequence[Label] = ()
    at = 0
    for block in opened.blocks():
        part = slice(at, at := at + len(block.rows))
        image[part] = np.repeat(block.images, block.counts)
        first = np.cumsum(block.counts) - block.counts
        numbers["point"][part] = np.arange(1, len(block.rows) + 1) - np.repeat(first, block.counts)
        numbers["row"][part], numbers["column"][part] = block.rows, block.columns
        for rank in range(TOP_SCORES):
            scores[rank][part], places[rank][part] = block.scores[rank], block.places[rank]
        labels = block.labels
    columns: dict[str, object] = {
        "source": _texts([planned.source for planned in plan.images], image),
        "name": _texts([planned.name for planned in plan.images], image),
        **numbers,
    }
    for rank in range(1, TOP_SCORES + 1):
        columns[f"score_{rank}"] = scores[rank - 1]
        columns |= _labels(rank, places[rank - 1], labels)
        places[rank - 1] = image  # the columns hold it no more
    for index, heading in enumerate(metadata_columns(plan)):
        values = [planned.metadata[index] if planned.metadata else "" for planned in plan.images]
        numeric = numbers_if_all(values)
        columns[heading] = _texts(values, image) if numeric is None else numeric.take(image)
    return _stamped(opened, pd.DataFrame(columns, copy=False))


def _labels(rank: int, places: Whole, labels: Sequence[Label]) -> dict[str, object]:
    ids = np.array([*(label.id or 0 for label in labels), 0], np.int64)[places]
    without = np.array([*(label.id is None for label in labels), True], bool)[places]
    return {
        f"label_id_{rank}": pd.arrays.IntegerArray(ids, without),
        f"label_code_{rank}": _coded([label.code for label in labels], places),
        f"label_name_{rank}": _coded([label.name for label in labels], places),
    }


def _coded(texts: Sequence[str], codes: Whole) -> pd.Categorical:
    """Texts by number; two labels may share one."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    shared = np.array([*(places[text] for text in texts), -1], np.int32)
    return pd.Categorical.from_codes(shared[codes], categories=pd.Index(list(places), dtype=object))


def _texts(values: Sequence[str], which: Whole) -> pd.Categorical:
    places = {text: place for place, text in enumerate(dict.fromkeys(values))}
    codes = np.array([places[text] for text in values], np.int32)
    return pd.Categorical.from_codes(codes[which], categories=pd.Index(list(places), dtype=object))


def told_by_numbers(frame: pd.DataFrame, fields: Sequence[str], plan: Plan) -> pd.DataFrame:
    """A table of cover whose rows are told by fields: those that are numbers as numbers, and in their order. What is
    text in the table of the images, where more of them are, is text here."""
    known = {field: values_of(field, plan.fields, plan.images) for field in fields if field in plan.fields}
    texts = {field for field, values in known.items() if not are_numbers(values)}
    found = {field: numbers_if_all(frame[field].tolist()) for field in fields if field not in texts}
    numeric = {field: numbers for field, numbers in found.items() if numbers is not None}
    if not numeric:
        return frame
    return frame.assign(**numeric).sort_values(list(fields), kind="stable", ignore_index=True)


def images(opened: OpenRun) -> pd.DataFrame:
    """One row an image: what is known of it, how many points it has, what became of it (`standing`), and why."""
    plan, state, planned = opened.plan, opened.plan_state, tuple(opened.plan.images)
    there = [numbered(image, opened.state.stored) for image in planned]
    done = set(state.succeeded())
    standing, reasons = [], []
    for number in range(len(planned)):
        reason = state.reason(number)
        failed = "skipped" if reason in SKIPPED else "failed"
        standing.append("succeeded" if number in done else "to do" if reason is None else failed)
        reasons.append(why_without(plan, state, number))
    frame = pd.DataFrame(
        {
            "source": [image.source for image in planned],
            "name": [image.name for image in planned],
            "image_id": pd.array([image.image_id for image in there], dtype="Int64"),
            "image_page": [image_page(plan.about, image) for image in there],
            "points": [image.points for image in planned],
            "standing": standing,
            "reason": reasons,
        }
    )
    for at, heading in enumerate(metadata_columns(plan)):
        heading = f"image_{heading}" if heading in frame else heading
        values = [image.metadata[at] if image.metadata else "" for image in planned]
        numeric = numbers_if_all(values)
        frame[heading] = values if numeric is None else numeric
    return _stamped(opened, frame)


def reviewed(opened: OpenRun, reviews: Reviews) -> pd.DataFrame:
    """One row a reviewed point, the columns of `reviewed.csv`."""
    rows = [reviewed_row(opened.plan, point) for point in reviews.points]
    frame = pd.DataFrame(rows, columns=list(REVIEWED_COLUMNS))
    drawn = pd.to_numeric(frame["inclusion_probability"])
    return frame.assign(agree=frame["agree"] == "yes", inclusion_probability=drawn)


def _stamped(opened: OpenRun, frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs[PARTIAL] = not opened.state.finished_at
    return frame
