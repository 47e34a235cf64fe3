"""What cron mails: what somebody has to see to, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run

from coralrun.app.run.run_directory import OpenRun, make_run, open_run
from coralrun.cli.calling import ended
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.console.quiet import Quiet
from coralrun.errors import AtWork, CredentialsError, LockedError
from coralrun.store import notice, untold
from coralrun.store.layout import Layout

ELSEWHERE = "and one in another clone is not known here"


def told(
    code: int, run: Path | None = None, error: Exception | None = None, beware: str = "", *, sessions: int = 1
) -> list[str]:
    """What is told of a survey that said how it goes, carried a run out if there is one, after so many sessions,
    and ended so."""
    quiet = Quiet()

    def command(printer: Printer) -> int:
        printer.say("Plan for reef")
        printer.doing("listing the images")
        printer.beware([beware] if beware else [])
        if run is not None:
            opened = finished_run(run, [Photo("a.jpg", None)])
            opened.state.sessions = sessions
            printer.going_on(opened)
            with printer.watching(opened):
                pass
            printer.say("reef: finished, with 1 failed")
        if error is not None:
            raise error
        return code

    news = quiet.news("surveys/reef.yaml", ended(quiet, command))
    quiet.was_told()
    return news


@pytest.mark.parametrize("code", [0, 143])
def test_what_is_done_or_ended_by_the_system_is_no_news(code: int, tmp_path: Path) -> None:
    assert told(code, tmp_path / "run") == []


def test_failed_images_are_told_by_the_call_that_carried_the_run_out_alone(tmp_path: Path) -> None:
    assert told(7) == []
    head, *lines = told(7, tmp_path / "run")
    assert head.endswith("Z surveys/reef.yaml ended with 7:")
    assert lines == ["  reef: finished, with 1 failed"]


def test_a_run_is_told_when_it_begins_however_that_call_ends(tmp_path: Path) -> None:
    run = tmp_path / "run"
    begun = f"  begun: 1 image, 1 point in all; no run was at {run}, {ELSEWHERE}"
    assert [told(code, run, sessions=0)[1:] for code in (0, 143)] == [[begun]] * 2
    assert told(7, run, sessions=0)[1:] == ["  reef: finished, with 1 failed", begun]


def test_names_that_no_source_has_are_told_by_the_call_that_carries_the_run_out(tmp_path: Path) -> None:
    quiet, plan = Quiet(), finished_run(tmp_path / "other", [Photo("a.jpg", None)]).plan
    named = replace(plan, not_found=("b.jpg", "c.jpg"))
    make_run(Layout(tmp_path / "run"), named, None, account="demo", clock=SystemClock())
    opened = open_run(tmp_path / "run")
    opened.state.sessions = 1
    quiet.going_on(opened)
    with quiet.watching(opened):
        pass
    assert quiet.news("surveys/reef.yaml", 0)[1:] == ["  named but not found: 2 (b.jpg, c.jpg)"]


def killed(run: Path, at: str, *, coming: str = "") -> OpenRun:
    """A run with a failed image, which a call carried out that was killed before it told of it."""
    opened = finished_run(run, [Photo("a.jpg", None)])
    opened.state.sessions = 0
    quiet = Quiet(at=at)
    quiet.going_on(opened)
    with quiet.watching(opened):
        pass
    if coming:
        quiet.changing(opened.layout, opened.state.plan + 1, [coming], [])
    return opened


def test_what_a_killed_call_had_to_tell_is_told_by_the_next_one_and_by_that_alone(tmp_path: Path) -> None:
    opened = killed(tmp_path / "run", "2026-01-01T03:00:00Z", coming="sent anew, of a plan that never came")
    for heard in (True, False):
        quiet = Quiet()
        quiet.say("Plan for reef")
        quiet.going_on(opened)
        quiet.say("reef: finished, with 1 failed")
        news = quiet.news("surveys/reef.yaml", 7)[1:]
        quiet.was_told()
        assert news == heard * [
            "  reef: finished, with 1 failed",
            "  of the call of 2026-01-01T03:00:00Z, which was cut short:",
            f"    begun: 1 image, 1 point in all; no run was at {tmp_path / 'run'}, {ELSEWHERE}",
        ]


def test_what_a_later_call_takes_back_is_told_beside_what_was_not_told_yet(tmp_path: Path) -> None:
    opened = killed(tmp_path / "run", "2026-01-01T03:00:00Z")
    quiet = Quiet()
    quiet.changing(opened.layout, opened.state.plan + 1, [], ["  survey      seed: 44 -> 43"])
    opened.state.plans.append(opened.state.plans[-1])  # it comes into force
    quiet.going_on(opened)
    assert quiet.news("surveys/reef.yaml", 0)[-2:] == [
        "  changed again since, and this holds now:",
        "  survey      seed: 44 -> 43",
    ]
    quiet.was_told()
    quiet = Quiet()
    quiet.changing(opened.layout, opened.state.plan + 1, [], ["  survey      seed: 43 -> 44"])
    opened.state.plans.append(opened.state.plans[-1])  # it comes into force
    quiet.going_on(opened)
    assert quiet.news("surveys/reef.yaml", 0) == [], "all before was told"


def test_nothing_is_told_of_a_plan_whose_number_another_one_took(tmp_path: Path) -> None:
    opened = killed(tmp_path / "run", "2026-01-01T03:00:00Z", coming="sent anew, of a plan that never came")
    Quiet().changing(opened.layout, opened.state.plan + 1, ["sent anew, of this one"], [])
    begun, now = untold.read(opened.layout.untold)
    assert begun.lines[0].startswith("begun: ")
    assert now.lines == ("sent anew, of this one",)


def test_what_is_still_to_be_told_stays_where_a_call_did_not_come_to_the_run(tmp_path: Path) -> None:
    layout = killed(tmp_path / "run", "2026-01-01T03:00:00Z").layout
    quiet = Quiet()
    quiet.error(CredentialsError("no", remedy="Sign in."))
    assert quiet.news("surveys/reef.yaml", 3)[1:] == ["  no", "  -> Sign in."]
    quiet.was_told()
    assert untold.read(layout.untold)


def test_an_error_comes_with_its_date_and_its_remedy_and_without_the_plan() -> None:
    head, *lines = told(0, error=CredentialsError("no\nway", remedy="Sign in."))
    assert head.endswith("Z surveys/reef.yaml ended with 3:")
    assert lines == ["  no", "  way", "  -> Sign in."]
    assert told(0, error=LockedError("another copy was carried on"))[1] == "  another copy was carried on"
    assert "  ZeroDivisionError: x" in told(0, error=ZeroDivisionError("x"))


def test_what_a_new_plan_took_away_is_told_though_its_run_was_not_carried_on() -> None:
    """The next call finds the plan in force, and knows of nothing that changed."""
    gone = "not in the tables any more: 1 (a.jpg)"
    assert told(0, error=CredentialsError("no", remedy="Sign in."), beware=gone)[1:] == [
        f"  {gone}",
        "  no",
        "  -> Sign in.",
    ]


def test_a_call_at_work_is_told_of_where_it_stands_still_alone(tmp_path: Path) -> None:
    at_work = AtWork("run: process 7 is working on this run", tmp_path)
    assert told(0, error=at_work) == []
    notice.write(Layout(tmp_path).now, notice.Notice("2026-01-01T12:00:00Z", "sending a batch"))
    head, *lines = told(0, error=at_work)
    assert head.endswith("ended with 4:")
    assert lines[0].endswith("is working on this run: it has said nothing since 2026-01-01T12:00:00Z")
    assert "coralrun status" in lines[1]
