"""Ctrl-C and SIGTERM, whenever they come, end coralrun within five seconds, and the run can be resumed."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from tests.crash.workspace import RunningService, Workspace, running_service
from tests.e2e.rehearsal import end, until

from coralrun.emulator.jobs import Cadence

SEED = 20080415
MOMENTS = 8
LATEST_S = 4.0  # a run takes longer, so every signal finds it alive
AT_MOST_S = 5.0
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
UNHURRIED = Cadence(seconds_per_image=LATEST_S, start_max_s=0.0)


@pytest.fixture(scope="module")
def place() -> Iterator[RunningService]:
    with running_service(accounts=MOMENTS + 2, cadence=UNHURRIED) as running:
        yield running


def code_in_a_shell(code: int) -> int:
    """A process that a signal ended before coralrun could say how has this code for those who started it."""
    return 128 - code if code < 0 else code


def test_a_signal_at_any_moment_ends_it_in_time_and_the_run_can_be_resumed(
    place: RunningService, tmp_path: Path
) -> None:
    chance = Random(SEED)
    moments = [(chance.choice(list(CODES)), chance.uniform(0.0, LATEST_S)) for _ in range(MOMENTS)]

    def strike(number: int) -> None:
        kind, at_s = moments[number]
        workspace = Workspace.at(tmp_path / f"{number}", place, number)
        process = workspace.start_cold("apply", "survey.yaml")
        time.sleep(at_s)
        code, took_s = end(process, kind)
        assert (code_in_a_shell(code), took_s < AT_MOST_S) == (CODES[kind], True), f"{kind.name} after {at_s:.2f} s"
        workspace.run(*workspace.go_on()).expect(0)
        workspace.check_jobs()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(strike, range(MOMENTS)))


@pytest.mark.parametrize("kind", CODES)
def test_a_resume_that_waits_for_its_turn_to_sign_in_can_be_interrupted(
    place: RunningService, tmp_path: Path, kind: signal.Signals
) -> None:
    workspace = Workspace.at(tmp_path / "user", place, MOMENTS + list(CODES).index(kind))
    process = workspace.start("apply", "survey.yaml")
    until(lambda: any(fact["t"] == "submitted" for fact in workspace.facts()))
    end(process, signal.SIGINT)
    held = workspace.start("resume", "run", DOOMED_WINDOWS="1:600")  # the first process has used this window up
    told = list(itertools.takewhile(lambda line: "waiting" not in line, held.stdout))
    assert held.poll() is None, f"it ended, and told {told}"

    code, took_s = end(held, kind)

    assert (code_in_a_shell(code), took_s < AT_MOST_S) == (CODES[kind], True)
    workspace.run("resume", "run").expect(0)
    workspace.check_jobs()
