"""The R script beside the tables reads and draws the tidy tables of a run, where R is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.docs.markdown import blocks
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.accuracy.corrected import COLUMNS as CORRECTED
from coralrun.app.answers.outputs import write_tables
from coralrun.cover.tables import R_SCRIPT, r_script
from coralrun.planning.model import Analysis
from coralrun.spec.model import Design

RSCRIPT = shutil.which("Rscript")
ROOT = Path(__file__).resolve().parents[2]
BY_SITE = Analysis(design=Design(unit="site"))


def drawn(folder: Path, design: Design) -> tuple[str, Path]:
    """What the script prints of a run, and its picture."""
    photos = [
        Photo(f"{site}{n}.jpg", sure(["Coral", "Sand", "=Turf"][: 2 + n]), (site, zone))
        for site, zone in (("a", "deep"), ("b", "deep"), ("c", "shallow"), ("d's", "shallow"))
        for n in (0, 1)
    ]
    run = finished_run(folder / "run", photos, fields=("site", "zone"), analysis=Analysis(design=design))
    write_tables(run)
    for table in folder.glob("cover_*.csv"):
        table.rename(run.layout.outputs / table.name)
    assert RSCRIPT is not None
    done = subprocess.run(
        [RSCRIPT, "--vanilla", str(run.layout.outputs / R_SCRIPT)],
        check=True, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    return done.stdout, folder / "cover.pdf"


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
@pytest.mark.parametrize("design", [Design(unit="site", strata_field="zone"), Design()], ids=["strata", "no unit"])
def test_it_reads_and_draws_the_tables(design: Design, tmp_path: Path) -> None:
    printed, picture = drawn(tmp_path, design)
    assert picture.read_bytes().startswith(b"%PDF")
    assert "Coral" in printed
    assert " =Turf" in printed
    assert ("deep" in printed) == (design.strata_field is not None)


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
@pytest.mark.parametrize("wrong", [False, True], ids=["corrected", "columns without a figure"])
def test_it_reads_and_draws_what_people_corrected(wrong: bool, tmp_path: Path) -> None:
    figures = ",,,,,," if wrong else "21.5,1.5,1.0,2.0,1,11.2,31.9"
    (tmp_path / "cover_corrected.csv").write_text(
        f"{','.join(CORRECTED)}\n,label,Coral,20.0,{figures},how,,2,2,2,0,6,3,no strata\n"
    )
    printed, picture = drawn(tmp_path, Design(unit="site"))
    assert picture.read_bytes().startswith(b"%PDF")
    assert ("corrected by people's reviews" in printed, "21.50 11.20 31.90" in printed) == (not wrong, not wrong)


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
def test_the_change_between_two_years_is_had_as_the_documents_say(tmp_path: Path) -> None:
    for year, labels in (("year-1", ["Coral", "Sand"]), ("year-2", ["Coral", "Coral"])):
        photos = [Photo(f"{site}.jpg", sure([*labels, site]), (site,)) for site in ("Sand", "Coral", "Turf")]
        write_tables(finished_run(tmp_path / "runs" / year, photos, fields=("site",), analysis=BY_SITE))
    (script,) = blocks(ROOT / "docs" / "surveys.md", "r")
    assert RSCRIPT is not None
    done = subprocess.run(
        [RSCRIPT, "--vanilla", "-e", script.text], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    rows = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in done.stdout.splitlines()[1:]}
    assert rows["Turf"] == [0, 0, 0]
    assert rows["Coral"] == [pytest.approx(100 / 3, abs=1e-4)] * 3


def test_it_needs_nothing_but_base_r() -> None:
    script = r_script().decode()
    assert "library(" not in script
    assert "require(" not in script
    assert "::" not in script
