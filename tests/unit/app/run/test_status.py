"""How a run stands, in numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.unit.results.finished_runs import Photo, finished_run, sure
from tests.unit.states import state_of

from coralrun.app.run.status import summarise
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size

AT = "2026-01-01T00:00:00Z"


def test_a_job_that_never_gave_a_result_is_given_up_and_not_done(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A"))])
    lost = state_of(1)
    for fact in (
        facts.Batched.of(1, (0,)),
        facts.Intended.of(AT, 1, 1, 1, "0", (), (Size(9, 9),)),
        facts.Submitted(AT, 1, 1, "7"),
        facts.GaveUp(AT, 1, 1, "7", Reason.JOB_LOST, {0: Reason.JOB_LOST}),
    ):
        apply(lost, fact)

    done, given_up = summarise(run), summarise(replace(run, loaded=replace(run.loaded, state=lost)))

    assert (done.jobs_done, done.jobs_given_up) == (1, 0)
    assert (given_up.jobs_done, given_up.jobs_given_up) == (0, 1)
