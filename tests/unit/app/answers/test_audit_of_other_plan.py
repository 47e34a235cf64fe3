"""An audit after the images of the run have changed: what it still tells, what it cannot, and what to do about it.

A review binds to the picture, the row and the column: points that moved leave every figure, and are counted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.results.finished_runs import Found, Photo, finished_run, replanned, sure

from coralrun.accuracy.agreement import agreement_of_audit
from coralrun.accuracy.corrected_text import corrected_lines
from coralrun.app.answers import outputs
from coralrun.app.answers.accuracy import judge
from coralrun.app.answers.corrected_cover import correction_of, notes_on_correction
from coralrun.app.answers.cover import reader_of
from coralrun.app.answers.kept_reviews import load, notes_of_labels, points_there
from coralrun.app.reviewing import review, review_import
from coralrun.app.reviewing.undoing import undo
from coralrun.app.run.next_review import next_review
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.planning.model import Analysis, Classifier
from coralrun.review.drawing import HandedOut, SampleRequest
from coralrun.review.sets import ReviewSet
from coralrun.review.text import drawn_lines
from coralrun.review.whose_labels import Word
from coralrun.spec.model import Design

CLOCK = SystemClock()
SITES = Analysis(design=Design(unit="site"))
MACHINE = list("AABB")
PEOPLE: Mapping[str, str] = {"a1.jpg": "ABBB", "a2.jpg": "AABB", "b1.jpg": "AABB", "b2.jpg": "BBBB"}
"""What people say; the machine says AABB everywhere."""


def photo(name: str, id_: int) -> Photo:
    return Photo(name, sure(MACHINE), (name[0],), id=id_)


PHOTOS = [photo(name, number) for number, name in enumerate(PEOPLE, start=11)]


def reviewed(
    run: OpenRun,
    folder: Path,
    sample: str = "100%",
    seed: int = 0,
    more: Mapping[str, str] = PEOPLE,
    per_image: int | None = None,
) -> OpenRun:
    """The run after an audit of it has come back."""
    drawn = review.draw(open_run(run.layout.root), SampleRequest(sample=sample, seed=seed, per_image=per_image), CLOCK)
    rows = list(csv.DictReader(io.StringIO(drawn.table.decode(), newline="")))
    people = {**PEOPLE, **more}
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "label_code": people[row["name"]][int(row["point"]) - 1]} for row in rows)
    path = folder / f"filled-{seed}.csv"
    path.write_text(table.getvalue(), encoding="utf-8")
    review_import.take(open_run(run.layout.root), path, CLOCK, word=Word("people"))
    return open_run(run.layout.root)


@pytest.fixture
def audited(tmp_path: Path) -> OpenRun:
    return reviewed(finished_run(tmp_path / "reef", PHOTOS, fields=("site",), analysis=SITES), tmp_path)


def corrected(run: OpenRun) -> Mapping[str, object]:
    frame = correction_of(run)
    return dict(frame[(frame["stratum"] == "") & (frame["group"] == "A")].iloc[0])


def test_where_images_were_withdrawn_the_rest_of_the_audit_corrects(audited: OpenRun) -> None:
    assert corrected(audited)["cover_corrected"] == pytest.approx(31.25)
    assert "cover_corrected.csv has those that people's reviews" in notes_on_correction(audited, reader_of(audited))[0]
    assert notes_on_correction(audited, reader_of(audited), ["site"])[0].endswith(
        "reviews correct, of the whole survey alone: by `site` it takes `design: {strata: {field: site}}`, a `unit` "
        "within it and `coralrun apply`"
    )
    row = corrected(replanned(audited, {0: PHOTOS[0], 2: PHOTOS[2], 3: PHOTOS[3]}))
    # a is 25 % by its one photo, b 25 % by its two
    assert row["cover_corrected"] == pytest.approx(25)
    assert row["points_reviewed"] == 12
    assert "4 points of the audit are no longer in the plan: images were withdrawn, or points moved" in str(
        row["warning"]
    )


def test_labels_that_an_unfinished_run_has_no_result_of_are_not_denied(audited: OpenRun) -> None:
    run = replanned(audited, dict(enumerate((replace(one, found=None) for one in PHOTOS), start=4)))
    assert "no point of an audit is reviewed" in notes_on_correction(run, reader_of(run))[0]
    run.state.finished_at = ""
    waits = "no corrected cover: what people labelled of the audit is on images that the run has no result of yet"
    assert notes_on_correction(run, reader_of(run)) == (waits,)
    until_audit = replace(run.plan.about, caution="UNAUDITED", is_until_audit=True)
    assert notes_of_labels(replace(run, plan=replace(run.plan, about=until_audit))) == ()


def test_photos_of_a_triage_that_were_taken_out_make_the_audit_too_heavy(tmp_path: Path) -> None:
    everyone = {**PEOPLE, "a3.jpg": "AABB"}
    photos = [photo(name, number) for number, name in enumerate(everyone, start=11)]
    run = finished_run(tmp_path / "reef", photos, fields=("site",), analysis=SITES)
    run = reviewed(run, tmp_path, "60%", more=everyone)
    gone = min(point.image for point in load(run).points if point.drawn and point.drawn.set is ReviewSet.TRIAGE)
    said = "1 photo of the triage is no longer in the plan: if that is for what it showed, the audit"
    assert load(run).triage_gone == 0
    left = replanned(run, {number: one for number, one in enumerate(photos) if number != gone})
    assert load(left).triage_gone == 1
    assert said in str(corrected(left)["warning"])
    judged = judge(left, left.layout.outputs / "reviewed.csv", allow_in_sample=False)
    assert any(note.startswith(said) for note in judged.notes)
    again = reviewed(left, tmp_path, "100%", 1, more=everyone)
    assert load(again).triage_gone == 0


def test_an_audited_photo_that_was_taken_out_is_none_of_a_triage(audited: OpenRun) -> None:
    assert load(replanned(audited, {0: PHOTOS[0], 2: PHOTOS[2], 3: PHOTOS[3]})).triage_gone == 0


def test_points_that_moved_leave_the_figures_and_are_counted(audited: OpenRun) -> None:
    before = {(point.image, point.point) for point in load(audited).points}
    moved = Photo("a1.jpg", [Found(8, at, ((code, 0.9),)) for at, code in enumerate("AABB")], ("a",), id=11)
    run = replanned(audited, {4: moved, 1: PHOTOS[1], 2: PHOTOS[2], 3: PHOTOS[3]})
    found = load(run)
    assert (len(before), len(found.points), found.lost) == (16, 12, 4)
    assert {run.plan.images[point.image].name for point in found.points} == {"a2.jpg", "b1.jpg", "b2.jpg"}
    assert found.parts.later == frozenset({0})


def test_a_point_laid_anew_on_the_pixel_of_a_drawn_one_is_none_of_the_audit(audited: OpenRun, tmp_path: Path) -> None:
    """Its label is a person's of that point all the same; and the draw, which is labelled, is not taken back."""
    laid_anew = {
        unit: replace(one, found=[Found(7 + at % 2, at, ((code, 0.9),)) for at, code in enumerate(MACHINE)])
        for unit, one in enumerate(PHOTOS, start=4)
    }
    run = replanned(audited, laid_anew)
    found = load(run)
    assert (len(found.points), found.audit, found.lost, len(found.parts.untold)) == (8, (), 16, 4)
    with pytest.raises(UsageError, match="review 1 is labelled already, on 16 points: it cannot be undone"):
        undo(run, CLOCK)
    assert review.draw(run, SampleRequest(sample="100%", seed=1), CLOCK).audit_images == 4
    assert len(load(replanned(run, dict(enumerate(PHOTOS)))).audited) == 16


