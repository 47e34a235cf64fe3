"""What follows from an outcome, and the answers that many outcomes share.

Rule: pure; changes nothing.
"""

from __future__ import annotations

from msgspec import Struct

from coralrun.machine import effects, facts, notes, outcomes, policy
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.notes import Channel
from coralrun.machine.state import Instant


class Consequences(Struct, frozen=True):
    """Facts in the order they are to be applied, and notes to be observed after them."""

    facts: tuple[facts.Fact, ...] = ()
    notes: tuple[notes.Note, ...] = ()


def impossible(effect: effects.Effect, outcome: outcomes.Outcome) -> AssertionError:
    """The error for an outcome that an effect cannot have: a defect, not a case."""
    return AssertionError(f"{type(effect).__name__} cannot have the outcome {outcome!r}")


def trouble(outcome: outcomes.Trouble, channel: Channel, now: Instant) -> Consequences:
    """What follows from a request that brought nothing, whatever it was for."""
    match outcome.kind:
        case outcomes.TroubleKind.THROTTLED:
            until_s = now.mono_s + policy.throttled_s(outcome.wait_s)
            return Consequences(notes=(notes.Throttled(until_s), notes.Failing(Channel.THROTTLE)))
        case outcomes.TroubleKind.CREDENTIALS:
            return Consequences(facts=(facts.Paused(now.utc, PauseWhy.CREDENTIALS, outcome.detail),))
        case _:
            return Consequences(notes=(notes.Failing(channel),))
