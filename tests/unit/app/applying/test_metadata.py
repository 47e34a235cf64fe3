"""What a run knows of its photos is shown, asked about, and written into their source."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.uploading_runs import SURVEY, Laptop

from coralrun.app.applying import metadata
from coralrun.app.applying.metadata import Coordinates, put_metadata
from coralrun.console.printer import Printer
from coralrun.errors import InvalidInput, UsageError

TABLE = (
    "name,Date,Latitude,longitude,Depth,habitat zone\nnew 0.jpg,2024-06-12,-17.4737,149.8123,5,north\nthere.jpg,,,,7,\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    """A finished run of three photos that were sent and one that was there, which knows a table."""
    laptop = Laptop(tmp_path)
    (tmp_path / "meta.csv").write_text(TABLE)
    (tmp_path / "survey.yaml").write_text(SURVEY + "metadata: meta.csv\n")
    laptop.finish(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(metadata, "reach", lambda *asked, **wanted: laptop.connect())
    return laptop


def put(coordinates: Coordinates | None = Coordinates.EXACT) -> int:
    return put_metadata(Path("run"), coordinates, True, Printer())


def known(run: Laptop, name: str) -> tuple[str | None, dict[str, str]]:
    photo = next(one for one in run.faults.service.site.sources_by_id[2].photos if one.name == name)
    return photo.date, photo.details


def test_what_the_run_knows_is_written_and_the_rest_stays(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    assert put() == 0
    assert known(run, "new 0.jpg") == ("2024-06-12", {"Latitude": "-17.4737", "Longitude": "149.8123", "Depth": "5"})
    assert known(run, "there.jpg") == (None, {"Depth": "7"})
    said = capsys.readouterr().out
    assert "Metadata of 4 photos in source 2: 2 would change" in said
    assert "Depth: filled in 2 photos" in said
    assert "left out, for the source has no such fields: habitat zone" in said
    put()
    assert "0 would change" in capsys.readouterr().out


def test_what_would_be_replaced_is_shown_by_name(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    connection = run.connect()
    place = connection.metadata_place(2)
    place.known()
    place.put(place.changes({"new 0.jpg": {"Depth": "9"}}))
    put()
    assert "Depth: REPLACED in 1 photo:\n    new 0.jpg: '9' becomes '5'" in capsys.readouterr().out


def test_coordinates_go_only_by_choice(run: Laptop) -> None:
    with pytest.raises(UsageError, match="the run knows coordinates"):
        put(None)
    put(Coordinates.NONE)
    assert known(run, "new 0.jpg")[1] == {"Depth": "5"}
    put(Coordinates.ROUNDED)
    assert known(run, "new 0.jpg")[1] == {"Depth": "5", "Latitude": "-17.47", "Longitude": "149.81"}


def test_nothing_is_written_that_nobody_agreed_to(
    run: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Printer, "agrees", lambda printer, question, is_lasting: False)
    put_metadata(Path("run"), Coordinates.EXACT, False, Printer())
    assert "Nothing was written." in capsys.readouterr().out
    assert known(run, "new 0.jpg") == (None, {})


def test_values_that_coralnet_would_misread_are_named_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop(tmp_path)
    (tmp_path / "meta.csv").write_text("name,Date,Latitude\nnew 0.jpg,01/02/2020,abc\n")
    (tmp_path / "survey.yaml").write_text(SURVEY + "metadata: meta.csv\n")
    laptop.finish(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(metadata, "reach", lambda *asked, **wanted: laptop.connect())
    with pytest.raises(InvalidInput) as refused:
        put(Coordinates.ROUNDED)
    assert {problem.message for problem in refused.value.problems} == {
        "`Date` is no date such as 2024-06-12: '01/02/2020'",
        "`Latitude` is no latitude in degrees: 'abc'",
    }


def test_a_date_that_is_no_day_is_left_out_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = Laptop(tmp_path)
    (tmp_path / "meta.csv").write_text(
        "name,Date,Depth\nnew 0.jpg,2021,5\nnew 1.jpg,2022-11,6\nthere.jpg,2020-02-29,7\n"
    )
    (tmp_path / "survey.yaml").write_text(SURVEY + "metadata: meta.csv\n")
    laptop.finish(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(metadata, "reach", lambda *asked, **wanted: laptop.connect())
    put()
    assert "Date: left out of 2 photos, for the source takes whole dates: 2021, 2022-11\n" in capsys.readouterr().out
    assert [known(laptop, name) for name in ("new 0.jpg", "new 1.jpg", "there.jpg")] == [
        (None, {"Depth": "5"}), (None, {"Depth": "6"}), ("2020-02-29", {"Depth": "7"}),
    ]  # fmt: skip


def test_a_run_that_knows_nothing_of_its_photos_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Laptop(tmp_path)
    laptop.finish(monkeypatch)
    monkeypatch.setattr(metadata, "reach", lambda *asked, **wanted: laptop.connect())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="the run knows nothing of its photos") as refused:
        put()
    assert "metadata: {exif: true}" in str(refused.value.remedy)
