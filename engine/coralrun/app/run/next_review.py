"""What people may be asked next about a finished run: a review of it, its labels, or nothing more.

Rule: it is told beside how a run stands, so neither the images of its plan nor its results are read: the index of its
reviews, what was drawn and labelled, the plan's header and the tables of its cover say enough. Where the table of cover
is not there, or was saved otherwise, the usual share is offered. Whether an audit does for what the run has now, as
after a change of it, the corrected cover tells. Where a review is handed out and hardly any image stayed as its plan
had it, both plans are read: nobody should label points that are gone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from coralrun.app.run.labels_file import kept_since
from coralrun.errors import RunDamaged
from coralrun.estimates.scope import without_scope
from coralrun.files.written import Table
from coralrun.machine import units
from coralrun.machine.reconcile import KnownPlan, without_new_points
from coralrun.machine.units import PlanUnits
from coralrun.planning import codec
from coralrun.planning.header import Header, read_header
from coralrun.planning.model import Classifier, Plan
from coralrun.review.reach import AUDIT_NOT_WHOLE, USUAL_SHARE, share_that_reaches
from coralrun.sources.labellers import may_be_persons
from coralrun.store import plans
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.reviews import Draw, ReviewStore
from coralrun.values.phrases import typed

_EXPORT: Final = re.compile(r"annotations-[0-9]+\.csv")
_ROWS_MOST: Final = 100_000
_HARDLY_ANY: Final = 0.1
"""Ours: of a review of which a larger share is there still, that share is worth its labels."""


class Review(StrEnum):
    """How far the newest draw for review has come: handed in, but for points of the audit; or in whole, also where no
    photo of the run can judge a classifier that learnt from all of them, or where all are in its own source, which was
    not asked yet when they were annotated."""

    NOT_DRAWN = "not drawn"
    HANDED_OUT = "handed out"
    IN_PART = "in part"
    TAKEN_BACK = "taken back"
    UNDATED = "undated"
    IN_SAMPLE = "in-sample"


class LabelsThere(StrEnum):
    """Whether people labelled points of a run in its source, so that it can be judged before anybody labels more:
    `IN_SAMPLE` where the classifier may have learnt from all of these."""

    NONE = "none"
    JUDGING = "judging"
    IN_SAMPLE = "in-sample"


class NextReview(NamedTuple):
    """How far it has come, and what share of the images may be drawn, in percent, with which seed; and which labels are
    there before. Where an audit lacks so many `images`, these are drawn; `why` people's labels correct no cover. Review
    `outdated` is handed out, and hardly any of its points are there still; 0 for none. `file` was handed out, "" where
    that is not known, or several were. It is `blind` where an earlier one was."""

    review: Review
    share: int = USUAL_SHARE
    seed: int = 0
    labels_there: LabelsThere = LabelsThere.NONE
    images: int = 0
    why: str = ""
    outdated: int = 0
    file: str = ""
    blind: bool = False

    def commands(self, run: str) -> Iterator[str]:
        """What follows for a run, as it is typed: a review, its labels, or figures of accuracy."""
        match self.review:
            case Review.NOT_DRAWN:
                if self.labels_there is not LabelsThere.NONE:
                    learnt = " --allow-in-sample" if self.labels_there is LabelsThere.IN_SAMPLE else ""
                    yield f"coralrun accuracy {run} --from-source{learnt}"
                seed = f" --seed {self.seed}" if self.seed else ""
                blind = " --blind" if self.blind else ""
                yield f"coralrun review {run} --sample {self.images or f'{self.share}%'}{seed}{blind} --to html"
            case Review.HANDED_OUT | Review.IN_PART:
                yield f"coralrun review import {run} {typed(self.file) if self.file else 'FILE'}"
            case Review.TAKEN_BACK:
                yield f"coralrun accuracy {run}"
            case Review.UNDATED:
                yield f"coralrun accuracy {run} --from-source"
            case Review.IN_SAMPLE:
                yield f"coralrun accuracy {run} --allow-in-sample"


def next_review(layout: Layout, disk: Disk, plan: int) -> NextReview:
    """That of a run whose plan in force has this number: labels for another one may not do for what it has now."""
    index = ReviewStore(layout, disk).index()
    newest = max((kept.number for kept in index.imports), default=0)
    waiting = [draw for draw in index.draws if newest <= draw.after_import]
    if there := [draw for draw in waiting if _is_there_still(layout, disk, draw, plan)]:
        return NextReview(Review.HANDED_OUT, file=_file_of(there))
    outdated = max((draw.number for draw in waiting), default=0)
    if _points_left(layout, disk):
        handed_in = [draw for draw in index.draws if draw not in waiting and not draw.by_class]
        return NextReview(Review.IN_PART, file=_file_of(handed_in), outdated=outdated)
    corrects = _corrects(layout, disk)
    if not (any(draw.plan == plan for draw in index.draws) if corrects is None else corrects):
        try:
            share = _share(disk.read(layout.outputs / Table.COVER.file).decode("utf-8"))
        except (OSError, LookupError, TypeError, ValueError, csv.Error):
            share = USUAL_SHARE
        seed = max((draw.seed + 1 for draw in index.draws), default=0)
        lacking = _lacking(layout, disk) if index.draws else (0, "")
        if corrects is None and newest and any(not draw.by_class for draw in index.draws):
            lacking = 0, "of the points that the survey has now, none of an audit is labelled"
        labels, blind = _labels_there(layout, disk, plan), any(draw.blind for draw in index.draws)
        return NextReview(Review.NOT_DRAWN, share, seed, labels, *lacking, outdated, blind=blind)
    header = read_header(disk.read(layout.plan(plan).header))
    if _has_learnt_all(header):
        return NextReview(Review.IN_SAMPLE, outdated=outdated)
    is_undated = _is_undated(layout, disk, plan, header)
    return NextReview(Review.UNDATED if is_undated else Review.TAKEN_BACK, outdated=outdated)


def _is_there_still(layout: Layout, disk: Disk, draw: Draw, plan: int) -> bool:
    """Whether more than hardly any of the images of the plan that a review was drawn from have their points in another
    one, or some of these and no others. Points drawn by class tell of all points that they were drawn from alone."""
    drawn_from = draw.plan
    if drawn_from == plan:
        return True
    try:
        then, now = (_units(layout, disk, number) for number in (drawn_from, plan))
        if draw.by_class:
            return set(then.unit_of) == set(now.unit_of)
        least = _HARDLY_ANY * len(then)
        if sum(1 for _ in now.images(then.unit_of)) > least:
            return True
        known = (KnownPlan(_plan(layout, disk, drawn_from), then), KnownPlan(_plan(layout, disk, plan), now))
        return len(without_new_points(*known)) > least
    except (OSError, RunDamaged):
        return True  # whoever opens the run is told


def _units(layout: Layout, disk: Disk, number: int) -> PlanUnits:
    path = layout.plan(number).units
    return PlanUnits(units.decode(disk.read(path), name=str(path)))


def _plan(layout: Layout, disk: Disk, number: int) -> Plan:
    return codec.decode(plans.read(layout.plan(number), disk))


def _file_of(draws: Sequence[Draw]) -> str:
    """The one file that some draws were handed out in."""
    return draws[0].file if len(draws) == 1 else ""


def _corrects(layout: Layout, disk: Disk) -> bool | None:
    """Whether what is reviewed corrects cover; None where no table says so."""
    try:
        return any(row["cover_corrected"] for row in _rows(layout, disk, Table.COVER_CORRECTED))
    except (OSError, LookupError, ValueError, csv.Error):
        return None


def _lacking(layout: Layout, disk: Disk) -> tuple[int, str]:
    """How many further images an audit that corrects nothing needs, on all occasions, and why it corrects nothing; 0
    and "" where no table says so."""
    try:
        rows = list(_rows(layout, disk, Table.COVER_CORRECTED))
        lacks = {"" if (first := next(iter(row))) == "stratum" else row[first]: row["images_lacking"] for row in rows}
        lacking = sum(map(int, lacks.values()))
        return lacking, without_scope(rows[0]["method"]).partition("; ")[2] if lacking else ""
    except (OSError, LookupError, TypeError, ValueError, csv.Error):
        return 0, ""


def _points_left(layout: Layout, disk: Disk) -> bool:
    """Whether points of the audit have no label yet, whichever plan they were drawn from, as far as the table of
    corrected cover tells."""
    try:
        return any(AUDIT_NOT_WHOLE in row["warning"] for row in _rows(layout, disk, Table.COVER_CORRECTED))
    except (OSError, LookupError, TypeError, ValueError, csv.Error):
        return False


def _labels_there(layout: Layout, disk: Disk, plan: int) -> LabelsThere:
    """Whether people labelled points that a plan took from a source, and when, where that is the classifier's own. Of a
    long export only the beginning is read."""
    folder, found = layout.plan(plan), LabelsThere.NONE
    for name in filter(_EXPORT.fullmatch, disk.names(folder.inputs)):
        text = disk.read(folder.inputs / name).decode("utf-8", "replace")
        rows = islice(csv.DictReader(io.StringIO(text, newline="")), _ROWS_MOST)
        peoples = [row for row in rows if may_be_persons(row.get("Annotator") or "")]
        classifier = read_header(disk.read(folder.header)).classifier
        if peoples and (name != f"annotations-{classifier.source}.csv" or _any_later(classifier, peoples)):
            return LabelsThere.JUDGING
        found = LabelsThere.IN_SAMPLE if peoples else found
    return found


def _any_later(classifier: Classifier, rows: Iterable[Mapping[str, str]]) -> bool:
    """Whether any image of a classifier's own source was annotated after it was trained alone."""
    from coralrun.accuracy.training import history  # with numpy, which `status` does without as a rule

    dates: dict[str, list[str]] = {}
    for row in rows:
        dates.setdefault(row.get("Name") or "", []).append(row.get("Date annotated") or "")
    return any(not history(classifier, its).may_have_trained for its in dates.values())


