"""The invariants: what must hold at every decision, every fact, every restart and at the end (design, section 9)."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

from coralrun.driver import Journal
from coralrun.machine import effects, facts, lineage
from coralrun.machine.apply import apply
from coralrun.machine.batches import Phase
from coralrun.machine.codec import encode_state
from coralrun.machine.decide import Decision
from coralrun.machine.durable import Durable
from coralrun.machine.notes import Verdict
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.runs import from_ranges
from coralrun.machine.state import State
from coralrun.planning.images import Size

from .knobs import Knobs
from .marks import of_image
from .platform import Made, Platform

if TYPE_CHECKING:
    from .asked import Asked

OURS = "0123456789."
"""How the marks of the run that is simulated begin."""

MOST_TURNS_AT_ONCE = 500
"""Turns of the loop without the clock moving: a wait that is over already would spin for ever."""


class Violation(AssertionError):
    """An invariant does not hold."""


def require(condition: bool, what: str) -> None:
    """Raise a Violation unless the condition holds."""
    if not condition:
        raise Violation(what)


class Witness:
    """Watches one world: the `Watcher` and the `Journal` of every process in it.

    `acknowledged` is the durable state by the facts whose append returned; `unconfirmed` are those whose append did
    not, also those that a later process found in its files before it wrote anything itself: after a death each of them
    may be there or not, in order.
    """

    def __init__(self, knobs: Knobs, asked: Asked) -> None:
        self.knobs = knobs
        self.asked = asked
        self.acknowledged = Durable()
        self.unconfirmed: tuple[facts.Fact, ...] = ()
        self.happenings: Counter[str] = Counter()
        self.soonest_s = 0.0
        self.journal: Journal | None = None
        self.sizes: dict[tuple[int, int], dict[int, Size]] = {}
        self._answered: set[int] = set()
        self._unsent: tuple[int, int] | None = None
        self._turns: tuple[float, int] = (-1.0, 0)

    # When a process writes

    @contextmanager
    def writing(self, happened: Sequence[facts.Fact]) -> Iterator[None]:
        """Facts become durable while this lasts: a process that dies in it may have written them, or not."""
        self.unconfirmed += tuple(happened)
        yield
        confirmed, self.unconfirmed = self.unconfirmed, ()
        for fact in confirmed:
            self._check_before(fact)
            apply(self.acknowledged, fact)

    # As the journal of a process

    def append(self, happened: Sequence[facts.Fact]) -> None:
        """Write through to the real journal, and remember what it confirmed."""
        assert self.journal is not None
        with self.writing(happened):
            self.journal.append(happened)
        for fact in happened:
            if isinstance(fact, facts.Intended):
                self._unsent = fact.batch, fact.attempt
            elif isinstance(fact, facts.Refused) and self._unsent == (fact.batch, fact.attempt):
                self._unsent = None

    # As the watcher of a process

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """There is always progress or a stated reason, and no wait spins."""
        self.soonest_s = min([wait.until_s for wait in decision.waits], default=inf)
        over = bool(state.durable.finished_at) or state.durable.paused is not None
        under_way = bool(decision.effects or state.volatile.in_flight or decision.waits)
        require(over or under_way, "nothing is under way and nothing is waited for")
        require(all(wait.why for wait in decision.waits), "a wait without a reason")
        at_s, count = self._turns
        self._turns = (now, count + 1 if at_s == now else 1)
        if self._turns[1] >= MOST_TURNS_AT_ONCE:
            raise Violation(f"the loop spins: {decision}")

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Count what happened; the live state is compared with the replayed one when nothing is half applied."""
        self.happenings[type(fact).__name__] += 1
        if isinstance(fact, facts.Refused | facts.GaveUp | facts.Paused):
            self.happenings[f"{type(fact).__name__}: {fact.why}"] += 1
        if isinstance(fact, facts.Submitted) and fact.adopted:
            self.happenings["adopted"] += 1
        if isinstance(fact, facts.Uploaded) and fact.adopted:
            self.happenings["adopted upload"] += 1
        if isinstance(fact, facts.Doubted):
            require(_may_be_hidden(state), "a doubt where the listing would have shown the job")
        for reason in _reasons(fact):
            self.happenings[of_image(reason)] += 1

    # When a process starts an effect, and when a new process has read the disk

    def started(self, state: State, effect: effects.Effect) -> None:
        """No submission without a durable intent; active jobs stay within what was announced and asked for."""
        live = state.durable
        same_order = list(live.again) == list(self.acknowledged.again)
        require(same_order and live == self.acknowledged, "the live state is not the one on disk")
        if isinstance(effect, effects.Upload):
            sent = self.acknowledged.upload
            require(sent is not None and sent.image == effect.image, "a photo is sent without its intent on disk")
        if isinstance(effect, effects.Submit):
            batch = self.acknowledged.open
            intended = batch is not None and batch.phase is Phase.INTENDED
            require(intended, "a submission without a durable intent")
            assert batch is not None
            self._unsent = None
            same = (batch.number, batch.attempt, batch.units, batch.sizes)
            require(same == (effect.batch, effect.attempt, effect.units, effect.sizes), "not what was intended")
            at_work = sum(ours.job in state.volatile.active_jobs for ours in live.active.values())
            most = self.asked.plan.concurrency
            require(at_work < most, "more jobs at work than asked for")
            require(len(live.active) < 2 * most, "more results left to lie than asked for")
            wanted = set(self.asked.units.unit_of)
            require(wanted.issuperset(effect.units), "what no plan wants is submitted")
            require(not any(map(self.asked.is_unfit, effect.units)), "a photo that cannot be taken is submitted")
            self._check_uploaded()
            seen, most = len(state.volatile.active_jobs), live.max_active
            if not seen < most == state.volatile.max_active:
                raise Violation(f"{seen} of {most} jobs at work, and one more")

    def _check_uploaded(self) -> None:
        """Every photo that is to be uploaded and classified is there, with the bytes that were planned."""
        known = self.acknowledged
        for unit, image in zip(self.asked.units.unit_of, self.asked.plan.images, strict=True):
            if image.upload is None:
                continue
            stored = known.stored.get(f"{image.upload.to}/{image.name}")
            is_over = unit in known.ended or unit in self._answered or unit in known.units_in_jobs()
            is_there = stored is not None and stored.sha256 == image.upload.sha256
            require(is_over or is_there, "a batch is submitted while photos are to be uploaded")

    def left(self) -> None:
        """A process that ends by itself leaves no intent behind that it never handed over: it costs the next a wait."""
        require(self._unsent is None, "an intent that was never sent is left behind")

    def resumed(self, loaded: Durable) -> None:
        """What was read is what was acknowledged, with a first part of what was being written, and no more."""
        self._unsent = None
        candidate = copy.deepcopy(self.acknowledged) if self.unconfirmed else self.acknowledged
        for count, fact in enumerate((None, *self.unconfirmed)):
            if fact is not None:
                apply(candidate, fact)
            if encode_state(loaded) == encode_state(candidate):
                self.unconfirmed = self.unconfirmed[:count]
                require(loaded == candidate, "what a snapshot does not hold differs")
                return
        raise Violation("the state that was read is not the state that was written")

    # At the end

    def ended(self, platform: Platform) -> None:
        """Every image ended exactly once and is credited right; no job was made twice or forgotten."""
        final = self.acknowledged
        credited = Counter(
            image for job in final.closed if job.sha256 for image in from_ranges(job.units) if image not in job.missed
        )
        require(set(credited.values()) <= {1}, f"not every image ended exactly once: {credited}")
        everything = frozenset(self.asked.units.unit_of)
        over = Counter(unit for unit in credited if unit in everything) + Counter(final.ended.keys())
        require(over == Counter(everything), f"not every image ended exactly once: {over}")
        require(len(everything & credited.keys()) == final.succeeded, "the images that succeeded do not add up")
        require(credited.keys() == self._answered, "a result is lost")
        require(all(tries <= self.asked.attempts for tries in final.tries.values()), "too many tries")
        self._check_reasons(final.ended, credited, platform.excused)
        self.check_jobs(platform.jobs)

    def _check_reasons(
        self, ended: Mapping[int, Reason], credited: Container[int], excused: Mapping[int, Container[Reason]]
    ) -> None:
        """An image misses on its own account or by what faults can bring, and for no other reason."""
        for image in self.asked.units.unit_of:
            nature = self.asked.nature(image)
            reason = ended.get(image)
            if self.asked.is_unfit(image) and self.asked.was_fit(image) and reason is not nature:
                nature = self.asked.nature_once(image)  # it was under way already when it was found that it is unfit
            if nature is not None and nature not in AGAIN and image in credited:
                raise Violation(f"image {image} is {nature} and was credited")
            own = self.asked.of(image)[1].url is not None and not self.asked.has_moved(image)
            require(not (own and reason is Reason.URL_EXPIRED), f"image {image} was tried again at a refused address")
            by_fault = reason in AGAIN or reason in excused.get(self.asked.photo(image), ())
            require(reason in (None, nature) or by_fault, f"image {image} is {nature} and ended as {reason}")

    def check_jobs(self, jobs: Iterable[Made]) -> None:
        """One job for an attempt at most, and none that the run does not know, unless it said so (`doubts`)."""
        attempts = {str(job.number): _attempt_of(job.mark) for job in jobs}
        made = Counter(attempt for attempt in attempts.values() if attempt is not None)
        require(all(count == 1 for count in made.values()), f"an attempt was submitted twice: {made}")
        known = {closed.job: (closed.batch, closed.attempt) for closed in self.acknowledged.closed}
        known |= {batch.job: (batch.number, batch.attempt) for batch in self.acknowledged.active.values()}
        for job, attempt in attempts.items():
            if attempt is not None and job not in known:
                require(attempt in self.acknowledged.doubts, f"job {job} of {attempt} is a duplicate")
            if job in known:
                require(attempt == known[job], f"job {job} is taken for another")

    @staticmethod
    def check_lineage(state: Durable, jobs: Iterable[Made]) -> None:
        """A process that opens the run takes none of its own jobs for one that another copy of the run sent."""
        for job in jobs:
            attempt = _attempt_of(job.mark)
            if attempt is not None:
                own = lineage.may_be_own(state, batch=attempt[0], attempt=attempt[1], job=str(job.number))
                require(own, f"job {job.number} of {attempt} is taken for another copy's")

    def _check_before(self, fact: facts.Fact) -> None:
        before = self.acknowledged
        if isinstance(fact, facts.Intended):
            assert before.open is not None
            for image in before.open.units:
                require(image not in before.ended, f"image {image} had ended and is submitted again")
                require(image not in self._answered, f"image {image} has a result and is submitted again")
                require(before.tries.get(image, 0) < self.asked.attempts, f"image {image} has had its attempts")
            self.sizes[fact.batch, fact.attempt] = dict(zip(before.open.units, fact.sizes, strict=True))
        if isinstance(fact, facts.Collected | facts.GaveUp | facts.Refused | facts.Ended):
            ends = fact.drop if isinstance(fact, facts.Refused) else fact.final
            require(not set(ends) & set(before.ended), "an image ends twice")
        if isinstance(fact, facts.Ended):
            missing = [unit for unit, why in fact.final.items() if why is Reason.NOT_FOUND]
            stored = [unit for unit in missing if self.asked.of(unit)[1].uploaded_as in before.stored]
            require(not stored, f"photos are not there, and are said to be: {stored}")
        if isinstance(fact, facts.Collected | facts.GaveUp):
            tries, most = before.tries, self.asked.plan.attempts
            early = [image for image, why in fact.final.items() if why in AGAIN and tries.get(image, 0) + 1 < most]
            require(not early, f"images that had tries left are given up: {early}")
        if isinstance(fact, facts.Collected):
            wrong = {image for image, reason in fact.again.items() if reason not in AGAIN}
            require(not wrong, f"a permanent error is tried again: {wrong}")
            batch = before.active[fact.batch]
            self._answered |= {unit for unit in batch.units if unit not in fact.final and unit not in fact.again}


def _may_be_hidden(state: State) -> bool:
    """Whether a job of ours may be there though no listing tells: it fell out of the list, or cannot be known.

    An account without a slot has no list at all, so what is not in it says nothing.
    """
    seen = state.volatile
    overflows = len(seen.finished_jobs) >= 2 * seen.max_active
    return seen.max_active > 0 and (overflows or Verdict.UNKNOWABLE in seen.verdicts.values())


def _reasons(fact: facts.Fact) -> list[Reason]:
    """Why images did not succeed by this fact."""
    match fact:
        case facts.Collected() | facts.GaveUp():
            return [*fact.final.values(), *fact.again.values()]
        case facts.Ended():
            return list(fact.final.values())
        case facts.Refused():
            return list(fact.drop.values())
        case _:
            return []


def _attempt_of(mark: str) -> tuple[int, int] | None:
    """The batch and attempt that a job was made for, None for another client's."""
    if not mark.startswith(OURS):
        return None
    _, batch, attempt, _ = mark.split(".")
    return int(batch), int(attempt)
