"""The outline of a run says what the whole of it says, and reads no image of its plan where it need not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.run.run_directory import OpenRun, make_run
from coralrun.app.run.run_outline import RunOutline, outline_of
from coralrun.app.run.status import summarise
from coralrun.clock import SystemClock
from coralrun.errors import RunDamaged, UsageError
from coralrun.planning import analysis_codec
from coralrun.planning.model import Analysis


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    return finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A")), Photo("b.jpg", None), Photo("c.jpg", sure("B"))])


def test_it_says_what_the_whole_run_says(run: OpenRun) -> None:
    seen = outline_of(run.layout.root)
    assert isinstance(seen, RunOutline)
    assert summarise(seen) == summarise(run)


def test_the_images_of_the_plan_are_not_read(run: OpenRun) -> None:
    run.folder.images.unlink()
    assert summarise(outline_of(run.layout.root)) == summarise(run)


def test_the_formats_are_those_that_it_is_read_in_now(run: OpenRun) -> None:
    assert outline_of(run.layout.root).formats == ("csv",)
    run.folder.analysis.write_bytes(analysis_codec.encode(Analysis(), ("csv", "matrix")))
    assert outline_of(run.layout.root).formats == ("csv", "matrix")
    run.folder.analysis.unlink()
    assert outline_of(run.layout.root).formats == ("csv",)


def test_a_run_whose_images_have_different_numbers_of_points_is_read_whole(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A")), Photo("b.jpg", None), Photo("c.jpg", sure("BB"))])
    seen = outline_of(run.layout.root)
    assert isinstance(seen, OpenRun)
    assert summarise(seen) == summarise(run)


def test_a_plan_is_read_whole_where_its_sources_designs_differ(run: OpenRun) -> None:
    assert run.plan.design is not None
    two = replace(run.plan.design, number_of_points=2)
    for number, own in enumerate((run.plan.design, two)):
        place = replace(run.layout, root=run.layout.root.parent / f"{number}")
        plan = replace(run.plan, own_designs={"coralnet:9": own})
        make_run(place, plan, None, account="ann", clock=SystemClock())
    assert isinstance(outline_of(run.layout.root.parent / "0"), RunOutline)
    assert isinstance(outline_of(run.layout.root.parent / "1"), OpenRun)


def test_another_runs_plan_is_refused(run: OpenRun, tmp_path: Path) -> None:
    other = finished_run(tmp_path / "other", [Photo("z.jpg", sure("A"))])
    run.folder.header.write_bytes(other.folder.header.read_bytes())
    with pytest.raises(RunDamaged, match="not the plan that this run was started with"):
        outline_of(run.layout.root)


@pytest.mark.parametrize(("header", "said"), [(b"{}\n", "not a plan"), (b"", "cannot be read"), (None, "missing")])
def test_a_header_that_cannot_be_used_is_named(run: OpenRun, header: bytes | None, said: str) -> None:
    if header is None:
        run.folder.header.unlink()
    else:
        run.folder.header.write_bytes(header)
    with pytest.raises(RunDamaged, match=said):
        outline_of(run.layout.root)


def test_a_folder_without_a_run_is_said_to_hold_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        outline_of(tmp_path)
