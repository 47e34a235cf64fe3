"""What a changed plan takes from what people said about a run, told before anything is sent.

Rule: labels are kept whatever a plan says. They count where the plan has their point, on the same picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from coralrun.app.answers.kept_reviews import load, read_records
from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.reconcile import KnownPlan, but_for_classifier
from coralrun.planning.model import Plan
from coralrun.review.draws import place_of
from coralrun.values.phrases import count


def review_lines(opened: OpenRun, plan: Plan) -> Iterator[str]:
    """How many points that were handed out, and that people labelled, are none of a further plan's."""
    index = opened.reviews.index()
    if not (index.draws or index.imports):
        return
    stay = frozenset(but_for_classifier(KnownPlan(opened.plan, opened.units), plan).values())
    gone = {image for image, unit in enumerate(opened.units.unit_of) if unit not in stay}
    points = load(opened).points
    labelled = {(point.image, point.point) for point in points}
    for record in read_records(opened):
        lost = sum(point.image in gone for point in record.own)
        if lost and labelled.isdisjoint(map(place_of, record.own)):
            which = f"{lost:,} of its {count(len(record.own), 'point')}"
            yield f"  review {record.number} is handed out: {which} go, and labels of them will correct nothing"
    if lost := sum(point.image in gone for point in points):
        no_longer = "counts no longer; it counts" if lost == 1 else "count no longer; they count"
        yield f"  {count(lost, 'reviewed point')} {no_longer} again with the old images and points"
