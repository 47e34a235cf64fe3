"""How a run stands, in numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.unit.results.finished_runs import Photo, finished_run, sure
from tests.unit.states import state_of

from coralrun.app.run.run_directory import make_run, open_run
from coralrun.app.run.status import summarise
from coralrun.app.survey.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.reasons import FOR_GOOD, TEXTS, Reason
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.planning.images import Size, Upload

SURVEY = """\
version: 1
name: reef
classifier: {source: 1}
sources: [{coralnet: 2}]
sampling: {points: {from: coralnet}}
"""
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
    assert given_up.given_up_because == (("the service no longer knows the job", 1),)


def test_photos_in_the_source_are_counted_by_what_the_survey_names_now(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "reef", [Photo(f"{name}.jpg", sure("A")) for name in "abcd"])
    images = [structs.replace(image, upload=Upload(to="2", sha256="1" * 64)) for image in run.plan.images]
    run.state.stored.update(
        {
            "2/a.jpg": StoredPhoto("1", "1" * 64),
            "2/b.jpg": StoredPhoto("2", "1" * 64, ours=False),
            "2/c.jpg": StoredPhoto("3", "0" * 64),
            "2/d.jpg": StoredPhoto("4", "1" * 64, unclaimed=True),
            "2/e.jpg": StoredPhoto("5", "1" * 64),
        }
    )
    summary = summarise(replace(run, plan=replace(run.plan, images=images)))
    assert (summary.uploaded, summary.already_there) == (1, 1)
    assert summary.of_earlier_plans == ("2/c.jpg", "2/e.jpg")
    assert summary.unclaimed == ("2/d.jpg",)


@pytest.mark.parametrize("reason", Reason)
def test_what_failed_for_any_reason_is_told_what_to_do(tmp_path: Path, reason: Reason) -> None:
    run = finished_run(tmp_path / "reef", [Photo("a.jpg", sure("A"))])
    state = state_of(1)
    apply(state, facts.Ended(AT, {0: reason}))
    summary = summarise(replace(run, loaded=replace(run.loaded, state=state)))
    said = TEXTS[reason] in summary.reasons[0][0] and (":" in summary.reasons[0][0] or summary.retriable)
    assert said if reason not in FOR_GOOD else not summary.mendable


def test_the_survey_is_named_as_it_is_typed_where_somebody_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("surveys").mkdir()
    survey = Path("surveys/reef.yaml")
    survey.write_text(SURVEY, encoding="utf-8")
    opened = finished_run(Path("runs/reef"), [Photo("a.jpg", sure("A"))])
    make_run(opened.layout, opened.plan, read_survey(survey), account="demo", clock=SystemClock())
    assert summarise(open_run(Path("runs/reef"))).survey_file == "surveys/reef.yaml"
    monkeypatch.chdir("surveys")
    assert summarise(open_run(Path("../runs/reef"))).survey_file == "reef.yaml"
    Path("reef.yaml").unlink()
    assert summarise(open_run(Path("../runs/reef"))).survey_file == "surveys/reef.yaml", "as it was named"