def test_points_of_images_without_a_result_are_not_gone(audited: OpenRun) -> None:
    failed = {unit: replace(one, found=None) for unit, one in enumerate(PHOTOS, start=4)}
    run = replanned(audited, failed, classifier=Classifier(id="2", source=1))
    assert (load(run).points, load(run).elsewhere) == ((), 0)
    with pytest.raises(UsageError, match="review 1 is labelled already, on 16 points: it cannot be undone"):
        undo(run, CLOCK)


def test_where_images_keep_some_of_their_points_and_get_none_the_audit_corrects(audited: OpenRun) -> None:
    fewer = {unit: replace(one, found=list(one.found or ())[1:3]) for unit, one in enumerate(PHOTOS, start=4)}
    run = replanned(audited, fewer)
    found, row = load(run), corrected(run)
    assert (len(found.audited), found.audit_left, found.lost, found.parts.later) == (8, 0, 8, frozenset())
    assert row["cover_machine"] == pytest.approx(50)
    assert row["cover_corrected"] == pytest.approx(100 * sum(said[1:3].count("A") for said in PEOPLE.values()) / 8)


def test_images_that_came_later_leave_no_correction_and_what_to_do(audited: OpenRun) -> None:
    more = replanned(audited, {**dict(enumerate(PHOTOS)), 4: photo("a3.jpg", 15)})
    row = corrected(more)
    assert row["cover_machine"] == pytest.approx(50)
    assert [str(row[name]) for name in ("cover_corrected", "lo", "hi")] == ["nan"] * 3
    assert row["method"] == (
        "difference estimator; 1 image came, had points moved or succeeded after the audit was drawn: "
        "draw further from those that there are now, coralrun review with --sample 1 and another --seed"
    )
    lines = list(corrected_lines(correction_of(more), "reef", 100, in_sample=False))
    assert lines[-1].endswith("--by-class label --sample 25"), "of a small run some points, and not all of them"
    assert any(line.startswith("  no corrected cover: 1 image came, had points moved or succeeded") for line in lines)
    (truth,) = audited.layout.reviews.glob("imported-1*")
    notes = judge(more, truth, allow_in_sample=True, word=Word("people")).notes
    assert (
        "1 image came, had points moved or succeeded after the audit was drawn, which tells nothing of these" in notes
    )


