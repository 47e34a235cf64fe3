"""A further draw goes on with the audit: it takes nothing from it, and what has come back of both is one sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Found, Photo, finished_run

from coralrun.app.answers.corrected_cover import correction_of
from coralrun.app.answers.kept_reviews import load, places_of
from coralrun.app.answers.verify import verify
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.planning.model import Analysis
from coralrun.review import record
from coralrun.review.drawing import Drawing, SampleRequest
from coralrun.review.draws import place_of
from coralrun.review.sets import ReviewSet
from coralrun.spec.model import Design
from coralrun.store.files import Disk
from coralrun.store.reviews import ReviewStore

CLOCK = SystemClock()
Row = Mapping[str, str]


FIELDS = ("site", "year")
SITE = Analysis(design=Design(unit="site"))
PHOTOS = [
    Photo(
        f"{site}{n}.jpg",
        [Found(7, at, (("AB"[at % 2], 0.3 + 0.01 * at + 0.04 * n), ("C", 0.2))) for at in range(5)],
        (site, str(2023 + n % 2)),
    )
    for site in "xyz"
    for n in range(5)
]
"""Three sites of five photos in two years; of the five points of each, the machine is unsure of some."""


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    return finished_run(tmp_path / "run", PHOTOS, fields=FIELDS, analysis=SITE)


def of(drawing: Drawing, set_: str = "") -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(drawing.table.decode(), newline=""))
    return [row for row in rows if set_ in ("", row["set"])]


def names(drawing: Drawing, set_: str) -> set[str]:
    return {row["name"] for row in of(drawing, set_)}


def hand_in(run: OpenRun, drawing: Drawing, label: Callable[[Row], str] = lambda row: "A") -> None:
    path = run.layout.root.parent / f"filled {drawing.number}.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        rows = [{**row, "label_code": label(row)} for row in of(drawing)]
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    review_import.take(run, path, CLOCK)


def corrected(run: OpenRun) -> dict[str, str]:
    with (run.layout.outputs / "cover_corrected.csv").open(newline="", encoding="utf-8") as opened:
        return next(row for row in csv.DictReader(opened) if row["group"] == "A")


def test_drawing_again_leaves_the_first_audit_and_all_tables_as_they_are(run: OpenRun) -> None:
    hand_in(run, review.draw(run, SampleRequest(sample="20%"), CLOCK))
    before = {path: path.read_bytes() for path in run.layout.outputs.glob("*.csv")}
    assert corrected(run)["points_reviewed"] == "15"

    review.draw(run, SampleRequest(sample="20%", seed=9), CLOCK)

    assert {path: path.read_bytes() for path in run.layout.outputs.glob("*.csv")} == before
    found = load(run)
    assert (len(found.audited), found.audit_left, found.waiting) == (15, 0, 15)
    assert verify(open_run(run.layout.root)).damage == ()


def test_later_draws_leave_out_audited_images_and_ask_no_point_twice(run: OpenRun) -> None:
    first, second, third = (review.draw(run, SampleRequest(sample="20%", seed=seed), CLOCK) for seed in (0, 9, 0x5EED))
    once, twice, thrice = (names(drawing, "audit") for drawing in (first, second, third))
    assert len(once | twice | thrice) == 9
    assert not names(second, "triage") & (once | twice)
    assert not names(third, "triage") & (once | twice | thrice)
    asked = [(row["name"], row["column"]) for drawing in (first, second, third) for row in of(drawing, "triage")]
    assert len(asked) == len(set(asked)) > 0


def test_two_audits_that_came_back_correct_together_with_the_probability_of_both(run: OpenRun) -> None:
    for seed in (0, 9):
        hand_in(run, review.draw(run, SampleRequest(sample="20%", seed=seed), CLOCK))
    found = load(run)
    assert {point.drawn.inclusion for point in found.audited if point.drawn} == {2 / 5}
    row = corrected(run)
    assert (row["images_reviewed"], row["points_reviewed"], row["units_reviewed"]) == ("6", "30", "3")
    assert verify(open_run(run.layout.root)).damage == ()


def test_an_audit_that_covers_points_of_a_triage_has_them_once_it_comes_back(run: OpenRun) -> None:
    """The labels of the triage alone are no random part of the images that are drawn later."""
    hand_in(run, review.draw(run, SampleRequest(sample="20%"), CLOCK))
    second = review.draw(run, SampleRequest(sample="12", seed=1), CLOCK)
    found = load(run)
    triaged = {(point.image, point.point) for point in found.points if not point.is_audit}
    assert len(triaged) == 15

    assert verify(run).damage == ()
    hand_in(run, second, lambda row: "A" if row["column"] == "0" else "")

    found = load(run)
    assert triaged <= {(point.image, point.point) for point in found.audited}
    assert found.audit_left == 75 - len(found.audited) > 0
    assert verify(run).damage == ()


def test_the_same_wish_hands_out_the_same_draw_blind_or_not(run: OpenRun) -> None:
    first = review.draw(run, SampleRequest(sample="20%"), CLOCK)
    review.draw(run, SampleRequest(sample="20%", seed=1), CLOCK)

    again = review.draw(run, SampleRequest(sample="20%", blind=True), CLOCK)

    assert (again.number, again.is_again, again.drawn) == (1, True, first.drawn)
    assert [row["review_id"] for row in of(again)] == [row["review_id"] for row in of(first)]
    assert not run.layout.drawn(3).exists()


def test_a_further_draw_says_how_many_images_it_stands_beside(run: OpenRun) -> None:
    first, second = (review.draw(run, SampleRequest(sample="20%", seed=seed), CLOCK) for seed in (0, 1))
    assert (first.earlier_images, second.earlier_images, second.audit_images) == (0, 3, 3)


def test_where_every_image_is_in_the_audit_nothing_is_drawn(run: OpenRun) -> None:
    review.draw(run, SampleRequest(sample="100%"), CLOCK)
    with pytest.raises(UsageError, match=r"every image of .* is in the audit already"):
        review.draw(run, SampleRequest(sample="1"), CLOCK)


def test_a_further_draw_is_spread_as_the_audit_is(run: OpenRun) -> None:
    review.draw(run, SampleRequest(sample="40%", by="year"), CLOCK)
    with pytest.raises(UsageError, match="is spread by `year`") as caught:
        review.draw(run, SampleRequest(sample="20%"), CLOCK)
    assert caught.value.remedy == "Say --by year."


def test_by_the_design_unit_is_the_spread_that_every_audit_has(run: OpenRun) -> None:
    first = review.draw(run, SampleRequest(sample="20%", by="site"), CLOCK)
    assert review.draw(run, SampleRequest(sample="20%"), CLOCK).number == first.number
    assert review.draw(run, SampleRequest(sample="20%", seed=1), CLOCK).earlier_images == 3


def test_an_audit_of_other_units_is_not_gone_on_with(run: OpenRun) -> None:
    review.draw(run, SampleRequest(sample="2"), CLOCK)
    other = replace(run, plan=replace(run.plan, analysis=Analysis(design=Design(unit="image"))))
    with pytest.raises(UsageError, match="was drawn from other units than it has now"):
        review.draw(other, SampleRequest(sample="20%"), CLOCK)


def test_an_audit_of_other_units_corrects_with_a_warning_until_they_return(run: OpenRun) -> None:
    hand_in(run, review.draw(run, SampleRequest(sample="2"), CLOCK))
    other = replace(run, plan=replace(run.plan, analysis=Analysis(design=Design(unit="image"))))
    said = "the audit was drawn from other units (site): its probabilities are not theirs"
    assert load(other).other_units == "site"
    now, then = (set(correction_of(opened)["warning"]) for opened in (other, run))
    assert now and all(said in warning for warning in now)
    assert then and not any(said in warning for warning in then)


def test_two_draws_that_know_nothing_of_each_other_are_not_gone_on_with(run: OpenRun, tmp_path: Path) -> None:
    """So that their images do not fall out of the audit; a further draw's record states the earlier ones."""
    request = {"sample": "20%", "by": "", "blind": False, "per_image": None, "plan": 1}
    expected = set()
    for seed in (0, 9):
        other = finished_run(tmp_path / f"run{seed}", PHOTOS, fields=FIELDS, analysis=SITE)
        drawn = review.draw(other, SampleRequest(sample="20%", seed=seed), CLOCK).drawn
        expected |= {place_of(point) for point in drawn if point.set is ReviewSet.AUDIT}
        places = places_of(run, {point.image for point in drawn})
        kept = partial(record.encode, run.plan, places, drawn)
        ReviewStore(run.layout, Disk()).add_draw({**request, "seed": seed}, CLOCK.utc(), kept)
    with pytest.raises(UsageError, match="no further draw can go on with it"):
        review.draw(run, SampleRequest(sample="20%", seed=1), CLOCK)
    assert {place_of(point) for point in load(run).audit} == expected
