"""Random walks of a run whose survey changes at any moment, with jobs under way, lost replies and crashes.

Rule: the walk decides what happens, the machine what that means. A walk ends with the last plan carried out; then the
images of that plan are what a fresh run of it would have made of the same replies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from msgspec import structs
from tests.unit.plans import PLAN
from tests.unit.states import AT

from coralrun.errors import RunDamaged
from coralrun.machine import durable, facts, reconcile
from coralrun.machine.codec import decode_fact, encode_fact
from coralrun.machine.durable import Durable, Phase, apply
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import KnownPlan
from coralrun.machine.units import PlanUnits, ascending
from coralrun.planning.model import Classifier, Plan, PlannedImage, Point, Size
from coralrun.store import snapshot
from coralrun.store.journal import Position

WALKS = 150
SIZE = Size(90, 60)

Content = tuple[str, int, int, int]
"""What is asked for: the image, its photo, its points, the classifier."""


class Wrong(AssertionError):
    """A promise that was not kept."""


@dataclass
class Walk:
    """One run, and what was really sent and answered."""

    chance: Random
    state: Durable = field(default_factory=Durable)
    happened: list[facts.Fact] = field(default_factory=list)
    plans: list[KnownPlan] = field(default_factory=list)
    asked: list[list[Content]] = field(default_factory=list)
    content_of: dict[int, Content] = field(default_factory=dict)
    answered: set[Content] = field(default_factory=set)
    jobs: int = 0

    def tell(self, fact: facts.Fact) -> None:
        self.happened.append(fact)
        apply(self.state, fact)

    # What happens

    def change(self) -> None:
        """Somebody changes the survey: names, order, photos, points, the classifier, or nothing."""
        names = [name for name in "abcdefgh" if self.chance.random() < 0.6] or ["a"]
        self.chance.shuffle(names)
        classifier = int(self.chance.random() < 0.1)
        wanted = [(name, self._few(), self._few(), classifier) for name in names]
        plan = plan_of(wanted)
        if not self.plans:
            planned = facts.Planned(AT, 1, "0" * 64, len(wanted), ((0, len(wanted) - 1),))
            units = planned.named
        else:
            retried = self.chance.random() < 0.3
            found = reconcile.reconcile(self.plans, self.state, plan, lambda reason: retried)
            units = found.units
            planned = facts.Planned(AT, self.state.plan + 1, "0" * 64, found.total, ascending(units), found.anew)
        self.tell(planned)
        self.plans.append(KnownPlan(plan, PlanUnits(units)))
        self.asked.append(wanted)
        for unit, content in zip(self.plans[-1].units.unit_of, wanted, strict=True):
            require(self.content_of.setdefault(unit, content) == content, "a number stands for something else now")
        require(len(set(self.content_of.values())) == len(self.content_of), "one content has two units")

    def _few(self) -> int:
        return int(self.chance.random() < 0.15)

    def step(self) -> None:
        """One thing that a run does, or that happens to it."""
        opened, active = self.state.open, list(self.state.active.values())
        if active and self.chance.random() < 0.4:
            self._end_job(self.chance.choice(active))
        elif opened is None:
            self._cut()
        elif opened.phase is Phase.CUT:
            sizes = tuple(SIZE for _ in opened.units)
            attempt = opened.attempt + 1
            self.tell(facts.Intended.of(AT, opened.number, attempt, len(sizes), "", (), sizes))
        else:
            self._settle(opened)

    def _cut(self) -> None:
        waiting = [*self.state.never_taken(), *self.state.again]
        if not waiting:
            return
        if self.chance.random() < 0.1:
            self.tell(facts.Ended(AT, {self.chance.choice(waiting): Reason.DENIED}))
            return
        self.tell(facts.Batched.of(self.state.next_batch, waiting[: self.chance.randint(1, 3)]))

    def _settle(self, batch: durable.Batch) -> None:
        number, attempt = batch.number, batch.attempt
        what = self.chance.random()
        if what < 0.15:
            self.tell(facts.Refused(AT, number, attempt, facts.RefusedWhy.NO_SLOT))
        elif what < 0.25:
            self.tell(facts.Doubted(AT, number, attempt))
        elif what < 0.3:
            drop = {self.chance.choice(batch.units): Reason.REJECTED}
            self.tell(facts.Refused(AT, number, attempt, facts.RefusedWhy.BAD_ENTRY, drop))
        else:
            for unit in batch.units:
                require(self.content_of[unit] not in self.answered, "what has a result is sent again")
            self.jobs += 1
            self.tell(facts.Submitted(AT, number, attempt, str(self.jobs)))

    def _end_job(self, batch: durable.Batch) -> None:
        number, attempt = batch.number, batch.attempt
        if self.chance.random() < 0.15:
            again = dict.fromkeys(batch.units, Reason.JOB_LOST)
            self.tell(facts.GaveUp(AT, number, attempt, batch.job, Reason.JOB_LOST, {}, again))
            return
        again = {unit: Reason.HOST_ERROR for unit in batch.units if self.chance.random() < 0.2}
        final = {unit: Reason.NOT_FOUND for unit in batch.units if unit not in again and is_gone(self.content_of[unit])}
        ok = [unit for unit in batch.units if unit not in again and unit not in final]
        self.answered |= {self.content_of[unit] for unit in ok}
        self.tell(facts.Collected(AT, number, attempt, batch.job, "0" * 64, len(ok), final, again))

    def crash(self) -> None:
        """The process dies: what was written is read again, with or without a snapshot in between."""
        state, first = Durable(), 0
        if self.chance.random() < 0.5:
            first = self.chance.randint(1, len(self.happened))
            for fact in self.happened[:first]:
                apply(state, decode_fact(encode_fact(fact)))
            state, _ = snapshot.decode(snapshot.encode(state, Position(1, 1)), name="snapshot")
        for fact in self.happened[first:]:
            apply(state, decode_fact(encode_fact(fact)))
        require(state == self.state, "what is read again is something else")
        require(list(state.again) == list(self.state.again), "images are tried again in another order")
        self.state = state

    # What must hold

    def check(self) -> None:
        """What holds at every moment."""
        state = self.state
        named = set(self.plans[-1].units.unit_of)
        waiting = [*state.never_taken(), *state.again]
        require(named.issuperset(waiting), "what no plan wants waits to be sent")
        require(len(set(waiting)) == len(waiting), "an image waits twice")
        require(len(named) == state.wanted, "the images do not add up")
        cut = state.open is not None and state.open.phase is Phase.CUT
        require(not cut or named.issuperset(state.open.units), "what no plan wants is about to be sent")  # type: ignore[union-attr]
        accounted = {*waiting, *state.ended, *(named & state.units_in_batches())}
        succeeded = {unit for job in state.closed for unit in job.succeeded}
        require(accounted | (succeeded & named) == named, "an image is forgotten")
        require(not accounted & succeeded & named, "what succeeded is not over")
        require(state.units_over == len(named & succeeded) + len(state.ended), "the images that are over do not add up")

    def finish(self) -> None:
        """Carry the last plan out, and compare its images with those of a fresh run."""
        for _ in range(2_000):
            if self.state.is_over:
                break
            self.step()
            self.check()
        self.tell(facts.Finished(AT))
        known = PlanState(self.state, self.plans[-1].units)
        succeeded, ended = set(known.succeeded()), known.ended()
        require(sum(known.counts()) == len(self.asked[-1]), "an image ends twice, or not at all")
        for image, content in enumerate(self.asked[-1]):
            if image in succeeded:
                require(content in self.answered, "an image has a result that was never given")
            else:
                own = is_gone(content) and ended[image] is Reason.NOT_FOUND
                require(own or ended[image] in (Reason.DENIED, Reason.REJECTED), "an image failed for no reason")
            require(image not in succeeded or not is_gone(content), "a photo that is gone has a result")


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Wrong(what)


def is_gone(content: Content) -> bool:
    """Whether the service says for ever that this photo is not found."""
    return content[:2] in (("c", 0), ("e", 1))


def plan_of(wanted: list[Content]) -> Plan:
    images = tuple(
        structs.replace(PLAN.images[0], key=name, name=name, image_id=None, url=f"https://h.test/{name}?{photo}")
        for name, photo, _, _ in wanted
    )
    points = {name: (Point(1, 1), Point(2, points)) for name, _, points, _ in wanted}
    classifier = Classifier(id=str(wanted[0][3]))
    return replace(PLAN, images=images, design=None, file_points=points, classifier=classifier)


def walked(seed: int) -> None:
    """One walk; raises Wrong."""
    walk = Walk(Random(seed))
    for _ in range(walk.chance.randint(1, 5)):
        walk.change()
        walk.check()
        for _ in range(walk.chance.randint(0, 25)):
            walk.step()
            walk.check()
            if walk.chance.random() < 0.05:
                walk.crash()
        if walk.state.is_over and walk.chance.random() < 0.5:
            walk.tell(facts.Finished(AT))
    if not walk.state.finished_at:
        walk.finish()


@pytest.mark.parametrize("first", range(0, WALKS, 50))
def test_a_run_becomes_what_its_survey_says_whatever_happens_meanwhile(first: int) -> None:
    for seed in range(first, first + 50):
        walked(seed)


def _still_wanted(state: Durable, fact: facts.Planned) -> None:
    before = dict(state.again)
    PLANNED(state, fact)
    state.again = before | state.again


def _forgotten(state: Durable, fact: facts.Planned) -> None:
    before = dict(state.again)
    PLANNED(state, fact)
    state.again = {unit: None for unit in state.again if unit in before}


def _kept_open(state: Durable, batch: durable.Batch, units: tuple[int, ...]) -> None:
    state.open = structs.replace(batch, units=units, phase=Phase.CUT) if units else None


def _ended(state: Durable, final: Mapping[int, Reason]) -> None:
    state.ended.update(final)


def _always_new(known: Any, plan: Plan, image: PlannedImage, preferred: int | None) -> int:
    known.total += 1
    known.is_taken.append(0)
    return int(known.total) - 1


PLANNED = durable._plan
PLANTED: Mapping[str, tuple[Any, str, Any]] = {
    "what was withdrawn is tried again": (durable, "_plan", _still_wanted),
    "what is wanted again is forgotten": (durable, "_plan", _forgotten),
    "what was withdrawn stays in a batch": (durable, "_keep_open", _kept_open),
    "what was withdrawn is accounted for": (durable, "_end", _ended),
    "what is in a job is sent again": (Durable, "units_in_batches", lambda state: frozenset()),
    "what succeeded is sent again": (Durable, "succeeded_units", lambda state: bytearray(state.units)),
    "other points are the same work": (reconcile._Contents, "points", lambda contents, plan, image: ("",)),
    "another photo is the same work": (reconcile, "identity_of", lambda image, buckets: (image.key,)),
    "the same work is new": (reconcile._Known, "take", _always_new),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_each_planted_defect_is_found_in_a_few_walks(defect: str) -> None:
    where, name, instead = PLANTED[defect]
    with patch.object(where, name, instead), pytest.raises((Wrong, RunDamaged)):
        for seed in range(WALKS):
            walked(seed)