def test_an_image_that_had_failed_at_the_draw_and_succeeded_since_is_not_drawn_from(
    tmp_path: Path,
) -> None:
    failed = [*PHOTOS[:3], replace(PHOTOS[3], found=None)]
    run = finished_run(tmp_path / "reef", failed, fields=("site",), analysis=SITES)
    run = replanned(reviewed(run, tmp_path), dict(enumerate(PHOTOS)), anew=(3,))
    assert load(run).parts.later == frozenset({3})
    assert "1 image came, had points moved or succeeded" in str(corrected(run)["method"])


def of_another_classifier(run: OpenRun, codes: str, source: int) -> OpenRun:
    """The run once another classifier has labelled the same points of all its photos, and says `codes` on each."""
    again = [replace(each, found=sure(list(codes))) for each in PHOTOS]
    return replanned(run, dict(enumerate(again, start=len(PHOTOS))), classifier=Classifier(id="2", source=source))


def test_an_audit_corrects_what_another_classifier_says_of_the_same_points(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS, fields=("site",), analysis=SITES)
    run = of_another_classifier(reviewed(run, tmp_path, "2"), "ABBB", source=1)
    found, row = load(run), corrected(run)
    audit = {PHOTOS[point.image].name for point in found.points if point.is_audit}
    assert (len(audit), found.lost, found.parts.later) == (2, 0, frozenset())
    people = {name: PEOPLE[name].count("A") for name in audit}
    assert row["cover_machine"] == pytest.approx(25)
    assert row["cover_corrected"] == pytest.approx(100 * sum(people.values()) / 8)
    assert "no interval" not in str(row["method"])


def test_an_audit_does_not_correct_a_classifier_that_its_photos_may_have_trained(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS, fields=("site",), analysis=SITES)
    run = of_another_classifier(reviewed(run, tmp_path, "2"), "ABBB", source=2)
    assert len(load(run).parts.later) == 2
    assert str(corrected(run)["cover_corrected"]) == "nan"
    assert "2 images got a classifier that may have learnt from photos of this run" in str(corrected(run)["method"])
    (note,) = notes_on_correction(run, reader_of(run))
    assert note.startswith("no corrected cover: 2 images got a classifier that may have learnt"), (
        "and no table is named"
    )
    assert review.draw(run, SampleRequest(sample="1", seed=3), CLOCK).in_sample == 1


