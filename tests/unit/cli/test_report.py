"""`report` and `show`: where they write, what they print, and what they open."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from tests.unit.results.finished_runs import Photo, reported_run, sure

from coralrun.app.answers import fetching
from coralrun.app.applying import ending
from coralrun.app.run.run_directory import open_run
from coralrun.cli.commands import report, show
from coralrun.connection import Connection, Fetch
from coralrun.console.printer import Printer
from coralrun.errors import UsageError
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Plan


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run below `runs`, in the folder that the commands are called in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    return reported_run(tmp_path / "runs" / "reef", [Photo("a.jpg", sure(["Coral", "Sand"]))]).layout.root


class Line:
    """A connection that gives every photo, and counts how often it was made and closed."""

    made = closed = 0

    def __init__(self, *_: object, **__: object) -> None:
        Line.made += 1

    def photos(self, plan: Plan) -> Fetch:
        return self.photo

    def photo(self, image: PlannedImage) -> bytes:
        stream = io.BytesIO()
        Image.new("RGB", (60, 40), (10, 90, 90)).save(stream, "PNG")
        return stream.getvalue()

    def close(self) -> None:
        Line.closed += 1


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> type[Line]:
    Line.made = Line.closed = 0
    monkeypatch.setattr(fetching, "reach", Line)
    assert hasattr(Connection, "photos")
    return Line


def test_without_a_run_the_newest_one_is_reported_and_no_service_is_reached(
    run: Path, line: type[Line], capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "report" / "index.html").unlink()
    assert report.run(None, None, None, False, Printer()) == 0
    assert (run / "report" / "index.html").exists()
    assert capsys.readouterr().out == "runs/reef/report/index.html\n"
    assert line.made == 0


def test_photos_are_fetched_over_one_connection_that_is_closed_again(run: Path, line: type[Line]) -> None:
    report.run(run, None, 1, False, Printer())
    assert (line.made, line.closed) == (1, 1)
    assert b"data:image/jpeg" in (run / "report" / "index.html").read_bytes()


def test_a_report_can_go_elsewhere_and_be_told_of_in_json(
    run: Path, line: type[Line], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "answer.html"
    report.run(run, target, None, False, Printer(as_json=True))
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "run_dir": str(run),
        "report": str(target),
        "bytes": target.stat().st_size,
        "partial": False,
    }


@pytest.mark.parametrize("is_there", [True, False])
def test_the_report_is_opened_in_the_browser_where_there_is_one(
    run: Path, line: type[Line], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return is_there

    monkeypatch.setattr("webbrowser.open", browse)
    assert report.run(run, None, None, True, Printer()) == 0
    assert opened == [(run / "report" / "index.html").as_uri()]
    assert ("No browser could be opened" in capsys.readouterr().out) is not is_there


def test_without_any_run_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no run under runs/"):
        report.run(None, None, None, False, Printer())


def test_a_photo_is_shown_with_the_number_of_points_of_each_label(
    run: Path, line: type[Line], capsys: pytest.CaptureFixture[str]
) -> None:
    assert show.run([str(run), "a.jpg"], None, Printer()) == 0
    shown = run / "report" / "show-0.jpg"
    assert Image.open(shown).format == "JPEG"
    assert capsys.readouterr().out.splitlines() == [
        f"{shown}: 2 points",
        "      1  Coral (The label Coral)",
        "      1  Sand (The label Sand)",
    ]
    assert (line.made, line.closed) == (1, 1)


def test_a_photo_that_is_no_image_of_the_run_reaches_no_service(run: Path, line: type[Line]) -> None:
    with pytest.raises(UsageError, match=r"b\.jpg: no image of this run"):
        show.run([str(run), "b.jpg"], None, Printer())
    assert line.made == 0


def test_ctrl_c_while_photos_are_fetched_says_how_to_fetch_the_rest(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = open_run(run)
    wanting = replace(opened, plan=replace(opened.plan, analysis=Analysis(thumbnails=1)))
    before = opened.layout.report_page.read_bytes()

    class Interrupted(Line):
        def photo(self, image: PlannedImage) -> bytes:
            raise KeyboardInterrupt

    ending.illustrate(wanting, cast(Connection, Interrupted()), Printer())
    assert "coralrun report runs/reef does that" in capsys.readouterr().err.replace(str(run.parents[1]) + "/", "")
    assert opened.layout.report_page.read_bytes() == before
