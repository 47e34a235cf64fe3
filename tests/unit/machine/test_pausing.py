"""The run always ends: what goes on for a day without an answer ends the process, resumable."""

from __future__ import annotations

import pytest
from tests.unit.states import state_of

from coralrun.coralnet.protocol import LIMITS
from coralrun.limits import LOST_S
from coralrun.machine import effects, notes, outcomes, volatile
from coralrun.machine.apply import apply
from coralrun.machine.decide import decide
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.interpret import interpret
from coralrun.machine.outcomes import Refusal, TroubleKind
from coralrun.machine.state import Instant, Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import Size

AWAY = outcomes.Trouble(TroubleKind.UNREACHABLE)
THROTTLED = outcomes.Trouble(TroubleKind.THROTTLED, wait_s=600.0)
LISTED = outcomes.Listed((), (), 5)


def until_it_ends(listing: outcomes.Outcome, submission: outcomes.Outcome, page: outcomes.Outcome) -> State:
    """Drive 300 images against a world that always gives the same answers."""
    setup = Setup(
        entries=(1,) * 300,
        sizes=(None if isinstance(page, outcomes.Trouble) else Size(9, 9),) * 300,
        batch_size=100,
        concurrency=5,
        attempts=3,
        allowed=LIMITS,
    )
    state = State(setup, state_of(300), Volatile(started_s=0.0))
    now = 0.0
    while not state.durable.paused and not state.durable.finished_at:
        assert now < 3 * LOST_S, "it goes on for ever"
        decision = decide(state, now)
        for effect in decision.effects:
            volatile.observe(state.volatile, notes.Started(effect), now)
            outcome: outcomes.Outcome = outcomes.Done()
            match effect:
                case effects.List():
                    outcome = listing
                case effects.Submit():
                    outcome = submission
                case effects.Resolve():
                    outcome = page
            consequences = interpret(state, effect, outcome, Instant(now, "2026-01-01T00:00:00Z"))
            for fact in consequences.facts:
                apply(state.durable, fact)
            for note in consequences.notes:
                volatile.observe(state.volatile, note, now)
        if decision.effects:
            now += 0.3
        else:
            now = max(now + 0.001, min(wait.until_s for wait in decision.waits))
    return state


@pytest.mark.parametrize(
    ("listing", "submission", "page"),
    [
        (AWAY, outcomes.Done(), outcomes.Done()),
        (THROTTLED, outcomes.Done(), outcomes.Done()),
        (LISTED, outcomes.Refused(Refusal.THROTTLED, wait_s=600.0), outcomes.Done()),
        (LISTED, outcomes.Refused(Refusal.NO_SLOT), outcomes.Done()),
        (LISTED, outcomes.Unknown(), outcomes.Done()),
        (LISTED, outcomes.Done(), AWAY),
        (LISTED, outcomes.Done(), outcomes.Trouble(TroubleKind.NOT_UNDERSTOOD)),
    ],
    ids=["away", "throttled", "throttled-submitting", "no-slot", "lost-replies", "pages-away", "pages-unreadable"],
)
def test_a_world_that_never_helps_ends_the_process_within_days(
    listing: outcomes.Outcome, submission: outcomes.Outcome, page: outcomes.Outcome
) -> None:
    state = until_it_ends(listing, submission, page)

    assert state.durable.paused is not None
    assert state.durable.paused.why in (PauseWhy.UNREACHABLE, PauseWhy.NO_SLOTS)
    assert state.durable.succeeded == 0