def test_photos_that_a_classifier_learnt_from_stand_for_themselves_alone(tmp_path: Path) -> None:
    names = {f"a{number}.jpg": "AABB" for number in range(6)}
    photos = [photo(name, number) for number, name in enumerate(names, start=11)]
    run = finished_run(tmp_path / "reef", photos, fields=("site",), analysis=SITES)
    run = reviewed(run, tmp_path, "3", more=names)
    learnt = {run.plan.images[point.image].name for point in load(run).audited}
    again = [replace(each, found=sure(list("AABB" if each.name in learnt else "BBBB"))) for each in photos]
    run = replanned(run, dict(enumerate(again, start=6)), classifier=Classifier(id="2", source=2))
    run = reviewed(run, tmp_path, "1", 1, names)
    assert (len(load(run).audited), len(load(run).parts.later)) == (4 * 4, 3)
    row = corrected(run)
    assert row["cover_machine"] == pytest.approx(25)
    assert row["cover_corrected"] == pytest.approx(50), "half are right, and the one that was drawn stands for the rest"


@pytest.mark.parametrize(
    "design",
    [
        Design(unit="site", units_in_all=9),
        Design(unit="site", strata_field="zone"),  # site a lies in both
        Design(strata_field="zone"),
        Design(),
    ],
)
def test_parts_of_units_that_a_draw_leaves_are_told_before_anybody_labels(tmp_path: Path, design: Design) -> None:
    """And how many images reach all of them, by the draw and by what is offered next."""
    names = {f"{site}{number}.jpg": "AABB" for site in "abc" for number in range(4)}
    zone = {name: "deep" if name < "a2" else "flat" for name in names}
    photos = [
        replace(photo(name, number), metadata=(name[0], zone[name])) for number, name in enumerate(names, start=11)
    ]
    run = finished_run(tmp_path / "reef", photos, fields=("site", "zone"), analysis=Analysis(design=design))
    run = reviewed(run, tmp_path, "4", more=names)
    run = replanned(run, dict(enumerate(photos, start=12)), classifier=Classifier(id="2", source=2))
    outputs.write_tables(run)
    offered = next_review(run.layout, run.disk, run.state.plan)
    fields = {one.metadata if design.unit and design.strata_field else one.metadata[not design.unit] for one in photos}
    assert offered.why.startswith("8 images got a classifier that may have learnt from photos of this run")
    assert offered.images == (len(fields) if design.unit or design.strata_field else 1)
    again = open_run(run.layout.root)
    if offered.images > 1:
        told = review.draw(again, SampleRequest(sample="1", seed=1), CLOCK).out_of_reach
        assert told is not None
        assert (told.parts, told.further) == (offered.images - 1, offered.images - 1)
        undo(open_run(run.layout.root), CLOCK)
    told = review.draw(again, SampleRequest(sample=str(offered.images), seed=2), CLOCK).out_of_reach
    assert told is None or not told.parts
    run = reviewed(run, tmp_path, str(offered.images), 2, names)
    assert not correction_of(run)["cover_corrected"].isna().any()


def test_points_of_some_that_a_classifier_learnt_from_stand_for_themselves_alone(tmp_path: Path) -> None:
    names = {f"{site}{number}.jpg": "AABB" for site, count in (("a", 3), ("b", 9)) for number in range(count)}
    photos = [photo(name, number) for number, name in enumerate(names, start=11)]
    run = finished_run(tmp_path / "reef", photos, fields=("site",), analysis=SITES)
    run = reviewed(run, tmp_path, "2", more=names, per_image=2)
    codes = {one.name: list("BBBB") for one in photos}
    for point in load(run).audited:
        codes[run.plan.images[point.image].name][point.point - 1] = point.human.code
    again = [replace(each, found=sure(codes[each.name])) for each in photos]
    run = replanned(run, dict(enumerate(again, start=12)), classifier=Classifier(id="2", source=2))
    run = reviewed(run, tmp_path, "2", 1, names)
    audit = [run.plan.images[image].name for image in {point.image for point in load(run).audited}]
    assert sorted(name[0] for name in audit) == ["a", "a", "b", "b"], "what was learnt from gives no part its image"
    known = {site: sum(said.count("A") for name, said in codes.items() if name[0] == site) for site in "ab"}
    # the other 10 of the 12 points at a, and 34 of the 36 at b, are half A as the photo drawn of each
    expected = ((known["a"] + 5) / 12 + (known["b"] + 17) / 36) / 2
    assert corrected(run)["cover_corrected"] == pytest.approx(100 * expected)


