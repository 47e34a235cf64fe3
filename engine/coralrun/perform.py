"""Performing effects: ask a port, check the answer against what was asked, return a small outcome.

Rule: I/O and comparison only; no decision is made here and no state of the run is kept, but for the places of images
that were resolved and not yet sent. A result is credited only on the marks, the order and the points of its own intent,
and is on disk before its outcome names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from coralrun.machine import effects, outcomes
from coralrun.machine.job_id import attempt_name
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.lay import AnotherSize, PointsOutside, check_fits, lay_unchecked
from coralrun.planning.model import Plan
from coralrun.planning.points import AreaTooSmall, split
from coralrun.ports import Answer, Clock, Entry, Images, Located, Place, Service, Uploads
from coralrun.values.classified import StoredEntry
from coralrun.values.signatures import has_ended

LEAST_LIFE_SHARE = 4
"""A URL is not sent with less than a quarter of its life left: it must outlive the service's queue."""


class Blobs(Protocol):
    """Where results are kept."""

    def write(self, batch: int, attempt: int, entries: Sequence[StoredEntry], reply: bytes) -> str:
        """Store a result durably, with the reply that it came in, and return the SHA-256 of the result's file."""
        ...


@dataclass(frozen=True, slots=True)
class _Cached:
    located: Located
    asked_s: float

    def left_s(self, now: float) -> float | None:
        """How long the URL still lives, at least; None for ever."""
        life_s = self.located.life_s
        return None if life_s is None else max(0.0, self.asked_s + life_s - now)

    def has_life(self, now: float) -> bool:
        life_s, left_s = self.located.life_s, self.left_s(now)
        return life_s is None or left_s is None or left_s >= life_s / LEAST_LIFE_SHARE


