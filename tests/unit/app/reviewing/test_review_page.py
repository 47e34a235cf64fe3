"""The page of a review from a run and its photos: every drawn point is on it, whatever became of the photos."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.reviewing import review
from coralrun.app.reviewing.review_page import page, room_for
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.planning.images import PlannedImage
from coralrun.review.drawing import Drawing, HandedOut, SampleRequest
from coralrun.review.page.room import PAGE_MB
from coralrun.review.table import COLUMNS
from coralrun.review.text import drawn_lines


def fetch(image: PlannedImage) -> bytes | Unusable | Trouble:
    """A grey photo; one that is gone; one that is none."""
    if image.name == "gone.jpg":
        return Trouble(TroubleKind.UNREACHABLE, "the image's host answered 404")
    if image.name == "text.jpg":
        return b"not a photo"
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(stream, "PNG")
    return stream.getvalue()


def drawn(
    folder: Path, *, blind: bool, sample: str = "100%", seed: int = 0, only: str = "", page_mb: float = PAGE_MB
) -> tuple[OpenRun, Drawing, str]:
    photos = [Photo(name, sure(["Porit", "Sand"])) for name in ("a.jpg", "gone.jpg", "text.jpg")]
    run = finished_run(folder / "run", photos)
    drawing = review.draw(run, SampleRequest(sample=sample, blind=blind, seed=seed, only=only), SystemClock())
    room = room_for(drawing, page_mb)
    parts = page(run, drawing, blind=blind, out=folder / "mine.html", fetch=fetch, room=room)
    return run, drawing, b"".join(parts).decode()


@pytest.mark.parametrize("only", ["", "audit", "triage"])
@pytest.mark.parametrize("blind", [True, False])
def test_the_page_has_the_rows_of_the_table_and_the_audit_first(tmp_path: Path, blind: bool, only: str) -> None:
    _, drawing, html = drawn(tmp_path, blind=blind, sample="1", seed=1, only=only)
    cells = [json.loads(unescape(cells)) for cells in re.findall(r'data-cells="([^"]*)"', html)]
    table = [line.split(",") for line in drawing.table.decode().splitlines()[1:]]
    assert cells == [row[: len(COLUMNS) - 4] for row in table]
    places = [("audit", "text.jpg")] * 2 + [("triage", "a.jpg")] * 2
    assert [(row[1], row[3]) for row in cells] == [place for place in places if only in ("", place[0])]
    assert 'data-file="mine.csv"' in html


def test_a_photo_has_its_patches_and_one_that_cannot_be_had_the_reason(tmp_path: Path) -> None:
    _, _, html = drawn(tmp_path, blind=True)
    assert html.count("data:image/jpeg;base64,") == 3  # the whole photo, and two patches
    assert "the image&#39;s host answered 404" in html
    assert "it is not an image" in html


def test_only_a_page_that_is_not_blind_shows_what_the_machine_said(tmp_path: Path) -> None:
    (tmp_path / "blind").mkdir()
    (tmp_path / "open").mkdir()
    assert "machine:" not in drawn(tmp_path / "blind", blind=True)[2]
    assert "machine: Porit, 0.90" in drawn(tmp_path / "open", blind=False)[2]


def test_a_page_without_room_for_a_whole_photo_has_its_patches_and_says_so(tmp_path: Path) -> None:
    _, _, html = drawn(tmp_path, blind=True, page_mb=0.05)
    assert html.count("data:image/jpeg;base64,") == 2
    assert "The whole photo is not here: the page has no room for it." in html


def test_photos_that_cannot_be_had_are_told_where_the_page_is_made(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo(name, sure(["Porit", "Sand"])) for name in ("a.jpg", "gone.jpg")])
    request = SampleRequest(sample="100%", blind=True)
    drawing = review.draw(run, request, SystemClock())
    room = room_for(drawing, PAGE_MB)
    b"".join(page(run, drawing, blind=True, out=tmp_path / "mine.html", fetch=fetch, room=room))
    lines = list(drawn_lines(tmp_path / "run", request, HandedOut(tmp_path / "mine.html", drawing, room.result(9))))
    assert "  warning: no picture of 1 photo on it, the first because: the image's host answered 404" in lines
