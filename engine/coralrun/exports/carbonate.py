"""`carbonate`: carbonate production of each image from a table of rates, as CoralNet works it out.

Source: CoralNet's `calcification` export: the rate of an image is the sum over its points of the label's rate, divided
by the number of points (kg CaCO3 per square metre and year). The rates are the user's: a table with the columns Name,
Mean, Lower bound, Upper bound, as CoralNet gives out its own (Courtney et al. 2021, from ReefBudget).

Two differences, both on purpose. The table's bounds are the 25 % and 75 % quantiles of a label's rate, not the limits
of a 95 % interval, and summed up they are no interval of an image at all: they are called what they are. And a label
without a rate counts as 0 in CoralNet; here that is refused once such labels hold more than 5 % of the points. Points
of unusable labels, where the survey names them, leave the denominator.

The survey's `min_confidence` has no part in it. A point that it leaves unassigned has no label and so no rate, and no
number would be right for it: 0 says that nothing builds there, and leaving the point out takes those that the machine
is unsure of for points like the others. So every point has the rate of its best label, as in CoralNet; that is noted.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.exports.model import Export, ExportOptions, InputFile, Results, notes_on_people, notes_on_scores
from coralrun.exports.percent_covers import ALL_IMAGES, decimals
from coralrun.files.written import Csv
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import classes_of
from coralrun.values.numerals import finite
from coralrun.values.phrases import figure

TABLE = Csv("carbonate", is_for_people=True)

COLUMNS = ("Image ID", "Image name", "Points", "Mean", "Lower quartile", "Upper quartile")
RATE_COLUMNS = ("Name", "Mean", "Lower bound", "Upper bound")
MOST_WITHOUT_RATE = 0.05
_SHOWN = 20

Numbers = NDArray[np.float64]


def make(results: Results, options: ExportOptions) -> Export:
    """Write the carbonate production of a run; raises UsageError where too much of the cover has no rate."""
    if options.rates is None:
        raise UsageError(
            "carbonate production needs a table of rates",
            remedy=f"Give one with --rates FILE, with the columns {', '.join(RATE_COLUMNS)}; CoralNet has such tables.",
        )
    rates = read_rates(options.rates)
    counts = results.counts()
    usable = classes_of(counts, results.plan.analysis).usable
    per_label = np.zeros((len(counts.labels), 3))
    without = np.zeros(len(counts.labels), bool)
    for place, label in enumerate(counts.labels):
        found = rates.get(label.name.casefold())
        without[place] = found is None and bool(usable[place])
        if found is not None:
            per_label[place] = found
    notes = _check_known(counts, usable, without)
    notes += [*notes_on_people(results), *notes_on_scores(results)]
    return Export(_parts(results, counts, usable, per_label), notes)


def _check_known(counts: LabelCounts, usable: NDArray[np.bool_], without: NDArray[np.bool_]) -> list[str]:
    points = np.bincount(counts.label, weights=counts.points, minlength=len(counts.labels))
    share = points / max(points[usable].sum(), 1)
    missing = [place for place in np.argsort(-share, kind="stable") if without[place] and points[place]]
    if not missing:
        return []
    shown = "; ".join(f"{counts.labels[place].name} ({figure(100 * share[place])} %)" for place in missing[:_SHOWN])
    total = sum(share[place] for place in missing)
    if total > MOST_WITHOUT_RATE:
        raise UsageError(
            f"labels without a rate hold {figure(100 * total)} % of the usable points: {shown}",
            remedy="Give each a row in the table of rates (0 where it neither builds nor erodes), by its whole name.",
        )
    return [f"labels without a rate, taken as 0, hold {figure(100 * total)} % of the usable points: {shown}"]


def _parts(results: Results, counts: LabelCounts, usable: NDArray[np.bool_], per_label: Numbers) -> Iterator[bytes]:
    yield TABLE.lines([COLUMNS])
    sums, images = np.zeros(3), 0
    starts = np.searchsorted(counts.image, np.arange(len(results.plan.images) + 1))
    for number, image in enumerate(results.plan.images):
        rows = slice(starts[number], starts[number + 1])
        kept = counts.points[rows] * usable[counts.label[rows]]
        total = int(kept.sum())
        if not total:
            continue
        rate = kept @ per_label[counts.label[rows]] / total
        sums += rate
        images += 1
        yield TABLE.lines([(results.image_id(image), image.name, total, *(decimals(part) for part in rate))])
    if images > 1:
        yield TABLE.lines([(ALL_IMAGES, "", "", *(decimals(total / images) for total in sums))])


def read_rates(file: InputFile) -> Mapping[str, tuple[float, float, float]]:
    """The rates by a label's name in lower case: mean, lower and upper quartile; InvalidInput with every problem."""
    try:
        reader = csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in RATE_COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput([Problem(file.label, 1, 0, f"there is no column {', '.join(missing)}")])
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput([Problem(file.label, 0, 0, f"this is no CSV in UTF-8: {error}")]) from error
    rates: dict[str, tuple[float, float, float]] = {}
    problems = []
    for line, row in rows:
        name = row["Name"].strip()
        numbers = tuple(_number(row[column]) for column in RATE_COLUMNS[1:])
        if not name or any(math.isnan(number) for number in numbers):
            problems.append(Problem(file.label, line, 0, "a rate needs a name and three numbers"))
        elif name.casefold() in rates:
            problems.append(Problem(file.label, line, 0, f"`{name}` stands in the table twice"))
        else:
            mean, lower, upper = numbers
            rates[name.casefold()] = (mean, lower, upper)
    if problems:
        raise InvalidInput(problems)
    return rates


def _number(cell: str | None) -> float:
    value = finite(cell or "")
    return math.nan if value is None else value
