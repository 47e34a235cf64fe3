"""Where the points of a survey lie, written out before anything is classified."""

from __future__ import annotations

import csv
import signal
import socket
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image
from tests.e2e.rehearsal import Desk

from coralrun import limits


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_points_that_are_written_are_those_that_a_run_submits(desk: Desk) -> None:
    survey = desk.survey(points="{method: stratified random, cell_rows: 2, cell_columns: 3, border: 5, seed: 9}")
    desk.run("points", survey, "--limit", "4", "--out", "points")
    desk.run("apply", survey, "--limit", "4", "--run-dir", "run")
    keys = ("source", "name", "point", "row", "column")
    written = [tuple(row[key] for key in keys) for row in rows(desk.folder / "points" / "points.csv")]
    predicted = [tuple(row[key] for key in keys) for row in rows(desk.folder / "run" / "outputs" / "predictions.csv")]
    assert written == predicted
    upload = [tuple(row.values()) for row in rows(desk.folder / "points" / "upload.csv")]
    assert upload == [(name, row, column) for _, name, _, row, column in written]


def test_the_table_for_coralnet_can_be_brought_back_as_points(desk: Desk) -> None:
    survey = desk.survey(points="{method: simple random, number_of_points: 3}")
    desk.run("points", survey, "--limit", "3", "--out", "points")
    desk.run("points", desk.survey(points="{from: points/upload.csv}"), "--out", "again")
    assert (desk.folder / "again" / "points.csv").read_bytes() == (desk.folder / "points" / "points.csv").read_bytes()


def test_an_image_without_points_is_listed_and_the_exit_code_says_so(desk: Desk) -> None:
    Image.new("RGB", (64, 48)).save(desk.folder / "a.png")
    (desk.folder / "images.csv").write_text(
        "name,url,width,height\na.png,http://127.0.0.1:9/a.png,64,48\nb.png,http://127.0.0.1:9/b.png,3,3\n"
    )
    survey = desk.survey(
        source="{manifest: images.csv}", points="{method: uniform grid, cell_rows: 4, cell_columns: 4}"
    )
    desk.run("points", survey, "--out", "points", code=7)
    (left,) = rows(desk.folder / "points" / "left-out.csv")
    assert (left["name"], left["reason"]) == (
        "b.png",
        "the annotation area is empty on an image of this size: 3 x 3 pixels",
    )
    assert {row["name"] for row in rows(desk.folder / "points" / "points.csv")} == {"a.png"}


def test_points_outside_an_image_are_told_with_their_lines_before_anything_is_sent(desk: Desk) -> None:
    name = "reef_site1_5m_t1_q01_20240612.jpg"
    places = ["359,479", "360,0", "0,480", "900,900", "901,901"]
    text = "\n".join(["Name,Row,Column,Label", *(f"{name},{place},Porit" for place in places)])
    (desk.folder / "mine.csv").write_text(text, encoding="utf-8")
    survey = desk.survey(source="{coralnet: 1}", points="{from: mine.csv}")
    said, _ = desk.run("points", survey, "--out", "points", code=7)
    (left,) = rows(desk.folder / "points" / "left-out.csv")
    assert left["reason"] == (
        "a point lies outside the image: row 360 (mine.csv:3), where 359 is the last; column 480 (mine.csv:4), where "
        "479 is the last; row 900 (mine.csv:5), where 359 is the last and 1 more"
    )
    assert f"1 image without points:\n  {name}: {left['reason']}\n" in said


def test_a_folder_that_holds_files_is_left_alone(desk: Desk) -> None:
    (desk.folder / "points").mkdir()
    (desk.folder / "points" / "mine.txt").write_text("mine")
    _, said = desk.run("points", desk.survey(), "--out", "points", code=2)
    assert said == "points: it holds files already\n-> Give --out another place.\n"


def test_some_of_the_photos_are_drawn_with_their_points_at_equal_distances(desk: Desk) -> None:
    survey = desk.survey(points="{method: uniform grid, points: 16}")
    desk.run("points", survey, "--limit", "5", "--out", "points", "--preview", "3")
    pictures = sorted(path.name for path in (desk.folder / "points").glob("*.jpg"))
    assert pictures == ["preview-1.jpg", "preview-3.jpg", "preview-5.jpg"]
    with Image.open(desk.folder / "points" / "preview-1.jpg") as picture:
        assert min(picture.size) > 100
        assert len(picture.getcolors(1 << 24) or ()) > 100


def test_a_size_that_is_not_the_manifests_is_told_where_every_image_is_measured(desk: Desk) -> None:
    photos = desk.folder / "photos"
    photos.mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (64, 48)).save(photos / name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(photos)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    (desk.folder / "images.csv").write_text(
        f"name,url,width,height\na.png,{address}/a.png,64,48\nb.png,{address}/b.png,48,64\n"
    )
    survey = desk.survey(source="{manifest: images.csv}", points="{method: uniform grid, points: 16}")
    desk.run("points", survey, "--out", "believed")
    desk.run("points", survey, "--out", "measured", "--measure", code=7)
    server.shutdown()
    (left,) = rows(desk.folder / "measured" / "left-out.csv")
    assert (left["name"], left["reason"]) == ("b.png", "the manifest says 48 x 64 pixels, the file has 64 x 48")


def test_whoever_interrupts_while_a_host_is_silent_has_the_prompt_back_at_once(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(limits.READ_TIMEOUT_S)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (desk.folder / "images.csv").write_text(f"name,url\na.png,{address}/a.png\nb.png,{address}/b.png\n")
        survey = desk.survey(source="{manifest: images.csv}", points="{method: uniform grid, points: 16}")
        process = desk.start("points", survey, "--out", "points")
        with silent.accept()[0], silent.accept()[0]:  # both images are asked for, and nobody answers
            process.send_signal(signal.SIGINT)
            began_s = time.monotonic()
            _, said = process.communicate(timeout=limits.READ_TIMEOUT_S)
            took_s = time.monotonic() - began_s
    assert process.returncode == 130
    assert "Interrupted" in said
    assert took_s < limits.READ_TIMEOUT_S / 3, "it waited for the host"
