"""`percent-covers`: percent cover by image and label as CoralNet exports it, with its row ALL IMAGES.

Source: `coralnet-protocol` section 11 and CoralNet's own exports: Image ID, Image name, Annotation status, Points, then
a column for each label, three decimals; the last row, where there is more than one image, is the unweighted mean over
images. All points count: CoralNet knows no unusable ones, and no least confidence. The columns are the labels that
stand among the scores, called by code or by name as CoralNet's form offers it; CoralNet has all labels of the source,
by functional group. Nobody confirmed these points: the status is Unconfirmed; people's reviews are not in this file.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coralrun.exports.model import (
    NAME,
    Export,
    ExportOptions,
    Results,
    notes_on_people,
    notes_on_scores,
)
from coralrun.files.written import Csv

TABLE = Csv("percent-covers", is_for_people=False)

COLUMNS = ("Image ID", "Image name", "Annotation status", "Points")
STATUS = "Unconfirmed"
ALL_IMAGES = "ALL IMAGES"


def make(results: Results, options: ExportOptions) -> Export:
    """Write the percent covers of a run."""
    return Export(_parts(results, options.label_display), [*notes_on_people(results), *notes_on_scores(results)])


def _parts(results: Results, display: str) -> Iterator[bytes]:
    counts = results.counts()
    shown = [label.name if display == NAME else label.code for label in counts.labels]
    order = sorted(range(len(shown)), key=lambda place: (shown[place], counts.labels[place].order))
    column = np.empty(len(order), np.int64)
    column[order] = np.arange(len(order))
    yield TABLE.lines([(*COLUMNS, *(shown[place] for place in order))])
    sums = np.zeros(len(order))
    images = 0
    starts = np.searchsorted(counts.image, np.arange(len(results.plan.images) + 1))
    for number, image in enumerate(results.plan.images):
        total = int(counts.total[number])
        if not total:
            continue
        images += 1
        rows = slice(starts[number], starts[number + 1])
        shares = np.zeros(len(order))
        shares[column[counts.label[rows]]] = counts.points[rows] / total
        sums += shares
        image_id = results.image_id(image)
        yield TABLE.lines([(image_id, image.name, STATUS, total, *(decimals(100 * share) for share in shares))])
    if images > 1:
        yield TABLE.lines([(ALL_IMAGES, "", "", "", *(decimals(100 * share / images) for share in sums))])


def decimals(number: float) -> str:
    """A number with CoralNet's three decimals, and no negative zero."""
    text = f"{number:.3f}"
    return "0.000" if text == "-0.000" else text
