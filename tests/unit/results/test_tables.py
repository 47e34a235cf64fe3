"""The tables say the same whatever happened on the way, and account for every point."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.unit.results.stories import AT, Story, entries, plan_of, with_metadata

from coralrun.errors import CoralrunError, RunDamaged
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.reasons import LEFT_ALONE, Reason
from coralrun.planning.images import Extent, Size
from coralrun.planning.model import Plan
from coralrun.results import tables
from coralrun.results.stored_points import read_blocks


def predictions(plan: Plan, story: Story) -> bytes:
    return b"".join(tables.predictions(plan, story.plan_state, read_blocks(plan, story.plan_state, story.blobs)))


def test_predictions_stand_in_plan_order_whatever_the_order_of_the_jobs(tmp_path: Path) -> None:
    plan = plan_of(6)
    straight, crooked = Story(tmp_path / "a", 6), Story(tmp_path / "b", 6)
    straight.batch((0, 1, 2, 3, 4, 5))
    crooked.batch((2, 3), {2: Reason.URL_EXPIRED}, again=True)
    crooked.batch((4, 5))
    crooked.batch((0, 1, 2))

    assert predictions(plan, straight) == predictions(plan, crooked)
    rows = list(csv.reader(io.StringIO(predictions(plan, straight).decode())))
    assert tuple(rows[0]) == tables.PREDICTION_COLUMNS
    assert [row[:5] for row in rows[1:4]] == [
        ["coralnet:1", "image, 0", "1", "0", "0"],
        ["coralnet:1", "image, 0", "2", "0", "1"],
        ["coralnet:1", "image, 1", "1", "1", "0"],
    ]
    assert rows[1][5:9] == ["0.5", "1", "L1", "Label, 1"]


def test_points_that_went_in_equal_predicted_plus_failed_plus_skipped(tmp_path: Path) -> None:
    plan = plan_of(4)
    story = Story(tmp_path, 4)
    apply(story.state, facts.Ended(AT, {3: Reason.NO_SIZE}))
    story.batch((0, 1, 2), {1: Reason.NOT_AN_IMAGE})

    account = tables.account_of(plan, story.plan_state)

    assert account == tables.Account(points=8, predicted=4, failed=2, skipped=2)
    assert account.balances
    failures = b"".join(tables.failures(plan, story.plan_state)).decode()
    assert failures.splitlines() == [
        "source,name,points,reason",
        'coralnet:1,"image, 1",2,the file is not an image that the service can read',
        'coralnet:1,"image, 3",2,skipped: the image\'s size could not be read',
    ]


def test_an_image_of_another_size_is_told_with_both_sizes_as_far_as_they_are_known(tmp_path: Path) -> None:
    plan, story = plan_of(3), Story(tmp_path, 3)
    laid_on = {plan.images[0].key: Extent(40, 30, True, exact=True), plan.images[1].key: Extent(600, 450, True)}
    reasons = dict.fromkeys((0, 1, 2), Reason.ANOTHER_SIZE)
    apply(story.state, facts.Ended(AT, reasons, {0: Size(40, 20), 1: Size(40, 20)}))
    why = "skipped: the image has another size than the one that its points were laid on"
    assert b"".join(tables.failures(replace(plan, extents=laid_on), story.plan_state)).decode().splitlines()[1:] == [
        f'coralnet:1,"image, 0",2,{why}: 40 x 20 pixels instead of 40 x 30',
        f'coralnet:1,"image, 1",2,{why}: 40 x 20 pixels instead of 40 x 30 (at 15 units a pixel)',
        f'coralnet:1,"image, 2",2,{why}',
    ]


def test_an_image_that_is_not_over_is_never_silently_left_out(tmp_path: Path) -> None:
    story = Story(tmp_path, 3)
    story.batch((0, 1))

    with pytest.raises(CoralrunError, match="coralnet:1/2 is not accounted for"):
        predictions(plan_of(3), story)


def test_the_tables_follow_from_the_points_and_these_from_a_result_that_is_whole(tmp_path: Path) -> None:
    story = Story(tmp_path, 2)
    story.batch((0, 1))
    layout = story.blobs.layout
    whole = predictions(plan_of(2), story)
    layout.segment(1, 1).unlink()
    assert predictions(plan_of(2), story) == whole
    layout.blob(1, 1).write_bytes(b"damaged")
    assert predictions(plan_of(2), story) == whole

    layout.segment(1, 1).write_bytes(b"damaged")
    with pytest.raises(RunDamaged, match="is not the one that was stored"):
        predictions(plan_of(2), story)


def test_fewer_than_five_scores_leave_empty_cells(tmp_path: Path) -> None:
    story = Story(tmp_path, 1)
    story.batch((0,))
    sha256 = story.blobs.write(1, 1, entries([0], scores=2), b"")
    closed = story.state.closed[0]
    story.state.closed[0] = type(closed)(
        batch=1,
        attempt=1,
        job=closed.job,
        units=closed.units,
        missed=(),
        sha256=sha256,
        submitted_at=AT,
        closed_at=AT,
    )

    rows = list(csv.reader(io.StringIO(predictions(plan_of(1), story).decode())))

    assert [len(row) for row in rows] == [25, 25, 25]
    assert rows[1][13:] == [""] * 12


def test_tries_csv_says_how_often_and_when_each_image_was_sent(tmp_path: Path) -> None:
    story, later = Story(tmp_path, 4), "2026-01-02T00:00:00Z"
    for batch, at, units in ((1, later, (0, 1)), (2, AT, (1, 2))):
        for fact in (
            facts.Batched.of(batch, units),
            facts.Intended.of(at, batch, 1, 2, "1", (), (Size(9, 9), Size(9, 9))),
            facts.Submitted(at, batch, 1, str(batch)),
            facts.GaveUp(later, batch, 1, str(batch), Reason.JOB_STUCK, {}, dict.fromkeys(units, Reason.JOB_STUCK)),
        ):
            apply(story.state, fact)

    assert b"".join(tables.tries(plan_of(4), story.plan_state)).decode().splitlines() == [
        "source,name,tries,first_sent,last_sent,image_id",
        f'coralnet:1,"image, 0",1,{later},{later},0',
        f'coralnet:1,"image, 1",2,{AT},{later},1',
        f'coralnet:1,"image, 2",1,{AT},{AT},2',
        'coralnet:1,"image, 3",0,,,3',
    ]


def test_a_photo_that_waits_in_the_source_for_its_labels_was_sent_once(tmp_path: Path) -> None:
    story, later = Story(tmp_path, 2), "2026-01-02T00:00:00Z"
    for batch, at, units, again in ((1, AT, (0, 1), {1: Reason.NOT_LABELLED_YET}), (2, later, (1,), {})):
        for fact in (
            facts.Batched.of(batch, units),
            facts.Intended.of(at, batch, 1, len(units), "", (), (Size(9, 9),) * len(units)),
            facts.Submitted(at, batch, 1, str(batch)),
            facts.Collected(later, batch, 1, str(batch), "0" * 64, 1, {}, again),
        ):
            apply(story.state, fact)

    assert b"".join(tables.tries(plan_of(2), story.plan_state)).decode().splitlines()[1:] == [
        f'coralnet:1,"image, 0",1,{AT},{AT},0',
        f'coralnet:1,"image, 1",1,{AT},{later},1',
    ]


@pytest.mark.parametrize(
    ("reason", "last"),
    [
        *((reason, f"1,{AT},{AT}") for reason in sorted(LEFT_ALONE)),
        *((reason, f"2,{AT},2026-01-02T00:00:00Z") for reason in (Reason.NOT_FOUND, Reason.LABELLED_SINCE)),
    ],
)
def test_a_photo_that_a_batch_left_alone_was_not_sent_by_it(tmp_path: Path, reason: Reason, last: str) -> None:
    story, later = Story(tmp_path, 2), "2026-01-02T00:00:00Z"
    tries: list[tuple[dict[int, Reason], dict[int, Reason]]] = [
        ({0: reason}, {1: Reason.HOST_ERROR}),
        ({1: reason}, {}),
    ]
    for batch, (at, (final, again)) in enumerate(zip((AT, later), tries, strict=True), 1):
        units = (*final, *again)
        for fact in (
            facts.Batched.of(batch, units),
            facts.Intended.of(at, batch, 1, len(units), "", (), (Size(9, 9),) * len(units)),
            facts.Submitted(at, batch, 1, str(batch)),
            facts.Collected(later, batch, 1, str(batch), "0" * 64, 0, final, again),
        ):
            apply(story.state, fact)

    first = "0,," if reason in LEFT_ALONE else f"1,{AT},{AT}"
    assert b"".join(tables.tries(plan_of(2), story.plan_state)).decode().splitlines()[1:] == [
        f'coralnet:1,"image, 0",{first},0',
        f'coralnet:1,"image, 1",{last},1',
    ]


def test_jobs_csv_names_every_job_also_one_that_was_given_up(tmp_path: Path) -> None:
    story = Story(tmp_path, 2)
    story.batch((0,))
    for fact in (
        facts.Batched.of(2, (1,)),
        facts.Intended.of(AT, 2, 1, 1, "1", (), (Size(9, 9),)),
        facts.Submitted(AT, 2, 1, "7"),
        facts.GaveUp(AT, 2, 1, "7", Reason.JOB_STUCK, {}, {1: Reason.JOB_STUCK}),
    ):
        apply(story.state, fact)

    assert b"".join(tables.jobs(story.state)).decode().splitlines() == [
        "batch,attempt,job,images,submitted,collected",
        f"1,1,1,1,{AT},{AT}",
        f"2,1,7,1,{AT},",
    ]


def test_what_is_known_of_an_image_travels_along_and_hides_no_column_of_the_table(tmp_path: Path) -> None:
    plan = with_metadata(plan_of(2), ("site", "row"), [("A, north", "7"), ("", "8")])
    story = Story(tmp_path, 2)
    story.batch((0, 1))

    heading, *rows = csv.reader(io.StringIO(predictions(plan, story).decode()))

    assert heading[25:] == ["site", "image_row"]
    assert [row[25:] for row in rows] == [["A, north", "7"]] * 2 + [["", "8"]] * 2


def test_a_refusing_host_is_named_with_its_signatures_end_and_no_more(
    tmp_path: Path,
) -> None:
    plan, story = plan_of(3), Story(tmp_path, 3)
    urls = ("https://b.reef.example/x?Signature=SECRET&Expires=1780315200", "https://reef.example/x?key=SECRET", None)
    images = tuple(structs.replace(image, url=url) for image, url in zip(plan.images, urls, strict=True))
    reasons = {0: Reason.SIGNATURE_ENDED, 1: Reason.HOST_REFUSED, 2: Reason.HOST_REFUSED}
    apply(story.state, facts.Ended(AT, reasons))
    why = "the host of the image refused its address"
    assert b"".join(tables.failures(replace(plan, images=images), story.plan_state)).decode().splitlines()[1:] == [
        f'coralnet:1,"image, 0",2,"{why}, whose signature has ended (b.reef.example, 2026-06-01 12:00 UTC)"',
        f'coralnet:1,"image, 1",2,{why} (reef.example)',
        f'coralnet:1,"image, 2",2,{why}',
    ]