def test_photos_of_which_some_points_are_reviewed_do_not_stand_for_themselves(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", PHOTOS, fields=("site",), analysis=SITES)
    run = of_another_classifier(reviewed(run, tmp_path, per_image=2), "ABBB", source=2)
    assert len(load(run).parts.later) == 4


def test_an_image_that_failed_again_is_none_that_came_later(tmp_path: Path) -> None:
    failed = [*PHOTOS[:3], replace(PHOTOS[3], found=None)]
    run = finished_run(tmp_path / "reef", failed, fields=("site",), analysis=SITES)
    run = replanned(reviewed(run, tmp_path), dict(enumerate(failed)), anew=(3,))
    assert load(run).parts.later == frozenset()
    assert corrected(run)["points_reviewed"] == 12


def test_once_all_have_been_drawn_from_each_part_of_a_unit_stands_for_its_own(tmp_path: Path) -> None:
    first = finished_run(tmp_path / "reef", PHOTOS, fields=("site",), analysis=SITES)
    first = reviewed(first, tmp_path, "4")
    new = {name: photo(name, number) for number, name in enumerate(("a3.jpg", "a4.jpg", "b3.jpg", "b4.jpg"), start=15)}
    run = replanned(first, {**dict(enumerate(PHOTOS)), **dict(enumerate(new.values(), start=4))})
    run = reviewed(run, tmp_path, "2", 1, dict.fromkeys(new, "BBBB"))
    found = load(run)
    assert (found.is_of_now, len(found.parts.later)) == (True, 4)
    row = corrected(run)
    # a: (1/4 + 2/4) / 2 of the old half, 0 of the new one, of which one photo stands for two; b likewise 1/8 and 0
    assert row["cover_corrected"] == pytest.approx(100 * (3 / 8 + 1 / 4) / 2 / 2)
    assert (row["units_reviewed"], row["images_reviewed"]) == (2, 6)


OF_THREE_SITES = [photo(f"{site}{number}.jpg", ord(site) * 10 + number) for site in "abc" for number in range(8)]
CAME = [photo("a8.jpg", 1), photo("c8.jpg", 2), photo("d0.jpg", 3), photo("d1.jpg", 4)]
SAID = {**{one.name: "AABB" for one in OF_THREE_SITES}, **{one.name: "BBBB" for one in CAME}}


@pytest.fixture
def grown(tmp_path: Path) -> OpenRun:
    """A run of three sites with 24 photos, half of which were reviewed; then four more came, two of a new site."""
    run = finished_run(tmp_path / "reef", OF_THREE_SITES, fields=("site",), analysis=SITES)
    run = reviewed(run, tmp_path, "50%", more=SAID)
    return replanned(run, dict(enumerate([*OF_THREE_SITES, *CAME])))


def test_a_draw_that_is_handed_out_again_says_which_images_it_cannot_reach(grown: OpenRun, tmp_path: Path) -> None:
    again = review.draw(grown, SampleRequest(sample="50%"), CLOCK)
    assert (again.is_again, again.later_images) == (True, len(CAME))
    said = list(drawn_lines(tmp_path, SampleRequest(sample="50%"), HandedOut(tmp_path / "a.csv", again, None)))
    assert "  not in it: 4 images that came, had points moved or succeeded since" in said
    further = review.draw(grown, SampleRequest(sample="2", seed=1), CLOCK)
    assert further.later_images == review.draw(grown, SampleRequest(sample="2", seed=1), CLOCK).later_images == 0


def test_a_further_draw_takes_first_what_came_of_each_unit_since(grown: OpenRun, tmp_path: Path) -> None:
    two = reviewed(grown, tmp_path, "2", 1, SAID)
    assert str(corrected(two)["method"]).startswith(
        "difference estimator; 1 unit without a reviewed image of those that came between two draws, or of the others"
    )
    judged = judge(two, two.layout.outputs / "reviewed.csv", allow_in_sample=True)
    assert any(note.startswith("1 unit without a reviewed image of those that came") for note in judged.notes)
    assert np.isnan(agreement_of_audit(two.plan, load(two), points_there(two)).share)
    three = reviewed(two, tmp_path, "1", 2, SAID)
    audit = {three.plan.images[point.image].name for point in load(three).audited}
    assert len(audit) == 15
    assert {"a8.jpg", "c8.jpg"} < audit
    # a and c have eight photos at 50 % and one at 0, b is at 50 % and d at 0
    assert corrected(three)["cover_corrected"] == pytest.approx((2 * 50 * 8 / 9 + 50 + 0) / 4)
    judged = judge(three, three.layout.outputs / "reviewed.csv", allow_in_sample=True)
    imported = agreement_of_audit(three.plan, load(three), points_there(three))
    assert imported.share == pytest.approx((2 * 8.5 / 9 + 1 + 0.5) / 4)
    assert judged.found[0].agreement.share == pytest.approx(imported.share)


@pytest.mark.parametrize("stratum", [None, "zone"])
def test_few_images_that_came_later_are_taken_to_be_as_the_others(tmp_path: Path, stratum: str | None) -> None:
    """One of 50 stands apart only in a stratum of which it is more than that."""
    zones = {"a": "deep", "b": "flat", "c": "flat"}
    names = [*(f"{site}{number}.jpg" for number in range(9, 18) for site in "abc"), CAME[0].name]
    of_fifty = [*OF_THREE_SITES[:22], *(photo(name, number) for number, name in enumerate(names, start=1))]
    photos = [replace(one, metadata=(one.name[0], zones[one.name[0]])) for one in of_fifty]
    said = dict.fromkeys(names, "AABB") | SAID
    analysis = Analysis(design=Design(unit="site", strata_field=stratum))
    run = finished_run(tmp_path / "reef", photos[:-1], fields=("site", "zone"), analysis=analysis)
    run = reviewed(run, tmp_path, "50%", more={**said, "a0.jpg": "BBBB"})
    more = replanned(run, dict(enumerate(photos)))
    few = "1 image came, had points moved or succeeded since photos were drawn: so few that they are taken to be as"
    row = corrected(more)
    if stratum:
        assert (load(more).parts.few, len(load(more).parts.untold)) == (0, 1)
        return
    assert load(more).parts.few == 1
    assert float(str(row["cover_corrected"])) == pytest.approx(float(str(corrected(run)["cover_corrected"])), abs=0.5)
    assert few in str(row["warning"])
    judged = judge(more, more.layout.outputs / "reviewed.csv", allow_in_sample=True)
    assert any(note.startswith(few) for note in judged.notes)
    further = reviewed(more, tmp_path, "2", 1, said)
    assert not np.isnan(float(str(corrected(further)["cover_corrected"])))


def test_an_audit_goes_on_telling_of_what_came_between_its_draws(grown: OpenRun, tmp_path: Path) -> None:
    run = reviewed(grown, tmp_path, "3", 1, SAID)
    named = dict(enumerate([*OF_THREE_SITES, *CAME]))
    gone = min(set(range(8)) - {point.image for point in load(run).audited})
    left = replanned(run, {unit: one for unit, one in named.items() if unit != gone})
    assert load(left).parts.untold == frozenset()
    assert corrected(left)["cover_corrected"] == pytest.approx((50 * 7 / 8 + 50 * 8 / 9 + 50 + 0) / 4)
    more = replanned(left, {**named, 28: photo("b8.jpg", 5)})
    assert str(corrected(more)["method"]).startswith("difference estimator; 1 image came, had points moved or"), (
        "and not the four that the second draw had"
    )
