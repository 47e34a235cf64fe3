"""A run is read in another way than it was: its analysis replaced, its tables written again, nothing else touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.answers.outputs import write_tables
from coralrun.app.run.run_directory import OpenRun, open_run, reanalyse, tables_stand
from coralrun.errors import RunDamaged
from coralrun.planning import analysis_codec, codec
from coralrun.planning.model import Analysis
from coralrun.spec.model import Design

BY_SITE = Analysis(design=Design(unit="site"))


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    photos = [Photo(f"{name}.jpg", sure("AAB"), (site,)) for name, site in (("a", "N"), ("b", "S"), ("c", "S"))]
    return finished_run(tmp_path / "reef", photos, fields=("site",), analysis=BY_SITE)


def test_how_a_run_is_read_comes_back_with_it(run: OpenRun) -> None:
    assert run.plan.analysis == BY_SITE
    assert tables_stand(run.layout)


def test_a_run_of_before_there_were_analyses_is_read_with_none(run: OpenRun) -> None:
    run.folder.analysis.unlink()
    assert open_run(run.layout.root).plan == replace(run.plan, analysis=Analysis())


def test_the_same_reading_changes_nothing(run: OpenRun) -> None:
    before = {path: path.read_bytes() for path in run.layout.root.rglob("*") if path.is_file()}
    assert not reanalyse(run, run.plan, None)
    assert {path: path.read_bytes() for path in run.layout.root.rglob("*") if path.is_file()} == before


def test_another_reading_replaces_the_analysis_and_has_the_tables_written_again(run: OpenRun) -> None:
    kept = {path: path.read_bytes() for path in (run.layout.identity, run.folder.header, run.folder.images)}
    predictions = (run.layout.outputs / "predictions.csv").read_bytes()
    assert reanalyse(run, replace(run.plan, analysis=Analysis(), formats=("csv", "parquet")), None)
    assert not tables_stand(run.layout)  # a process that ends here leaves a run that resuming completes
    again = open_run(run.layout.root)
    assert (again.plan.analysis, again.plan.formats) == (Analysis(), ("csv", "parquet"))
    write_tables(again)
    assert tables_stand(run.layout)
    assert (run.layout.outputs / "predictions.parquet").exists()
    assert (run.layout.outputs / "predictions.csv").read_bytes() == predictions
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_format_that_is_not_wanted_any_more_goes(run: OpenRun) -> None:
    reanalyse(run, replace(run.plan, formats=("csv", "parquet")), None)
    write_tables(open_run(run.layout.root))
    reanalyse(open_run(run.layout.root), replace(run.plan, formats=("csv",)), None)
    write_tables(open_run(run.layout.root))
    assert not (run.layout.outputs / "predictions.parquet").exists()


def test_a_plan_in_one_file_carries_its_reading_into_the_run_that_is_made_of_it(run: OpenRun) -> None:
    saved = codec.decode_single("saved.plan", codec.encode_single(run.plan))
    assert saved.analysis == BY_SITE
    assert codec.digest(codec.encode(replace(saved, analysis=Analysis()))) == run.plan_digest


def test_a_damaged_analysis_is_named(run: OpenRun) -> None:
    data = analysis_codec.encode(BY_SITE, ("csv",)).replace(b"site", b"reef")
    run.folder.analysis.write_bytes(data)
    with pytest.raises(RunDamaged) as damaged:
        open_run(run.layout.root)
    assert str(damaged.value) == f"{run.folder.analysis}: damaged: its hash does not fit"
