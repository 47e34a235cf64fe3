"""Names in files of labels meet those of a run's images as all names do."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.cli.main import app
from coralrun.planning.images import Extent, Size
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.results.stored_points import read_blocks
from coralrun.review.matching import Matched, match
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk

IMAGES = ("récif1.jpg", "Straße.jpg", "STRASSE.jpg", "site1/q.jpg", "b.jpg", "=c.jpg")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> OpenRun:
    photos = [Photo(name, sure(["A", "B"]), (), f"coralnet:{number}") for number, name in enumerate(IMAGES)]
    return finished_run(tmp_path_factory.mktemp("runs") / "run", photos)


def met(run: OpenRun, *names: str, source: str = "") -> Matched:
    rows = [
        LabelledPoint(line=line, name=name, row=7, column=0, label_code="A", source=source)
        for line, name in enumerate(names, start=2)
    ]
    blocks = read_blocks(run.plan, run.plan_state, BlobStore(run.layout, Disk()))
    (matched,), _ = match(run.plan, blocks, [rows])
    return matched


def test_a_place_in_other_units_needs_the_size_of_the_image(run: OpenRun) -> None:
    half = Extent(2, 2, whole_parts=False)
    row = LabelledPoint(line=2, name="b.jpg", row=0, column=0, label_code="A", extent=half)
    blocks = list(read_blocks(run.plan, run.plan_state, BlobStore(run.layout, Disk())))
    (matched,), _ = match(run.plan, blocks, [[row]])
    assert [left.why for left in matched.unmatched] == [
        "its place is not in pixels, and the run does not know the size of the image"
    ]
    (matched,), _ = match(run.plan, blocks, [[replace(row, row=1)]], lambda: {4: Size(1, 14)})
    assert [(pair.human.row, pair.human.column, pair.human.extent) for pair in matched.pairs] == [(7, 0, None)]


def images_of(matched: Matched) -> dict[str, str]:
    return {pair.human.name: IMAGES[pair.image] for pair in matched.pairs}


def test_exact_names_are_taken_and_nothing_is_said(run: OpenRun) -> None:
    matched = met(run, *IMAGES)
    assert images_of(matched) == {name: name for name in IMAGES}
    assert (matched.unmatched, matched.names) == ((), ())


def test_names_in_another_case_or_in_other_bytes_are_taken_and_said(run: OpenRun) -> None:
    matched = met(run, "re\u0301cif1.jpg", "B.JPG", "'=C.jpg", "straße.jpg")
    assert images_of(matched) == {
        "re\u0301cif1.jpg": "récif1.jpg",
        "B.JPG": "b.jpg",
        "'=C.jpg": "=c.jpg",
        "straße.jpg": "Straße.jpg",
    }
    assert matched.names == (
        "3 names were matched ignoring upper and lower case: `B.JPG` for `b.jpg`, `=C.jpg` for `=c.jpg`, "
        "`straße.jpg` for `Straße.jpg`",
        "1 name was matched to one that is written in other characters: "
        "`re\u0301cif1.jpg` (é written as e + U+0301) for `récif1.jpg`",
    )


def test_a_name_with_other_folders_or_no_ending_matches_nothing(run: OpenRun) -> None:
    matched = met(run, r"D:\photos\b.jpg", "récif1", "site2/q.jpg", "gone.jpg")
    assert matched.pairs == ()
    assert {row.why for row in matched.unmatched} == {"no image of the run has this name"}
    assert matched.names == (
        r"`D:\photos\b.jpg` is not there, but `b.jpg` is: names are matched with their folders",
        "`récif1` is not there, but `récif1.jpg` is: names are matched with their endings",
        "`site2/q.jpg` is not there, but `site1/q.jpg` is: names are matched with their folders",
    )


def test_a_name_without_a_folder_is_the_only_image_of_that_name_and_it_is_said(run: OpenRun) -> None:
    matched = met(run, "q.jpg")
    assert images_of(matched) == {"q.jpg": "site1/q.jpg"}
    assert matched.names == (
        "1 name was matched to the only image that is called so in a folder: `q.jpg` for `site1/q.jpg`",
    )


def test_rows_of_one_name_in_two_cases_are_not_taken_for_one_image(run: OpenRun) -> None:
    matched = met(run, "B.jpg", "B.JPG")
    assert matched.pairs == ()
    assert matched.names == ("`B.jpg` and `B.JPG` could be `b.jpg`, so neither is taken for it",)


def command(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def written(folder: Path, names: Sequence[str]) -> str:
    path = folder / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [(name, 7, 0, "B", "anna") for name in names]
        csv.writer(file).writerows([("Name", "Row", "Column", "Label", "Annotator"), *rows])
    return str(path)


def test_the_commands_say_so_and_refuse_with_it_where_nothing_matches(tmp_path: Path) -> None:
    finished_run(tmp_path / "run", [Photo("é1.jpg", sure(["A", "B"]), (), "manifest:m.csv")])
    run = str(tmp_path / "run")
    said = "names: 1 name was matched to one that is written in other characters"
    names = written(tmp_path, ["e\u03011.jpg"])
    assert f"  {said}" in command("review", "import", run, names)[1]
    code, printed = command("accuracy", run, "--truth", names)
    assert (code, f"  {said}" in printed) == (0, True)
    assert json.loads(command("accuracy", run, "--truth", names, "--json")[1])["names"] == [
        "1 name was matched to one that is written in other characters: "
        "`e\u03011.jpg` (é written as e + U+0301) for `é1.jpg`"
    ]
    code, printed = command("accuracy", run, "--truth", written(tmp_path, ["x/é1.jpg"]))
    assert code == 2
    assert "`x/é1.jpg` is not there, but `é1.jpg` is: names are matched with their folders" in printed
    assert open_run(tmp_path / "run").state.finished_at
