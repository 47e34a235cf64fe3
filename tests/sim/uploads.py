"""The engine's uploads in a world of faults that a seed draws; others use the source too, and processes die anywhere.

Rule: the real deciding, interpreting and applying, and the journal's own form; only the source is a model, which has at
most one photo of a name, as CoralNet's database has. Promises are checked after every step and at the end:

- a photo is sent only with its intent on disk, and only while nothing else is submitted;
- what the run says is there is there, with the bytes that were planned, and is called ours only if this run sent it;
- each photo is there once, or its unit ended; where both are true by our own hand, the run says so, or that it may be;
- nothing of anybody else's is changed.

`python -m tests.sim.uploads --seeds 20000` lives through so many.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.unit.states import planned

from coralrun.coralnet.protocol import LIMITS
from coralrun.coralnet.upload_rules import same_name
from coralrun.machine import decide, effects, facts, interpret, notes, outcomes, volatile
from coralrun.machine.apply import apply
from coralrun.machine.codec import decode_fact, encode_fact
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Instant, PhotoToUpload, Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.values.ids import SplitMix64, seed_from

AT = "2026-01-01T00:00:00Z"
MOST_STEPS = 3_000
NEVER_MIND = (effects.Bookkeeping, effects.AskNames, effects.Upload, effects.CompareUpload, effects.List)
"""What the engine may do while photos are to be uploaded."""


class Violation(AssertionError):
    """A promise was broken."""


class Died(Exception):
    """The process dies here."""


@dataclass(slots=True)
class Kept:
    """One photo at the source."""

    id: str
    sha256: str
    by: str


@dataclass(slots=True)
class Source:
    """At most one photo of a name; `late` are photos of ours whose requests are still on their way."""

    chance: SplitMix64
    photos: dict[str, Kept] = field(default_factory=dict)
    late: list[PhotoToUpload] = field(default_factory=list)
    last_id: int = 0

    def put(self, name: str, sha256: str, by: str) -> bool:
        """Insert a photo; False where its name is taken."""
        if same_name(name) in self.photos:
            return False
        self.last_id += 1
        self.photos[same_name(name)] = Kept(str(self.last_id), sha256, by)
        return True

    def arrive(self) -> None:
        """Let what was on its way arrive."""
        for photo in self.late:
            self.put(photo.name, photo.sha256, "run")
        self.late.clear()

    def by_id(self, number: str) -> Kept | None:
        """A photo by its number."""
        return next((photo for photo in self.photos.values() if photo.id == number), None)


class Life:
    """One run, process after process."""

    def __init__(self, seed: int) -> None:
        self.chance = SplitMix64(seed_from("uploads", seed))
        count = 1 + self.chance.below(8)
        self.photos = [PhotoToUpload(n, "1", f"Photo {n}.jpg", f"{n:064x}") for n in range(count)]
        self.source = Source(self.chance)
        self.faults = self.chance.below(60)
        self.deaths = self.chance.below(6)
        for photo in self.photos:
            kind = self.chance.below(6)
            if kind == 0:
                self.source.put(photo.name, photo.sha256, "before")
            elif kind == 1:
                self.source.put(photo.name.upper(), "f" * 64, "before")
        self.others = {name: (kept.id, kept.sha256) for name, kept in self.source.photos.items()}
        self.journal: list[bytes] = []
        self.now = 1000.0
        self.sent: set[str] = set()
        self._setup = Setup(
            entries=(1,) * count,
            sizes=(None,) * count,
            batch_size=100,
            concurrency=5,
            attempts=3,
            allowed=LIMITS,
            uploads=tuple(self.photos),
            classifies=False,
        )
        self._append([planned(count)], whole=True)
        self.state = self._restarted()

    def live(self) -> None:
        """Live until every photo is there or has ended; raises Violation."""
        for _ in range(MOST_STEPS):
            try:
                if self._step():
                    self._check_end()
                    return
            except Died:
                self.state = self._restarted()
            self._check()
        raise Violation("the uploads never end")

    def _restarted(self) -> State:
        durable = Durable()
        for line in self.journal:
            apply(durable, decode_fact(line))
        self.now += 1.0
        return State(self._setup, durable, Volatile(self.now))

    def _append(self, happened: list[facts.Fact], *, whole: bool = False) -> None:
        """Write facts; a process that dies meanwhile has written the first of them, or none."""
        dies = not whole and self._dies()
        kept = self.chance.below(len(happened) + 1) if dies else len(happened)
        self.journal += [encode_fact(fact) for fact in happened[:kept]]
        if dies:
            raise Died

    def _dies(self) -> bool:
        dies = self.deaths > 0 and self.chance.below(12) == 0
        self.deaths -= dies
        return dies

    def _fails(self) -> bool:
        fails = self.faults > 0 and self.chance.below(4) == 0
        self.faults -= fails
        return fails

    def _step(self) -> bool:
        """Decide once, and do it; whether nothing is left to upload."""
        durable = self.state.durable
        if durable.paused is not None:
            self._append([facts.Opened(AT, "1")], whole=True)
            self.state = self._restarted()
            return False
        if durable.is_over:
            self._late_ones_arrive(one_in=2)
        decision = decide.decide(self.state, self.now)
        for effect in decision.effects:
            if not isinstance(effect, NEVER_MIND):
                raise Violation(f"{type(effect).__name__} while photos are to be uploaded")
        if effects.Finish() in decision.effects:
            return True
        chosen = [effect for effect in decision.effects if not isinstance(effect, effects.List)]
        if not chosen:
            self.now = max([self.now, *(wait.until_s for wait in decision.waits)])
            self._late_ones_arrive(one_in=4)
            self._others_come()
        for effect in chosen:
            if self._dies():
                raise Died
            volatile.observe(self.state.volatile, notes.Started(effect), self.now)
            self._complete(effect, self._perform(effect))
        return False

    def _complete(self, effect: effects.Effect, outcome: outcomes.Outcome) -> None:
        if self._dies():
            raise Died
        self.now += 0.1
        consequences = interpret.interpret(self.state, effect, outcome, Instant(self.now, AT))
        if consequences.facts:
            self._append(list(consequences.facts))
        for fact in consequences.facts:
            apply(self.state.durable, fact)
        for note in consequences.notes:
            volatile.observe(self.state.volatile, note, self.now)

    def _late_ones_arrive(self, one_in: int) -> None:
        """Let what was on its way arrive, or be on its way still."""
        if self.chance.below(one_in) == 0:
            self.source.arrive()

    def _others_come(self) -> None:
        """Somebody else uploads a photo under one of our names, with bytes of their own."""
        if self._fails():
            name = self.photos[self.chance.below(len(self.photos))].name
            if self.source.put(name, "e" * 64, "others"):
                kept = self.source.photos[same_name(name)]
                self.others[same_name(name)] = kept.id, kept.sha256

    def _perform(self, effect: effects.Effect) -> outcomes.Outcome:
        match effect:
            case effects.AskNames(images):
                if self._fails():
                    return self._trouble()
                names = [image.partition("/")[2] for image in images]
                found = (self.source.photos.get(same_name(name)) for name in names)
                return outcomes.Names(tuple("" if kept is None else kept.id for kept in found))
            case effects.Upload(image, unit):
                return self._upload(image, self.photos[unit])
            case effects.CompareUpload(id=number, sha256=sha256):
                if self._fails():
                    return self._trouble()
                kept = self.source.by_id(number)
                return outcomes.Missing() if kept is None else outcomes.Compared(kept.sha256 == sha256)
            case _:
                return outcomes.Done()

    def _upload(self, image: str, photo: PhotoToUpload) -> outcomes.Outcome:
        intents = [fact for line in self.journal if isinstance(fact := decode_fact(line), facts.UploadIntended)]
        if not intents or intents[-1].image != image:
            raise Violation("a photo is sent without its intent on disk")
        self._others_come()
        if photo in self.source.late and self.chance.below(3) == 0:
            return outcomes.Unusable(Reason.CHANGED)  # its file was, while the first request is on its way
        if not self._fails():
            self.sent.add(image)
            taken = same_name(photo.name) in self.source.photos
            self.source.put(photo.name, photo.sha256, "run")
            return outcomes.Unknown() if taken else outcomes.Stored(self.source.photos[same_name(photo.name)].id)
        match self.chance.below(8):
            case 0:
                self.source.put(photo.name, photo.sha256, "run")
            case 1 | 6 | 7:
                self.source.late.append(photo)
            case 2:
                return self._trouble()
            case 3:
                return outcomes.NotTaken(Reason.UPLOAD_REFUSED)
            case 4:
                return outcomes.Unusable(Reason.CHANGED)
        self.sent.add(image)
        return outcomes.Unknown()

    def _trouble(self) -> Trouble:
        kinds = (TroubleKind.UNREACHABLE, TroubleKind.THROTTLED, TroubleKind.CREDENTIALS)
        return Trouble(kinds[self.chance.below(3)], wait_s=3.0)

    def _check(self) -> None:
        for image, stored in self.state.durable.stored.items():
            kept = self.source.by_id(stored.id)
            if kept is None or kept.sha256 != stored.sha256:
                raise Violation("what the run says is there is not, or has other bytes")
            if stored.ours is not (kept.by == "run"):
                raise Violation("whose photo it is")
            if stored.sha256 != self.photos[int(image.split()[-1].removesuffix(".jpg"))].sha256:
                raise Violation("another photo than was planned")
        for name, known in self.others.items():
            kept = self.source.photos[name]
            if (kept.id, kept.sha256) != known:
                raise Violation("a photo of somebody else's was changed")
        replayed = Durable()
        for line in self.journal:
            apply(replayed, decode_fact(line))
        if replayed != self.state.durable:
            raise Violation("replay is not what was live")

    def _check_end(self) -> None:
        self.source.arrive()
        for photo in self.photos:
            kept = self.source.photos.get(same_name(photo.name))
            durable = self.state.durable
            why = durable.ended.get(photo.unit)
            why = None if why is Reason.NOT_ASKED else why
            stored, missed = durable.stored.get(photo.image), durable.missed.get(photo.image)
            is_told = (stored is not None and stored.unclaimed) or (missed is not None and missed.lost)
            is_there = kept is not None and kept.sha256 == photo.sha256
            if (stored is not None) is (why is not None) and not is_told:
                raise Violation("a photo has ended and is there, or neither")
            if why is None and not is_there:
                raise Violation("a photo is not there")
            if why is not None and is_there and kept is not None and kept.by == "run" and not is_told:
                raise Violation("a photo is there, and its unit has ended without it")
            if why is Reason.NAME_TAKEN and is_there:
                raise Violation("a name is said to be taken by our own bytes")


def violation(seed: int) -> str:
    """What is broken in the life of a seed, "" for nothing."""
    try:
        Life(seed).live()
    except Violation as broken:
        return str(broken)
    except AssertionError as defect:
        return f"a defect: {defect}"
    return ""


def _violations(first: int, seeds: int) -> Iterator[tuple[int, str]]:
    for seed in range(first, first + seeds):
        broken = violation(seed)
        if broken:
            yield seed, broken


def main() -> None:
    """Live through many seeds, and say what was broken."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--start", type=int, default=0)
    asked = parser.parse_args()
    began, found = time.monotonic(), 0
    for seed, broken in _violations(asked.start, asked.seeds):
        found += 1
        print(f"seed {seed}: {broken}")
    print(f"{asked.seeds:,} seeds, {found} violations, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
