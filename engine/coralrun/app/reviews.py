"""Review by people: draw what is to be looked at, take back what was said, read it beside the machine's answers.

Rule: only a finished run is drawn from, because its images are known for good, and the probabilities with them. What
people hand in is kept as it is before anything is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.app.clock import SystemClock
from coralrun.app.review_reading import load
from coralrun.app.runs import OpenRun, holding, seal, unseal, write_tables
from coralrun.errors import UsageError
from coralrun.plan.model import Plan
from coralrun.results import review, review_table
from coralrun.results.matching import Points
from coralrun.results.readout import read_points
from coralrun.results.review import Candidate, DrawnPoint, Wanted
from coralrun.results.reviewed import Reviews
from coralrun.results.units import units_of
from coralrun.sources.labelled_file import read_labelled
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.reviews import Import, ReviewStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be drawn. `sample` as it was written; `by` is a metadata field, "" for the design unit alone."""

    sample: str
    by: str = ""
    seed: int = 0
    blind: bool = False
    per_image: int | None = None

    @property
    def wanted(self) -> Wanted:
        """The size of the sample; raises UsageError when it is neither a share nor a number."""
        text = self.sample.strip()
        number = text.removesuffix("%").strip()
        try:
            value = float(number)
        except ValueError:
            value = 0.0
        if text.endswith("%") and 0 < value <= 100:
            return Wanted(share=value / 100)
        if not text.endswith("%") and value >= 1 and value == int(value):
            return Wanted(count=int(value))
        raise UsageError(
            f"--sample {self.sample}: neither a share nor a number",
            remedy="Say how much to review: `5%`, or a number of images such as `60`.",
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """A draw that was kept: the table for people, what is in it, and the points drawn."""

    number: int
    table: bytes
    drawn: tuple[DrawnPoint, ...]
    audit_images: int
    audit_points: int
    triage_points: int
    unit: str
    without_unit: tuple[str, ...]


def draw(opened: OpenRun, wish: Wish, clock: SystemClock) -> Drawing:
    """Draw an audit and a triage from a finished run, and keep the record. Takes the run's lock."""
    wanted = wish.wanted
    if not opened.state.finished_at:
        raise UsageError(
            f"{opened.layout.root} is not finished: its images are not known yet", remedy="Go on with it first."
        )
    census = review.take_census(_points(opened))
    candidates, without_unit = _candidates(opened.plan, sorted(census.points), wish.by)
    if not candidates:
        raise UsageError(f"{opened.layout.root} has no image to review")
    images = tuple(
        replace(each, stratum=_value(opened.plan, wish.by, each.image))
        for each in review.draw_images(candidates, wanted, wish.seed)
    )
    audited = frozenset(each.image for each in images)
    audit = tuple(review.audit_points(images, census.points, wish.per_image, wish.seed))
    triage = review.triage_points(_points(opened), census, audited, _points_wanted(wanted, len(audit)))
    drawn = (*audit, *triage)
    with holding(opened.layout):
        unseal(opened.layout)
        store = ReviewStore(opened.layout, Disk())
        number = store.add_draw(
            {"sample": wish.sample, "by": wish.by, "seed": wish.seed, "blind": wish.blind, "per_image": wish.per_image},
            clock.utc(),
            lambda number: review_table.kept(opened.plan, drawn, number),
        ).number
        seal(opened)
    table = b"".join(review_table.handed_out(opened.plan, _points(opened), drawn, number, blind=wish.blind))
    unit = opened.plan.analysis.design.unit or ""
    return Drawing(number, table, drawn, len(audited), len(audit), len(triage), unit, without_unit)


def _points(opened: OpenRun) -> Points:
    return read_points(opened.plan, opened.state, BlobStore(opened.layout, Disk()))


def _points_wanted(wanted: Wanted, audit: int) -> Wanted:
    """The size of the triage: the same share, of points; for a number of images, as many points as the audit has."""
    return wanted if wanted.share is not None else Wanted(count=audit)


def _candidates(plan: Plan, images: list[int], by: str) -> tuple[list[Candidate], tuple[str, ...]]:
    """The images to draw from, and the names of those whose unit or stratum nobody knows: they cannot be drawn.

    A unit that lies in two strata of the design is a unit of each, as in cover.
    """
    design, units = plan.analysis.design, units_of(plan)
    strata_at = None if design.strata_field is None else _field(plan, design.strata_field)
    spread_at = _field(plan, by) if by and by not in (design.unit, design.strata_field) else None
    found, without = [], []
    for number in images:
        image = plan.images[number]
        own = image.key if units is None else units[number]
        known = ["" if at is None else image.metadata[at] for at in (strata_at, spread_at) if image.metadata]
        lacking = [at for at, text in zip((strata_at, spread_at), known, strict=False) if at is not None and not text]
        if not own or lacking:
            without.append(image.name)
        else:
            stratum, spread = known or ("", "")
            found.append(Candidate(number, spread, f"{stratum} / {own}"))
    return found, tuple(without)


def _value(plan: Plan, field: str, image: int) -> str:
    """What is known of an image in a field; empty for none."""
    return plan.images[image].metadata[_field(plan, field)] if field else ""


def _field(plan: Plan, name: str) -> int:
    try:
        return plan.fields.index(name)
    except ValueError:
        known = ", ".join(f"`{field}`" for field in plan.fields) or "none"
        raise UsageError(
            f"`{name}` is no metadata field of this run", remedy=f"Name one of its fields; it has {known}."
        ) from None


def take(opened: OpenRun, path: Path, clock: SystemClock) -> tuple[Import, Reviews]:
    """Keep a file that people filled in, read all reviews anew, and rebuild what is derived of a finished run.

    Raises InvalidInput for a file that is no review. Takes the run's lock.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", remedy="Give the file that was filled in.") from error
    rows = read_labelled(path.name, data)
    if not any(row.is_labelled for row in rows):
        raise UsageError(f"{path}: no row has a label yet", remedy="Fill in the column `label_code` first.")
    with holding(opened.layout):
        if opened.state.finished_at:
            unseal(opened.layout)
        added = ReviewStore(opened.layout, Disk()).add_import(path.name, clock.utc(), data)
        if opened.state.finished_at:
            write_tables(opened)
    return added, load(opened.layout, opened.plan, opened.state)
