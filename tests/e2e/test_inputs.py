"""Photographs, names and points as people really have them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
from PIL import Image
from tests.e2e.rehearsal import PATIENT_S, Desk, reef

MLC = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "mlc"

ODD_NAMES = [
    "plain.jpg",
    'quo"ted.jpg',
    "com,ma.jpg",
    "=SUM(A1).jpg",
    "ha#sh.jpg",
    "../../up.jpg",
    "a/b/c.jpg",
    "/absolute.jpg",
    "two\nlines.jpg",
    "🐠 fish 🪸.jpg",
    "blanks  inside .jpg",
    "CON",
    "semi;colon.jpg",
    "percent%20.jpg",
    "x" * 200,
]


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def test_odd_names_reach_the_right_predictions_and_escape_no_directory(
    desk: Desk, photo_host: tuple[Path, str]
) -> None:
    folder, address = photo_host
    manifest: list[list[object]] = [["name", "url"]]
    points: list[list[object]] = [["Name", "Row", "Column"]]
    for number, name in enumerate(ODD_NAMES):
        Image.new("RGB", (64, 48), (number * 10, 80, 120)).save(folder / f"{number} é#.png")
        manifest.append([name, f"{address}/{quote(f'{number} é#.png')}"])
        points += [[name, number, number + 1], [name, number + 2, number + 3]]
    _write_csv(desk.folder / "images.csv", manifest)
    _write_csv(desk.folder / "points.csv", points)
    outside = {path for path in desk.folder.parent.rglob("*") if desk.folder not in path.parents}

    desk.run("apply", desk.survey(source="{manifest: images.csv}", points="{from: points.csv}", batch_size=4))

    rows = list(csv.DictReader(io.StringIO(desk.table("predictions.csv").decode("utf-8"), newline="")))
    assert [[row["name"], int(row["row"]), int(row["column"])] for row in rows] == points[1:]
    assert {row["source"] for row in rows} == {"manifest:images.csv"}
    assert outside == {path for path in desk.folder.parent.rglob("*") if desk.folder not in path.parents}
    made = {path.name for path in (desk.folder / "run").rglob("*")}
    assert not made & {Path(name).name for name in ODD_NAMES}


def test_a_workbook_and_points_of_every_form_give_their_predictions(desk: Desk, photo_host: tuple[Path, str]) -> None:
    folder, address = photo_host
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Foto", "Link", "annotation_area"])
    for name in ("a.png", "b.png", "c.png", "d.png"):
        Image.new("RGB", (64, 48), (10, 80, 120)).save(folder / name)
        book.worksheets[0].append([name.upper() if name == "d.png" else name, f"{address}/{name}"])
    book.save(desk.folder / "photos.xlsx")
    points = desk.folder / "points"
    points.mkdir()
    (points / "a.png.csv").write_text("row,column\n1,2\n", encoding="utf-8")
    (points / "squidle.csv").write_text(
        "point.media.key,point.x,point.y\nb.png,0.5,0.25\nb.png,1,1\n", encoding="utf-8"
    )
    corners = "0,0\r\n" * 4
    cpce = f'"C:\\codes.txt","D:\\T1\\c.png",960,720,1,1\r\n{corners}1\r\n150,300\r\n"1","","Notes",""\r\n'
    (points / "c.cpc").write_text(cpce, encoding="utf-8", newline="")
    (points / "d.jsonl").write_text('{"name": "d.png", "row": 47, "column": 63}\n', encoding="utf-8")

    source = "{manifest: photos.xlsx, columns: {name: foto, url: link}}"
    printed, _ = desk.run("apply", desk.survey(source=source, points="{from: points}", batch_size=4))

    rows = csv.DictReader(io.StringIO(desk.table("predictions.csv").decode("utf-8"), newline=""))
    assert [(row["name"], int(row["row"]), int(row["column"])) for row in rows] == [
        ("a.png", 1, 2),
        ("b.png", 12, 32),
        ("b.png", 47, 63),
        ("c.png", 20, 10),
        ("D.PNG", 47, 63),
    ]
    said = [line.strip() for line in printed.splitlines() if line.startswith("  warning: ")]
    assert said[1:] == [
        "warning: points: 1 name was matched ignoring upper and lower case: `d.png` for `D.PNG`",
        "warning: the points of 1 image are read as fractions of the sides, from 0 to 1",
        "warning: the points of 1 image are read in the units of CPCe",
    ]


def test_one_bad_image_among_a_hundred_fails_alone(tmp_path: Path) -> None:
    bad = "reef_site1_5m_t1_q02_20240612.jpg"
    with reef(photos=100, seconds_per_image=0.01) as running:
        desk = Desk(tmp_path, running)
        running.order(break_image=bad)
        survey = desk.survey(
            source="{coralnet: 1}", points="{method: uniform grid, cell_rows: 2, cell_columns: 2}", batch_size=100
        )

        summary = desk.report("apply", survey, code=7)

        assert summary["points"] == {"points": 400, "predicted": 396, "failed": 4, "skipped": 0}
        assert bad in desk.table("failures.csv").decode()
        assert running.order()["jobs_created"] == 1


def test_points_beyond_two_hundred_an_image_are_split_and_joined_again(desk: Desk) -> None:
    survey = desk.survey(
        source="{coralnet: 1, filters: {limit: 3}}",
        points="{method: uniform grid, cell_rows: 15, cell_columns: 30}",
    )

    desk.run("apply", survey)

    rows = list(csv.DictReader(io.StringIO(desk.table("predictions.csv").decode())))
    numbers = Counter(row["name"] for row in rows)
    assert list(numbers.values()) == [450, 450, 450]
    assert [int(row["point"]) for row in rows[:450]] == list(range(1, 451))
    intents = [fact for fact in desk.facts() if fact["t"] == "intent"]
    assert [fact["entries"] for fact in intents] == [9]


def test_a_private_source_is_crawled_and_classified_with_a_password(desk: Desk) -> None:
    survey = desk.survey(source="{coralnet: 2}")

    summary = desk.report("apply", survey)

    assert (summary["images"], summary["succeeded"]) == (5, 5)


def test_a_login_that_ends_in_mid_run_is_renewed_and_no_image_is_lost(still_desk: Desk) -> None:
    desk = still_desk
    process = desk.start("apply", desk.survey(source="{coralnet: 2}", batch_size=1, concurrency=1), "--yes")
    desk.wait_for("submitted")
    desk.reef.order(end_sessions=True)
    desk.reef.go_on()

    out, err = process.communicate(timeout=PATIENT_S)

    assert process.returncode == 0, f"{out}\n{err}"
    assert "images  5 = 5 succeeded + 0 failed + 0 skipped" in out


def test_a_later_plan_keeps_its_classifier_and_says_that_one_is_newer(desk: Desk) -> None:
    survey = desk.survey(source="{coralnet: 1, filters: {limit: 1}}")
    survey.write_text(survey.read_text().replace("{source: 1, pick: newest}", "{id: 11}"))
    desk.run("plan", survey, "--out", "saved.plan")

    out, _ = desk.run("apply", "saved.plan", "--yes")

    assert out.startswith("note: source 1 has a newer classifier, 13 (accuracy ")
    assert "; this run keeps 11 (accuracy " in out.splitlines()[0]
    assert json.loads((desk.folder / "run/plans/001/plan.json").read_text())["classifier"]["id"] == "11"


def test_a_manifest_without_sizes_costs_a_few_kilobytes_an_image(desk: Desk, photo_host: tuple[Path, str]) -> None:
    folder, address = photo_host
    rows: list[list[object]] = [["name", "url"]]
    for number in range(3):
        Image.effect_noise((1200, 900), 90).convert("RGB").save(folder / f"{number}.jpg", quality=95)
        rows.append([f"{number}.jpg", f"{address}/{number}.jpg"])
    _write_csv(desk.folder / "images.csv", rows)

    summary = desk.report("apply", desk.survey(source="{manifest: images.csv}"))

    assert summary["points"] == {"points": 18, "predicted": 18, "failed": 0, "skipped": 0}


def test_a_saved_plan_is_carried_out_without_a_second_crawl(desk: Desk) -> None:
    survey = desk.survey()
    desk.run("plan", survey, "--out", "saved.plan")
    again, _ = desk.run("plan", survey, "--json")
    desk.run("plan", survey, "--out", "again.plan")
    assert (desk.folder / "saved.plan").read_bytes() == (desk.folder / "again.plan").read_bytes()
    assert json.loads(again)["slots_free"] == 5
    requests = desk.reef.order()["requests"]

    summary = desk.report("apply", "saved.plan", "--run-dir", "run")

    assert summary["succeeded"] == 24
    pages = desk.reef.order()["requests"] - requests
    assert pages < 24 + 30  # a page for each image, and the API's requests: no browse page


def test_a_try_out_flows_into_the_whole(desk: Desk) -> None:
    survey = desk.survey()

    summary = desk.report("apply", survey, "--limit", "5")

    assert (summary["images"], summary["run_dir"]) == (5, "run")
    assert desk.report("apply", survey)["images"] == 24
    jobs = csv.DictReader(desk.table("jobs.csv").decode().splitlines())
    assert sum(int(job["images"]) for job in jobs) == 24
    _, said = desk.run("apply", survey, "--limit", "5", code=2)
    assert "with --limit 5 the run would lose 19 images that it names" in said


def test_predictions_are_written_as_parquet_too(desk: Desk) -> None:
    import pandas as pd

    survey = desk.survey()
    survey.write_text(survey.read_text().replace("directory: run}", "directory: run, formats: [csv, parquet]}"))

    desk.run("apply", survey)

    from_csv = pd.read_csv(desk.folder / "run" / "outputs" / "predictions.csv")
    from_parquet = pd.read_parquet(desk.folder / "run" / "outputs" / "predictions.parquet")
    assert len(from_parquet) == 144
    assert from_parquet["score_1"].tolist() == from_csv["score_1"].tolist()
    assert from_parquet["name"].tolist() == from_csv["name"].tolist()


@pytest.mark.skipif(not MLC.is_dir(), reason="the shared photographs of Moorea Labeled Corals are not here")
def test_real_photos_are_classified_better_than_by_guessing_the_commonest_label(tmp_path: Path) -> None:
    with (MLC / "derived_ground_truth.csv").open(encoding="utf-8", newline="") as file:
        header, *expert = list(csv.reader(file))
    trained_on, asked = expert[::2], expert[1::2]
    _write_csv(tmp_path / "annotations.csv", [header, *trained_on])
    _write_csv(tmp_path / "asked.csv", [["Name", "Row", "Column"], *(row[:3] for row in asked)])
    with reef(own=(MLC, tmp_path / "annotations.csv")) as running:
        desk = Desk(tmp_path, running)

        summary = desk.report("apply", desk.survey(source="{coralnet: 1}", points="{from: asked.csv}"))

        assert summary["points"] == {"points": 300, "predicted": 300, "failed": 0, "skipped": 0}
        rows = list(csv.DictReader(io.StringIO(desk.table("predictions.csv").decode())))
        predicted: dict[tuple[str, ...], list[str]] = {}
        for row in rows:
            predicted.setdefault((row["name"], row["row"], row["column"]), []).append(row["label_code_1"])
        right = sum(label in predicted[name, row, column] for name, row, column, label in asked)
        commonest = Counter(row[3] for row in trained_on).most_common(1)[0][0]
        guessed = sum(row[3] == commonest for row in asked)
        print(f"top-1 accuracy {right / 300:.3f}; always {commonest!r}: {guessed / 300:.3f}")
        assert right > guessed
