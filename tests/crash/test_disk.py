"""A disk that takes no more bytes ends coralrun with exit code 5 and a remedy; with room again, the run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.crash.workspace import IMAGES, RunningService, Workspace, running_service

LIMITS = 10


@pytest.fixture(scope="module")
def place() -> Iterator[RunningService]:
    with running_service(accounts=LIMITS + 1) as running:
        yield running


def test_a_full_disk_ends_with_a_remedy_and_room_lets_the_run_go_on(place: RunningService, tmp_path: Path) -> None:
    undisturbed = Workspace.at(tmp_path / "undisturbed", place, LIMITS)
    undisturbed.write_survey(batch_size=1)  # so that the journal outgrows the plan
    undisturbed.run("apply", "survey.yaml").expect(0)
    expected = undisturbed.files()
    run = undisturbed.folder / "run"
    planned_bytes = (run / "plans" / "001" / "plan.json").stat().st_size
    journal_bytes = max(path.stat().st_size for path in (run / "state").glob("journal-*.jsonl"))
    ended: list[int] = []

    def fill(number: int) -> None:
        """The limits rise from just below the plan to just below the journal, so each is met at another fact."""
        workspace = Workspace.at(tmp_path / f"{number}", place, number)
        workspace.write_survey(batch_size=1)
        most_bytes = planned_bytes - 1 + (journal_bytes - planned_bytes) * number // LIMITS
        refused = workspace.run("apply", "survey.yaml", DOOMED_FILE_BYTES=str(most_bytes)).expect(5)
        assert "File too large" in refused.err
        assert "Make room" in refused.err
        ended.append(len(workspace.facts()))
        workspace.run(*workspace.go_on()).expect(0)
        workspace.check_jobs(batches=IMAGES)
        assert workspace.files() == expected

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(LIMITS)))
    assert len(set(ended)) > 2, "the disk was always full at the same moment"


def test_a_lock_that_cannot_be_taken_is_a_disk_error(place: RunningService, tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "0", place, 0)
    workspace.run("apply", "survey.yaml").expect(0)
    (workspace.folder / "run" / "run.lock").unlink()
    (workspace.folder / "run" / "run.lock").mkdir()

    refused = workspace.run("apply", "survey.yaml").expect(5)

    assert "run.lock" in refused.err
    assert "Make room or mend the permissions" in refused.err
