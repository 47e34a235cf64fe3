"""What `apply` makes sure of before a run is made, and what going on with one costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.unit.plans import PLAN
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.connection import Connection
from coralrun.app.planning import priced
from coralrun.cli.commands import carry
from coralrun.cli.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.machine.outcomes import Listed
from coralrun.store.files import Disk


def test_files_that_came_into_the_place_during_the_crawl_are_not_mixed_with_a_runs(tmp_path: Path) -> None:
    saved = replace(PLAN, service="https://coralnet.example")
    place = tmp_path / "run"
    place.mkdir()
    (place / "thesis.doc").write_text("a year of work")
    connection = SimpleNamespace(account="ann", clock=None)
    planned = priced(saved, Listed((), (), 5))

    with pytest.raises(UsageError, match=r"holds other files \(thesis\.doc\)"):
        carry.start(place, planned, None, cast(Connection, connection), True, Printer())

    assert not (place / "run.json").exists()


def test_a_runs_plan_is_read_once_when_it_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A"))])
    read: list[Path] = []
    whole = Disk.read

    def counted(disk: Disk, path: Path) -> bytes:
        read.append(path)
        return whole(disk, path)

    monkeypatch.setattr(Disk, "read", counted)

    assert carry.resume(run.layout.root, Printer()) == EXIT_COMPLETE
    assert read.count(run.layout.plan_images) == 1
    assert carry.go_on_with(run.layout.root, None, run.plan, Printer()) == EXIT_COMPLETE
    assert read.count(run.layout.plan_images) == 2


def test_a_mistyped_path_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        carry.resume(tmp_path / "reeef", Printer())
    assert list(tmp_path.iterdir()) == []
