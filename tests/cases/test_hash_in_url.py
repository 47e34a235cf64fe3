"""An address has one reading: a `#` is part of the path, for the submission as for every look at the photo."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.photo_host import photo, photo_host
from typer.testing import Result

from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import read_survey

SURVEY = """\
version: 1
name: odd
service: emulator
classifier: {source: 1}
sources: [{manifest: images.csv}]
sampling:
  points: {method: uniform grid, cell_rows: 2, cell_columns: 2}
"""


def test_names_that_share_what_stands_before_a_hash_are_no_twins(
    case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    survey = case("hash-in-url") / "survey.yaml"
    said = coralrun("validate", survey)
    assert said.stdout == f"{survey}: valid (hash-in-url: 1 source, service emulator)\n"
    images = read_inputs(read_survey(survey)).manifests["images.csv"].images
    assert [image.name for image in images] == ["AUS_RAI1###20M###Q10.jpg", "AUS_RAI1###20M###Q11.jpg"]


def test_the_photo_of_the_case_is_had_by_apply_show_and_points(
    case: Callable[[str], Path], coralrun: Callable[..., Result], tmp_path: Path
) -> None:
    folder = case("hash-in-url")
    manifest = (folder / "images-named.csv").read_text()
    _is_had_by_all(manifest, "https://example.org", "/reef/AUS_RAI1%23%23%2320M%23%23%23Q10.jpg", coralrun, tmp_path)


@pytest.mark.parametrize(
    ("written", "path"),
    [("/50% of reef #1.jpg", "/50%25%20of%20reef%20%231.jpg"), ("/récif%20#2.jpg", "/r%C3%A9cif%20%232.jpg")],
)
def test_other_odd_addresses_are_had_by_all_too(
    written: str, path: str, coralrun: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _is_had_by_all(f"name,url\nq.jpg,https://reef.example{written}\n", "https://reef.example", path, coralrun, tmp_path)


def _is_had_by_all(manifest: str, host: str, path: str, coralrun: Callable[..., Result], place: Path) -> None:
    with photo_host({path: photo()}) as photos:
        (place / "images.csv").write_text(manifest.replace(host, photos.url), encoding="utf-8")
        (place / "survey.yaml").write_text(SURVEY)
        assert coralrun("apply", "survey.yaml", "--run-dir", "run", "--yes").exit_code == 0
        name = next(csv.DictReader((place / "images.csv").open(encoding="utf-8")))["name"]
        assert coralrun("show", "run", name, "--out", "shown.png").exit_code == 0
        measured = coralrun("points", "survey.yaml", "--out", "laid", "--measure")
        assert measured.exit_code == 0, measured.output
        assert measured.stdout.startswith("4 points on 1 image\n")
    assert set(photos.asked) == {path}
