"""Two years of the same quadrats: the second takes the very points of the first, and says where it cannot."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from tests.e2e.rehearsal import Desk

SIZE, OTHER_SIZE = (64, 48), (64, 40)
DESIGN = "{method: simple random, number_of_points: 7, seed: 3}"
REVISIT = "{revisit: {run: year-1, match: [Site, quadrat]}}"
FRAME_WARNING = (
    "the points are those of year-1: valid only for photos of the same frame, where a point falls on the same spot of "
    "the reef; coralrun compares their sizes, and cannot see what they show"
)


def manifest(
    desk: Desk, host: tuple[Path, str], year: int, quadrats: Sequence[tuple[str, str]], *, small: str = ""
) -> None:
    """The photos of a year and a table of them, without their sizes; the photo of quadrat `small` is a small one."""
    folder, address = host
    with (desk.folder / f"{year}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "url", "site", "Quadrat"])
        for site, quadrat in quadrats:
            name = f"{year}_{site}_{quadrat}.png"
            Image.new("RGB", OTHER_SIZE if quadrat == small else SIZE, (90, 80, 120)).save(folder / name)
            table.writerow([name, f"{address}/{name}", site, quadrat])


def points_of(desk: Desk, run: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The points in a run's predictions, in their order, by site and quadrat."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with (desk.folder / run / "outputs" / "predictions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["site"], row["Quadrat"]), []).append((row["row"], row["column"]))
    return found


def two_years(desk: Desk, host: tuple[Path, str], points: str = REVISIT) -> Path:
    """A first year that has been run, and the survey of a second one."""
    manifest(desk, host, 2023, [("A", "q1"), ("A", "q2"), ("B", "q1"), ("B", "q2")])
    desk.run("apply", desk.survey(source="{manifest: 2023.csv}", points=DESIGN, directory="year-1", name="1.yaml"))
    manifest(desk, host, 2024, [("B", "q1"), ("C", "q1"), ("A", "q2"), ("", "q2"), ("A", "q1")], small="q2")
    return desk.survey(source="{manifest: 2024.csv}", points=points, directory="year-2", name="2.yaml")


def test_the_second_year_has_the_very_points_of_the_first_by_site_and_quadrat(
    desk: Desk, photo_host: tuple[Path, str]
) -> None:
    survey = two_years(desk, photo_host)
    planned = desk.report("plan", survey)
    assert [(step["step"], step["removed"], step["left"]) for step in planned["funnel"]] == [
        ("found", 0, 5),
        ("points", 2, 3),
    ]
    assert planned["without_points"] == ["2024_C_q1.png", "2024__q2.png"]
    assert planned["warnings"][1:] == [FRAME_WARNING, "photos of year-1 that no image matches: 1 of 4"]
    assert {listing["what"]: listing["names"] for listing in planned["listings"]} == {
        "images whose `Site` or `quadrat` is not known, so that they match no photo of year-1": ["2024__q2.png"],
        "images that match no photo of year-1": ["2024_C_q1.png"],
        "photos of year-1 that no image matches": ["2023_B_q2.png"],
    }

    desk.run("apply", survey, code=7)
    first, second = points_of(desk, "year-1"), points_of(desk, "year-2")
    assert second == {quadrat: first[quadrat] for quadrat in (("B", "q1"), ("A", "q1"))}
    assert all(len(points) == 7 for points in second.values())
    crate = (desk.folder / "year-2" / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert '"of the run year-1"' in crate
    assert desk.table("failures.csv", "year-2").decode().splitlines()[1:] == [
        "manifest:2024.csv,2024_A_q2.png,7,skipped: the image has another size than the one that its points were laid "
        "on: 64 x 40 pixels instead of 64 x 48",
    ]


def test_a_third_year_may_revisit_the_second_and_has_the_points_of_the_first(
    desk: Desk, photo_host: tuple[Path, str]
) -> None:
    desk.run("apply", two_years(desk, photo_host), code=7)
    manifest(desk, photo_host, 2025, [("A", "q1"), ("A", "q2")])
    points = "{revisit: {run: year-2, match: [site, quadrat]}}"
    desk.run("apply", desk.survey(source="{manifest: 2025.csv}", points=points, directory="year-3", name="3.yaml"))
    first = points_of(desk, "year-1")
    assert points_of(desk, "year-3") == {("A", "q1"): first["A", "q1"], ("A", "q2"): first["A", "q2"]}


def test_without_fields_photos_are_told_by_their_names(desk: Desk) -> None:
    source = "{coralnet: 1, search: {image_id_list: [1, 2, 3]}}"
    desk.run("apply", desk.survey(source=source, points=DESIGN, directory="year-1", name="1.yaml"))
    again = desk.survey(source=source, points="{revisit: {run: year-1}}", directory="year-2", name="2.yaml")
    desk.run("apply", again)
    first, second = (desk.table("predictions.csv", run) for run in ("year-1", "year-2"))
    assert first == second


def test_an_unfinished_run_is_revisited_while_another_process_holds_it(still_desk: Desk) -> None:
    desk, source = still_desk, "{coralnet: 1, filters: {limit: 6}}"
    earlier = desk.survey(source=source, batch_size=2, concurrency=2, directory="year-1", name="1.yaml")
    working = desk.start("apply", earlier)
    try:
        desk.wait_for("submitted", 2, "year-1")
        survey = desk.survey(source=source, points="{revisit: {run: year-1}}", directory="year-2", name="2.yaml")
        planned = desk.report("plan", survey)
        assert (planned["images"], len(planned["without_points"])) == (4, 2)
        assert {listing["what"]: listing["names"] for listing in planned["listings"]} == {
            "images whose photo in year-1 was given no points": planned["without_points"]
        }
    finally:
        working.terminate()
        working.communicate()


def test_another_earlier_run_is_another_survey(desk: Desk, photo_host: tuple[Path, str]) -> None:
    survey = two_years(desk, photo_host)
    desk.run("apply", survey, code=7)
    (desk.folder / "year-1").rename(desk.folder / "kept")
    desk.run("apply", desk.survey(source="{manifest: 2023.csv}", points=DESIGN.replace("7", "8"), directory="year-1"))
    said, _ = desk.run("apply", survey, code=7)
    assert "  survey      the run year-1: changed\n" in said
    assert ": other points" in said


REFUSED = {
    "{revisit: {run: nowhere}}": (
        "2.yaml:8:27: nowhere holds no run\n"
        "-> Name the directory of a run, relative to where you call the command, as `outputs` does.\n"
    ),
    "{revisit: {run: year-1, match: [site, depth]}}": (
        "2.yaml:8:49: `sampling.points.revisit.match` names the field `depth`, and the photos of year-1 have: `site`, "
        "`Quadrat`\n"
        "-> Name a field that the metadata have, or bring it in with `metadata` or a column of the manifest.\n"
    ),
    "{revisit: {run: year-1, match: [quadrat]}}": (
        "2024.csv:2: `2024_B_q1.png` matches 2 photos of year-1 by its quadrat `q1`: `2023_A_q1.png`, "
        "`2023_B_q1.png`\n"
        "2024.csv:3: `2024_C_q1.png` matches 2 photos of year-1 by its quadrat `q1`: `2023_A_q1.png`, "
        "`2023_B_q1.png`\n"
        "2024.csv:3: `2024_C_q1.png` matches the photo of year-1 that `2024_B_q1.png` (2024.csv:2) matches, by its "
        "quadrat `q1`\n"
    ),
    "{revisit: {run: year-1}}": (
        "2.yaml: no image is left to plan: manifest:2024.csv has 5 images, points removes 5\n"
        "2.yaml: images that match no photo of year-1: 5 (`2024_B_q1.png`, `2024_C_q1.png`, `2024_A_q2.png`, ...)\n"
        "2.yaml: photos of year-1 that no image matches: 4 (`2023_A_q1.png`, `2023_A_q2.png`, `2023_B_q1.png`, "
        "...)\n"
        "-> Mend the sources and filters of the survey, or the names in the files that it reads.\n"
    ),
}


def test_a_survey_that_cannot_have_the_earlier_points_says_why(desk: Desk, photo_host: tuple[Path, str]) -> None:
    survey = two_years(desk, photo_host)
    valid = survey.read_text(encoding="utf-8")
    for points, message in REFUSED.items():
        survey.write_text(valid.replace(REVISIT, points), encoding="utf-8")
        _, said = desk.run("plan", survey, code=2)
        assert message in said.replace(f"{desk.folder}/", ""), points


def test_points_are_measured_and_shown_before_anything_is_sent(desk: Desk, photo_host: tuple[Path, str]) -> None:
    desk.run("points", two_years(desk, photo_host), "--out", "points", code=7)
    with (desk.folder / "points" / "left-out.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], row["reason"]) == (
        "2024_A_q2.png",
        "the image has another size than the one that its points were laid on: 64 x 40 pixels instead of 64 x 48",
    )