def _has_learnt_all(header: Header) -> bool:
    """Whether a classifier that says which photos it learnt from learnt from all of a plan."""
    trained = header.classifier.trained
    return trained is not None and len(trained.photos) >= header.images.count


def _is_undated(layout: Layout, disk: Disk, plan: int, header: Header) -> bool:
    """Whether all reviewed photos are of the source that trained the classifier, and no table at hand says when they
    were annotated."""
    exported = any(map(_EXPORT.fullmatch, disk.names(layout.plan(plan).inputs)))
    if exported or kept_since(layout, disk, plan, header.classifier.source):
        return False
    try:
        sources = {row["source"] for row in _rows(layout, disk, Table.REVIEWED)}
    except (OSError, LookupError, ValueError, csv.Error):
        return False
    return sources == {f"coralnet:{header.classifier.source}"}


def _rows(layout: Layout, disk: Disk, table: Table) -> Iterator[Mapping[str, str]]:
    """The rows of a table of the run."""
    return csv.DictReader(io.StringIO(disk.read(layout.outputs / table.file).decode("utf-8"), newline=""))


def _share(cover: str) -> int:
    """The share that may be drawn of the images that a table of cover is of."""
    units: dict[str, int] = {}
    images: dict[str, int] = {}
    for row in _of_first_class(csv.DictReader(io.StringIO(cover, newline=""))):
        stratum = row["stratum"]
        units[stratum] = max(units.get(stratum, 0), int(row["units"]))  # on each occasion they are the same ones
        images[stratum] = images.get(stratum, 0) + int(row["images_used"])
    if len(units) > 1:  # the strata beside all of them together
        units.pop("", None)
        images.pop("", None)
    return share_that_reaches(units.values(), sum(images.values()))


def _of_first_class(rows: csv.DictReader[str]) -> Iterator[Mapping[str, str]]:
    """The rows of one class: what they say of units and images is the same for all."""
    first = None
    for row in rows:
        first = first or (row["grouping"], row["group"])
        if first == (row["grouping"], row["group"]):
            yield row
