"""Reading back what people said about a run.

Rule: nothing is written here, so it can be called from wherever something is derived from reviews; a run without any
reads as an empty record.
"""

from __future__ import annotations

from coralrun.errors import RunDamaged
from coralrun.machine.durable import Durable
from coralrun.plan.model import Plan
from coralrun.results import review_table, reviewed
from coralrun.results.draws import Record, in_force
from coralrun.results.readout import read_points
from coralrun.results.reviewed import Reviews
from coralrun.sources.labelled_file import read_labelled
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.reviews import ReviewStore


def load(layout: Layout, plan: Plan, state: Durable) -> Reviews:
    """Everything that people said about a run, beside the machine's answers; empty where there is nothing."""
    store = ReviewStore(layout, Disk())
    index = store.index()
    records = read_records(layout, plan)
    if not index.imports:
        return Reviews(audit=in_force(records, {}).audit)
    files = [(each.number, read_labelled(each.name, store.imported(each))) for each in index.imports]
    return reviewed.gather(plan, read_points(plan, state, BlobStore(layout, Disk())), records, files)


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
