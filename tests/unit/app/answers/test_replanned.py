"""A run of which a second plan is in force: other images, in another order, read by their units alone.

Whatever is derived must be what a fresh run of the second plan would give with the same replies.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image, ImageColor
from tests.unit.results.finished_runs import Photo, finished_run, replanned, sure

from coralrun.app.answers import frames, report, show
from coralrun.app.answers.kept_reviews import load
from coralrun.app.answers.outputs import write_outputs, write_tables
from coralrun.app.answers.verify import verify
from coralrun.app.beforehand.revisit import sizes_sent
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.app.run.run_outline import outline_of
from coralrun.app.run.runs import runs_in
from coralrun.app.run.status import summarise
from coralrun.clock import SystemClock
from coralrun.errors import RunDamaged
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Analysis
from coralrun.results.tables import BY_CHANCE
from coralrun.review.drawing import SampleRequest
from coralrun.review.reviewed import Reviews
from coralrun.review.whose_labels import Word
from coralrun.spec.model import Design
from coralrun.store import plans
from coralrun.store.files import Disk

CLOCK = SystemClock()
SITES = Analysis(design=Design(unit="site"))
OLD = {
    0: Photo("a.jpg", sure(["Coral", "Sand"]), ("north",), id=11),
    1: Photo("b.jpg", sure(["Sand", "Sand", "Sand"]), ("north",), id=12),
    2: Photo("c.jpg", None, ("north",), id=13),
    3: Photo("d.jpg", sure(["Turf", "Coral", "Coral"]), ("south",), id=14),
    4: Photo("e.jpg", None, ("south",), id=15),
}
"""What the first plan names, by unit."""
NEW = {
    6: Photo("g.jpg", sure(["Coral"] * 4), ("south",), id=17),
    3: OLD[3],
    2: OLD[2],
    5: Photo("f.jpg", None, ("north",), id=16),
    0: OLD[0],
}
"""What the second one does, in plan order: two are withdrawn, and two are new."""
COLOURS = {"a.jpg": "red", "b.jpg": "green", "d.jpg": "blue", "g.jpg": "yellow"}


@pytest.fixture
def first(tmp_path: Path) -> OpenRun:
    return finished_run(tmp_path / "reef", [*OLD.values()], fields=("site",), analysis=SITES)


@pytest.fixture
def second(first: OpenRun) -> OpenRun:
    return replanned(first, NEW)


@pytest.fixture
def fresh(tmp_path: Path) -> OpenRun:
    """A run that begins with the second plan."""
    return finished_run(tmp_path / "fresh" / "reef", [*NEW.values()], fields=("site",), analysis=SITES)


def outputs(run: OpenRun) -> dict[str, bytes]:
    write_outputs(run)
    return {path.name: path.read_bytes() for path in run.layout.outputs.iterdir() if path.name not in BY_CHANCE}


def coloured(image: PlannedImage) -> bytes:
    """A photo of a colour of its own."""
    stream = io.BytesIO()
    Image.new("RGB", (90, 60), ImageColor.getrgb(COLOURS[image.name])).save(stream, "PNG")
    return stream.getvalue()


def test_every_table_is_that_of_a_fresh_run_of_the_plan_in_force(second: OpenRun, fresh: OpenRun) -> None:
    assert outputs(second) == outputs(fresh)
    assert frames.predictions(second).equals(frames.predictions(fresh))
    assert frames.images(second).equals(frames.images(fresh))


def test_status_counts_the_images_that_the_plan_in_force_names(second: OpenRun, fresh: OpenRun) -> None:
    ours, other = summarise(outline_of(second.layout.root)), summarise(fresh)
    assert (ours.images, ours.succeeded, ours.failed) == (other.images, other.succeeded, other.failed) == (5, 3, 2)
    assert (ours.points, ours.reasons) == (other.points, other.reasons)
    assert ours.jobs_done == 2
    (listed,) = (run for run in runs_in(second.layout.root.parent) if run.run_dir == str(second.layout.root))
    assert (listed.images, listed.images_over) == (5, 5)


def test_the_report_shows_each_photo_that_is_kept_as_that_of_its_own_image(first: OpenRun, fresh: OpenRun) -> None:
    report.build(first, coloured, 8)
    second = replanned(first, NEW)

    def refused(image: PlannedImage) -> bytes:
        assert image.name == "g.jpg", "its photo is kept"
        return coloured(image)

    def pictures(page: bytes) -> list[str]:
        return re.findall(r"data:image/jpeg;base64,([^\"]+)", page.decode())

    assert pictures(report.build(second, refused, 8)) == pictures(report.build(fresh, coloured, 8))


def test_a_photo_is_drawn_with_the_points_of_its_own_image(second: OpenRun) -> None:
    number = show.find(second.plan, "d.jpg")
    assert show.draw(second, number, coloured, ".png").labels == (
        ("Coral (The label Coral)", 2),
        ("Turf (The label Turf)", 1),
    )
    assert show.draw(second, show.find(second.plan, "c.jpg"), lambda _: coloured(second.plan.images[1]), ".png").note


def test_sizes_and_keys_that_another_survey_asks_for_are_those_of_the_plan_in_force(second: OpenRun) -> None:
    assert sizes_sent(second.plan_state) == dict.fromkeys(range(5), Size(5000, 5000))
    _, keys, *_ = plans.keys_in_force(second.layout, Disk(), second.state)
    assert keys == {image.key for image in second.plan.images}


def test_a_verification_reads_every_plan_and_makes_the_tables_of_the_last(second: OpenRun) -> None:
    write_tables(second)
    assert verify(second).damage == ()
    earlier = second.layout.plan(1).images
    earlier.write_bytes(earlier.read_bytes().replace(b"b.jpg", b"x.jpg"))
    assert "images.jsonl" in verify(second).damage[0]


def test_the_crate_states_the_files_of_every_plan_and_names_the_one_in_force(second: OpenRun) -> None:
    write_tables(second)
    graph = json.loads(second.layout.crate.read_bytes())["@graph"]
    files = {entity["@id"] for entity in graph if entity["@type"] == "File"}
    assert {"plans/001/units.json", "plans/002/units.json", "results/b00002.a1.reply.gz"} <= files
    (in_force,) = (entity["value"] for entity in graph if entity.get("name") == "plan in force")
    assert in_force == "plans/002"


def test_units_in_another_order_than_the_facts_are_of_are_damage(second: OpenRun) -> None:
    path = second.folder.units
    path.write_bytes(path.read_bytes().replace(b"[6,6],[3,3]", b"[3,3],[6,6]"))
    with pytest.raises(RunDamaged, match="it is not the plan"):
        open_run(second.layout.root)


def test_what_people_said_stays_with_its_picture(first: OpenRun, tmp_path: Path) -> None:
    drawn = review.draw(first, SampleRequest(sample="100%"), CLOCK)
    rows = list(csv.DictReader(io.StringIO(drawn.table.decode(), newline="")))
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "label_code": "Sand"} for row in rows)
    (tmp_path / "filled.csv").write_text(table.getvalue(), encoding="utf-8")
    before = review_import.take(
        open_run(first.layout.root), tmp_path / "filled.csv", CLOCK, word=Word("people")
    ).reviews

    second = replanned(open_run(first.layout.root), NEW)

    after = load(second)
    assert (before.other_plan, after.other_plan, after.lost) == (0, 1, 3)
    assert {second.plan.images[image].name for image in after.parts.later} == {"g.jpg"}, "f.jpg has no result"
    assert spots(second, after) == {spot for spot in spots(first, before) if spot[0] in {"a.jpg", "d.jpg"}}
    assert len(after.audit) == 5
    assert {second.plan.images[point.image].name for point in after.audit} == {"a.jpg", "d.jpg"}


def spots(run: OpenRun, found: Reviews) -> set[tuple[str, int, int, str, str, str]]:
    """Of each reviewed point the image and the place, both labels, and the set that it was drawn for."""
    return {
        (
            run.plan.images[point.image].name,
            point.row.row,
            point.row.column,
            point.machine.label_code,
            point.human.code,
            "" if point.drawn is None else str(point.drawn.set),
        )
        for point in found.points
    }
