"""What a service may expect of whoever asks it: pauses after failures, silence when asked, no for an answer.

Rule: counted at the moment at which the engine starts a request, by what came back from the ones before. Web pages do
not count against the service's windows, so they are not counted here either.
"""

from __future__ import annotations

from math import inf

from coralrun import limits
from coralrun.coralnet.protocol import WEB_RATE
from coralrun.machine import effects, outcomes
from coralrun.machine.outcomes import Refusal, TroubleKind
from coralrun.machine.state import State

from .knobs import Knobs
from .witness import Violation, require

RETRIES_AT_MOST = 10  # and a tenth of all requests (design, section 9)
FAILURES_AT_ONCE, FAILURE_EVERY_S = 25, 200.0
"""Three channels double their pauses from 5 s to 10 min: eight failures each by then, and three in ten minutes more."""

PAUSE_AT_LEAST_S, PAUSE_AT_MOST_S = 5.0, 600.0
"""Between two tries at what failed (README: "5 s at first, 10 minutes at most")."""

PAGE_EVERY_S, ROUNDING_S = 1 / WEB_RATE, 1e-6

Purpose = tuple[str, int | str]

_FOR_GOOD = frozenset({Refusal.BAD_REQUEST, Refusal.NO_CLASSIFIER, Refusal.CREDENTIALS})


class Manners:
    """The requests of one world."""

    def __init__(self, knobs: Knobs) -> None:
        self._calm_after_s = knobs.calm_after_s
        self._patience_s = knobs.patience_s
        self._requests = 0
        self._retries = 0
        self._calm: tuple[int, int] | None = None
        self._leaves = 0
        self._sent = 0
        self.begin()

    def begin(self) -> None:
        """A process that knows nothing of the one before."""
        self._refused: set[int] = set()
        self._failed: dict[Purpose, float] = {}
        self._in_a_row = 0
        self._since_s = 0.0
        self._quiet_until_s = 0.0
        self._page_failed: dict[int, float] = {}
        self._page_sent_s = -inf

    def asked(self, state: State, effect: effects.Effect, now: float) -> None:
        """The engine starts to ask; raises Violation for bad manners."""
        if isinstance(effect, effects.Resolve):
            rested_s = now - self._page_failed.get(effect.image, -inf)
            rested = rested_s >= PAUSE_AT_LEAST_S or not state.durable.waits(effect.image)
            require(rested, "a page that failed is asked for again at once")
            return
        if isinstance(effect, effects.Submit):
            require(effect.batch not in self._refused, "what was refused for good is sent again")
        sends = not isinstance(effect, effects.Release)  # what is kept of a job is let go of where it is kept
        require(not sends or now >= self._quiet_until_s, "a request into the silence that was asked for")
        if self._in_a_row > FAILURES_AT_ONCE + (now - self._since_s) / FAILURE_EVERY_S:
            raise Violation(f"{self._in_a_row} failures in a row in {now - self._since_s:.0f} s")
        if self._calm is None and now >= self._calm_after_s:
            self._calm = self._requests, self._retries
        self._requests += 1
        self._retries += now < self._failed.get(_purpose(effect), -inf)

    def waits(self, state: State, until_s: float, now: float) -> None:
        """The engine does nothing until then, unless something comes back; `until_s` and `now` by its own clock.

        No longer than the longest pause between two tries, but where the service wants silence or its windows are full.
        """
        asked_for_s = max(state.volatile.throttled_until_s, state.volatile.budget_until_s)
        if until_s == inf:
            return
        if until_s > max(asked_for_s, now + PAUSE_AT_MOST_S):
            raise Violation(f"nothing is tried for {until_s - now:.0f} s")

    def answered(self, effect: effects.Effect, outcome: outcomes.Outcome, now: float) -> None:
        """What came back."""
        if isinstance(effect, effects.Resolve):
            dead = isinstance(outcome, outcomes.Resolved) and outcome.life_s is not None and outcome.life_s <= 0
            if dead or isinstance(outcome, outcomes.Trouble):
                self._page_failed[effect.image] = now
            return
        if isinstance(outcome, outcomes.Refused) and outcome.why in _FOR_GOOD and isinstance(effect, effects.Submit):
            self._refused.add(effect.batch)
        if _is_throttled(outcome):
            asked_s = outcome.wait_s  # type: ignore[union-attr]
            wait_s = asked_s if asked_s is not None and 0 < asked_s < float("inf") else limits.THROTTLED_DEFAULT_S
            self._quiet_until_s = max(self._quiet_until_s, now + min(wait_s, limits.THROTTLED_MOST_S))
        self._remember(_purpose(effect), outcome, now)
        if not isinstance(outcome, outcomes.Trouble | outcomes.Unknown):
            self._in_a_row = 0
            return
        if self._in_a_row == 0:
            self._since_s = now
        self._in_a_row += 1

    def sent(self) -> None:
        """A request for the account's leaves this machine."""
        self._sent += 1

    def page_sent(self, now: float) -> None:
        """A request for a page leaves this machine."""
        require(now - self._page_sent_s >= PAGE_EVERY_S - ROUNDING_S, "more pages a second than were agreed to")
        self._page_sent_s = now

    def performed(self, in_silence: bool) -> None:
        """An effect was performed: with one request at most, or the others are retries that nobody decided on."""
        self._retries += max(0, self._sent - 1)
        self._requests += max(0, self._sent - 1)
        self._leaves += in_silence
        self._sent = 0

    def ended(self, struck: int) -> None:
        """Hardly anything was asked twice: each fault that struck brings one retry, and none does once it is calm."""
        most = self._requests / 10 + RETRIES_AT_MOST + self._leaves + struck
        require(self._retries <= most, f"{self._retries} of {self._requests} requests were retries")
        if self._calm is not None:
            requests, retries = self._requests - self._calm[0], self._retries - self._calm[1]
            most = requests / 10 + RETRIES_AT_MOST
            require(retries <= most, f"{retries} of {requests} requests were retries, and nothing was wrong")

    def _remember(self, purpose: Purpose, outcome: outcomes.Outcome, now: float) -> None:
        """Until when it is a retry to ask for this again: what is not there yet may be asked for after the patience."""
        if isinstance(outcome, outcomes.NotReady):
            self._failed[purpose] = now + self._patience_s
        elif isinstance(outcome, outcomes.Trouble | outcomes.Unknown) or _is_for_now(outcome):
            self._failed[purpose] = inf
        else:
            self._failed.pop(purpose, None)


def _purpose(effect: effects.Effect) -> Purpose:
    """What is asked for, whichever attempt it is."""
    match effect:
        case effects.Submit():
            return "submit", effect.batch
        case effects.Upload() | effects.CompareUpload():
            return type(effect).__name__, effect.image
        case effects.Look() | effects.Identify() | effects.Collect():
            return type(effect).__name__, effect.job
        case _:
            return type(effect).__name__, 0


def _is_for_now(outcome: outcomes.Outcome) -> bool:
    return isinstance(outcome, outcomes.Refused) and outcome.why in (Refusal.NO_SLOT, Refusal.THROTTLED)


def _is_throttled(outcome: outcomes.Outcome) -> bool:
    if isinstance(outcome, outcomes.Refused):
        return outcome.why is Refusal.THROTTLED
    return isinstance(outcome, outcomes.Trouble) and outcome.kind is TroubleKind.THROTTLED