@dataclass(slots=True)
class Performer:
    """Performs any effect but bookkeeping. Safe to call from several threads, one for each channel.

    `withdrawn` holds units that the plan names no longer and that may be in a job: each with the plan that introduced
    it, from which its points follow, and its image there. `moved` holds those that were sent with another address than
    the plan has now. `uploads` is None where nothing is uploaded.
    """

    plan: Plan
    units: PlanUnits
    run_id: str
    service: Service
    images: Images
    blobs: Blobs
    clock: Clock
    withdrawn: Mapping[int, tuple[Plan, PlannedImage]] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    uploads: Uploads | None = None
    _located: dict[int, _Cached] = field(default_factory=dict)

    def perform(self, effect: effects.Effect) -> outcomes.Outcome:
        """Perform one effect and say what came of it."""
        match effect:
            case effects.Resolve(image):
                return self._resolve(image)
            case effects.List(since, done_before):
                return self.service.listing(since, done_before)
            case effects.Submit():
                return self._submit(effect)
            case effects.Look(job):
                return self.service.look(job)
            case effects.Identify():
                return self._identify(effect)
            case effects.Collect():
                return self._collect(effect)
            case effects.Release(job):
                return self.service.release(job)
            case effects.AskNames() | effects.Upload() | effects.CompareUpload():
                return self._uploaded(effect)
            case effects.Bookkeeping():
                return outcomes.Done()

    def _uploaded(self, effect: effects.AskNames | effects.Upload | effects.CompareUpload) -> outcomes.Outcome:
        if self.uploads is None:
            detail = "this run has an upload to settle, and its service takes none"
            return outcomes.Trouble(outcomes.TroubleKind.CREDENTIALS, detail)
        match effect:
            case effects.AskNames(images):
                return self.uploads.names(images)
            case effects.Upload(unit=unit):
                return self.uploads.send(self._image(unit))
            case _:
                return self.uploads.compare(effect.id, effect.sha256)

    def _image(self, unit: int) -> PlannedImage:
        """The image that a unit of work stands for."""
        return self._planned(unit)[1]

    def _planned(self, unit: int) -> tuple[Plan, PlannedImage]:
        """The plan that tells of a unit of work, and its image there."""
        if unit in self.withdrawn:
            return self.withdrawn[unit]
        return self.plan, self.plan.images[self.units.image_of(unit)]

    def _resolve(self, unit: int) -> outcomes.Resolved | outcomes.Unusable | outcomes.Trouble:
        image = self._image(unit)
        if image.unfit is not None:  # it was under way when a further plan found that it cannot be taken
            return outcomes.Unusable(Reason(image.unfit))
        asked_s = self.clock.monotonic()  # a URL's life began before its page was here, and a page may take a minute
        located = self.images.locate(image)
        if not isinstance(located, Located):
            return located
        try:
            check_fits(self.plan, image, located.size)
        except AreaTooSmall:
            return outcomes.Unusable(Reason.AREA_TOO_SMALL, located.size)
        except AnotherSize:
            return outcomes.Unusable(Reason.ANOTHER_SIZE, located.size)
        except PointsOutside:
            return outcomes.Unusable(Reason.POINT_OUTSIDE, located.size)
        self._located[unit] = cached = _Cached(located, asked_s)
        return outcomes.Resolved(located.size, cached.left_s(self.clock.monotonic()))

    def _submit(
        self, effect: effects.Submit
    ) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown | outcomes.NotSent:
        now = self.clock.monotonic()
        places: dict[int, Place] = {}
        stale: list[int] = []
        for unit in effect.units:
            cached = self._located.get(unit)
            planned = self._image(unit).url
            if cached is not None and cached.has_life(now):
                places[unit] = cached.located.place
            elif planned is not None:
                places[unit] = planned
            else:
                stale.append(unit)
        if stale:
            return outcomes.NotSent(tuple(stale))
        asked = self._asked(effect.batch, effect.attempt, effect.units, effect.sizes)
        sizes = dict(zip(effect.units, effect.sizes, strict=True))
        entries = [
            Entry(mark, places[unit], points, unit, sizes[unit], self._image(unit).sha256)
            for unit, mark, points in asked
        ]
        name = attempt_name(effect.batch, effect.attempt)
        outcome = self.service.submit(name, entries)
        if isinstance(outcome, outcomes.Accepted):
            for unit in effect.units:
                self._located.pop(unit, None)
                self.moved.discard(unit)
        return outcome

    def _asked(
        self, batch: int, attempt: int, units: tuple[int, ...], sizes: tuple[Size, ...]
    ) -> Iterator[tuple[int, str, tuple[Point, ...]]]:
        """The entries of an attempt, in order: unit, mark and points. Here alone they follow from the plan that tells
        of the units, and from the sizes."""
        entry = 0
        for unit, size in zip(units, sizes, strict=True):
            plan, image = self._planned(unit)
            for chunk in split(lay_unchecked(plan, image, size), plan.points_per_entry):
                yield unit, self._mark(batch, attempt, entry), chunk
                entry += 1

    def _mark(self, batch: int, attempt: int, entry: int) -> str:
        return f"{self.run_id}.{batch}.{attempt}.{entry}"

    def _identify(
        self, effect: effects.Identify
    ) -> outcomes.Recognised | outcomes.Mismatch | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        """One mark of the attempt proves the job ours; whatever else is wrong with its result, `_collect` judges."""
        answer = self.service.fetch(effect.job)
        if not isinstance(answer, Answer):
            return answer
        if not answer.entries:
            return outcomes.Mismatch("a result without entries")
        stem = f"{self.run_id}.{effect.batch}.{effect.attempt}."
        return outcomes.Recognised(ours=any(entry.mark.startswith(stem) for entry in answer.entries))

    def _collect(
        self, effect: effects.Collect
    ) -> outcomes.Collected | outcomes.Mismatch | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        answer = self.service.fetch(effect.job)
        if not isinstance(answer, Answer):
            return answer
        asked = list(self._asked(effect.batch, effect.attempt, effect.units, effect.sizes))
        if len(asked) != len(answer.entries):
            return outcomes.Mismatch(f"{len(answer.entries)} entries instead of {len(asked)}")
        reasons: dict[int, Reason] = {}
        for (unit, mark, points), entry in zip(asked, answer.entries, strict=True):
            if entry.mark != mark:
                return outcomes.Mismatch("an entry is not where it was asked for")
            if entry.reason is None and entry.places != points:
                return outcomes.Mismatch("the points are not those that were asked for")
            if entry.reason is not None and (unit not in reasons or reasons[unit] in AGAIN):
                reasons[unit] = self._final_if_own(unit, entry.reason)
        kept = [
            StoredEntry(unit, entry.mark, () if entry.reason else entry.points, entry.reason)
            for (unit, _, _), entry in zip(asked, answer.entries, strict=True)
        ]
        sha256 = self.blobs.write(effect.batch, effect.attempt, kept, answer.reply)
        return outcomes.Collected(
            sha256=sha256,
            ok=len(effect.units) - len(reasons),
            final={unit: reason for unit, reason in reasons.items() if reason not in AGAIN},
            again={unit: reason for unit, reason in reasons.items() if reason in AGAIN},
        )

    def _final_if_own(self, unit: int, reason: Reason) -> Reason:
        """Why an image failed: an address that the plan has cannot be signed anew, so its refusal is its last; that of
        an address which the plan has no longer is not."""
        url = self._image(unit).url
        if reason is not Reason.URL_EXPIRED or url is None or unit in self.moved:
            return reason
        now_s = datetime.fromisoformat(self.clock.utc()).timestamp()
        return Reason.SIGNATURE_ENDED if has_ended(url, now_s) else Reason.HOST_REFUSED
