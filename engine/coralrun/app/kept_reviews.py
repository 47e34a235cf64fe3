"""Reading back what people said about a run.

Rule: nothing is written here, so it can be called from wherever something is derived from reviews; a run without any
reads as an empty record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from coralrun.app.run_directory import OpenRun
from coralrun.errors import RunDamaged
from coralrun.estimates.units import units_told
from coralrun.planning.labelled import LabelledPoint
from coralrun.planning.model import Plan
from coralrun.results.stored_points import read_blocks
from coralrun.review import reviewed
from coralrun.review import table as review_table
from coralrun.review.draws import Record, in_force
from coralrun.review.reviewed import Reviews
from coralrun.review.whose_labels import as_peoples
from coralrun.sources.labelled_file import read_labelled
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.reviews import ReviewStore


@dataclass(frozen=True, slots=True)
class Imports:
    """What people handed in, file by file with its number, and the labels that were accepted in any of them."""

    files: tuple[tuple[int, tuple[LabelledPoint, ...]], ...]
    accepted: frozenset[str]


def load(opened: OpenRun) -> Reviews:
    """Everything that people said about a run, beside the machine's answers; empty where there is nothing."""
    layout, plan = opened.layout, opened.plan
    records, imports = read_records(layout, plan), read_imports(layout)
    if not imports.files:
        return Reviews(audit=in_force(records, {}).audit)
    blocks = read_blocks(plan, opened.plan_state, BlobStore(layout, Disk()))
    reviews = reviewed.gather(plan, blocks, records, imports.files, imports.accepted)
    return replace(reviews, other_units=other_units(layout, plan))


def other_units(layout: Layout, plan: Plan) -> str:
    """The units that the audit was drawn from, where the run is read by others now; "" where it is not."""
    now = units_told(plan.analysis.design)
    return next((each.design for each in ReviewStore(layout, Disk()).index().draws if each.design not in ("", now)), "")


def read_imports(layout: Layout) -> Imports:
    """What people handed in; raises RunDamaged for a file that was touched."""
    store = ReviewStore(layout, Disk())
    files = []
    accepted: set[str] = set()
    for kept in store.index().imports:
        rows = read_labelled(kept.name, store.imported(kept))
        files.append((kept.number, as_peoples(rows) if kept.labelled_by else rows))
        accepted.update(kept.accepted)
    return Imports(tuple(files), frozenset(accepted))


def read_records(layout: Layout, plan: Plan) -> tuple[Record, ...]:
    """The records of a run's draws, in their order; raises RunDamaged for one that was touched or is of another run."""
    store = ReviewStore(layout, Disk())
    draws = store.index().draws
    keys = {image.key: number for number, image in enumerate(plan.images)} if draws else {}
    found = []
    for each in draws:
        try:
            found.append(Record(each.number, each.after_import, review_table.read_kept(keys, store.drawn(each))))
        except (ValueError, KeyError) as error:
            raise RunDamaged(f"{layout.drawn(each.number)}: it is of another run: {error}") from error
    return tuple(found)


def has_reviews(layout: Layout) -> bool:
    """Whether people have handed in anything about a run."""
    return bool(ReviewStore(layout, Disk()).index().imports)
