"""A signature that ends: said before anything is sent, and never tried twice."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.photo_host import photo, photo_host
from typer.testing import Result

from coralrun.clock import SystemClock

NOON = 1_780_315_200.0  # 2026-06-01 12:00 UTC
SURVEY = """\
version: 1
name: signed
service: emulator
classifier: {source: 1}
sources: [{manifest: images.csv}]
sampling:
  points: {method: uniform grid, cell_rows: 2, cell_columns: 2}
"""


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SystemClock, "wall_s", lambda self: NOON)


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("plan", "--offline"), ("apply", "--yes")])
def test_a_survey_whose_signatures_have_all_ended_is_refused_with_their_times(
    command: tuple[str, ...], case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    said = coralrun(command[0], case("signed-url-expired") / "survey.yaml", *command[1:])
    assert said.exit_code == 2
    assert said.stderr.splitlines()[-2:] == [
        "images.csv: the signatures of all 3 addresses have ended, so that their hosts refuse them (it is 2026-06-01 "
        "12:00 UTC by this computer's clock): `a.jpg` at 2023-10-16 14:01 UTC, `b.jpg` at 2023-01-01 01:00 UTC, "
        "`c.jpg` at 2023-01-01 00:00 UTC",
        "-> Have the addresses signed anew, for longer than the run takes.",
    ]


@pytest.mark.parametrize("size", [",400,300", ",,"])
def test_a_run_asks_for_an_ended_signature_once_and_names_the_host(
    size: str, coralrun: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = f"/a.jpg?Signature=S&Expires={NOON - 60:.0f}"
    with photo_host({ended: 403, "/b.jpg": photo()}) as host:
        (tmp_path / "survey.yaml").write_text(SURVEY)
        rows = f"a.jpg,{host.url}{ended}{size}\nb.jpg,{host.url}/b.jpg,400,300\n"
        (tmp_path / "images.csv").write_text(f"name,url,width,height\n{rows}")
        said = coralrun("apply", "survey.yaml", "--run-dir", "run", "--yes")
        assert said.exit_code == 7
        assert host.asked.count(ended) == 1
    assert "  warning: images.csv: the signature of 1 of 2 addresses has ended" in said.stdout
    assert f"looked at   1 of 2 images of images.csv at {host.url.removeprefix('http://')}: a photo" in said.stdout
    with (tmp_path / "run" / "outputs" / "failures.csv").open() as table:
        (failure,) = csv.DictReader(table)
    assert failure["reason"] == (
        "the host of the image refused its address, whose signature has ended (127.0.0.1, 2026-06-01 11:59 UTC)"
    )
