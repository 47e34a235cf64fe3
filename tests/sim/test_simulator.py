"""The engine keeps its promises in every world drawn, and the simulator notices when it is made to break them."""

from __future__ import annotations

import pytest

from coralrun.machine import adopt, policy
from coralrun.machine.reasons import AGAIN, Reason

from .faults import FAULTS, World
from .knobs import draw
from .many import REGRESSIONS, regressions, run_seeds
from .witness import Violation
from .world import live

SEEDS = range(300)
SABOTAGE_SEEDS = range(400)


def first_violation(*, settle_s: float | None = None) -> str:
    for seed in SABOTAGE_SEEDS:
        try:
            live(draw(seed)) if settle_s is None else live(draw(seed), settle_s=settle_s)
        except Violation as violation:
            return str(violation)
    return "none was found"


def test_every_world_ends_with_every_image_ended_once_and_no_job_made_twice() -> None:
    summary = run_seeds(SEEDS)
    assert summary.violations == {}
    assert summary.seeds == len(SEEDS)
    missed = [fault for fault, row in FAULTS.items() if row.world is World.TOY and summary.faults[fault] < 5]
    assert missed == [], "faults that hardly struck: the worlds would prove less than they say"
    for branch in ("adopted", "Doubted", "Refused: never-arrived", "Refused: bad-entry", "GaveUp: job-stuck"):
        assert summary.branches[branch] >= 5, f"{branch} was hardly tried"
    assert summary.processes > 2 * len(SEEDS)


def test_seeds_that_once_failed_hold() -> None:
    assert REGRESSIONS.is_file()
    assert run_seeds(regressions()).violations == {}


def test_the_same_seed_lives_the_same_life() -> None:
    first: list[str] = []
    second: list[str] = []
    live(draw(23), trace=first)
    live(draw(23), trace=second)
    assert first == second
    assert len(first) > 10


def test_without_the_settle_wait_batches_are_submitted_twice() -> None:
    assert "is a duplicate" in first_violation(settle_s=0.0)


def test_without_adoption_batches_are_submitted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adopt, "judge", lambda batch, **seen: adopt.NeverArrived())
    assert "is a duplicate" in first_violation()


def test_a_list_that_may_have_overflowed_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adopt, "FINISHED_JOBS_PER_ACTIVE", 1_000)
    assert "is a duplicate" in first_violation()


def test_without_the_cap_on_attempts_images_are_tried_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "is_again", lambda reason, tries, attempts: reason in AGAIN)
    assert "has had its attempts" in first_violation()


def test_a_permanent_error_that_is_tried_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    again = AGAIN | {Reason.NOT_AN_IMAGE}
    monkeypatch.setattr(policy, "is_again", lambda reason, tries, attempts: reason in again and tries < attempts)
    assert "a permanent error is tried again" in first_violation()
