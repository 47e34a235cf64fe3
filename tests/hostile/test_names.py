"""Names that are paths, devices or formulas go through a whole run, and through all that is made of it, as names."""

from __future__ import annotations

import csv
import io
import urllib.request
from collections.abc import Iterator

import pytest
from tests.e2e.rehearsal import Desk, reef

from coralrun.coralnet.codec import pages

NAMES = (
    "../../escape.jpg",
    "/absolute.jpg",
    "..",
    "C:\\drive.jpg",
    "NUL",
    "con.jpg",
    "x" * 300,
    "=HYPERLINK(1).jpg",
    "@SUM(1).jpg",
    "<script>alert(1)</script>.jpg",
    "été 🐠 \u202egpj.jpg",
)
REFUSED = "-1.jpg"
"""A formula whose image fails, so that it stands in the table for people."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A finished run over images of these names, all at one good URL but one."""
    folder = tmp_path_factory.mktemp("names") / "deep" / "within"
    folder.mkdir(parents=True)
    with reef(seconds_per_image=0.1) as running:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{running.url}/image/1/view/", timeout=30) as reply:
            url = pages.read_image(reply.read()).address
        table = io.StringIO()
        rows = [*((name, url, 480, 360) for name in NAMES), (REFUSED, f"{running.url}/source/about/", 480, 360)]
        csv.writer(table).writerows([("name", "url", "width", "height"), *rows])
        (folder / "images.csv").write_text(table.getvalue(), encoding="utf-8")
        desk = Desk(folder, running)
        desk.run("apply", desk.survey(source="{manifest: images.csv}", batch_size=20), code=7)
        yield desk


def test_no_name_becomes_a_file(desk: Desk) -> None:
    top = desk.folder.parents[1]
    beside = {path.relative_to(top).parts[:3] for path in top.rglob("*") if path.is_file()}
    assert {parts[:2] for parts in beside} == {("deep", "within")}
    assert {parts[2] for parts in beside} == {"images.csv", "survey.yaml", "run", ".local"}
    files = [path.name for path in desk.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    for name in ("escape", "absolute", "drive", "NUL", "con.jpg", "xxx", "HYPERLINK", "script"):
        assert [file for file in files if name in file] == []


def test_the_lossless_table_has_every_name_as_it_is(desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.table("predictions.csv").decode("utf-8"), newline="")))
    assert list(dict.fromkeys(row["name"] for row in rows)) == list(NAMES)


def test_the_table_for_people_has_no_cell_that_a_spreadsheet_would_run(desk: Desk) -> None:
    rows = list(csv.reader(io.StringIO(desk.table("failures.csv").decode("utf-8"), newline="")))
    assert [row[1] for row in rows[1:]] == [f"'{REFUSED}"]
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_name_that_turns_the_text_around_is_shown_harmlessly(desk: Desk) -> None:
    missing = ("gone\u202egpj.jpg", "gone\x1b[2J.jpg")
    (desk.folder / "wanted.txt").write_text("\n".join((NAMES[0], *missing)) + "\n", encoding="utf-8")
    survey = desk.survey(source="{manifest: images.csv, filters: {names_from: wanted.txt}}", name="some.yaml")
    printed = "".join(desk.run("plan", survey))
    assert "gone\\x202egpj.jpg" in printed
    assert "gone\\x1b[2J.jpg" in printed
    assert "\u202e" not in printed
    assert "\x1b" not in printed
