"""Breakages of what is decided, concluded and kept: each stands in for a piece of the engine, without the rule of it.

Rule: one breakage, one rule; what is not about it is as the engine does it. `sabotage` names them and puts them in.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import structs

from coralrun import driver, perform
from coralrun.errors import RunDamaged
from coralrun.machine import adopt, decide, facts, interpret, interpret_jobs, outcomes, policy, settle, volatile
from coralrun.machine.apply import apply
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.state import Instant
from coralrun.planning.images import Point
from coralrun.ports import Answer
from coralrun.store import plans, run, snapshot
from coralrun.store.blobs import BlobStore
from coralrun.store.run import RunJournal
from coralrun.values.classified import StoredEntry
from coralrun.values.ids import sha256_hex

_shared_out = interpret_jobs._shared_out
_of_resolve = interpret._of_resolve
_judge = adopt.judge
_make = run.make


def never_arrived(batch: object, **seen: object) -> adopt.NeverArrived:
    return adopt.NeverArrived()


def marker_of_now(marker: str) -> tuple[int, str]:
    """Whatever is listed was listed before."""
    return 10**15, ""


def known_jobs_alone(state: Any, *, batch: int, attempt: int, job: int) -> bool:
    return job in state.jobs


def again_for_ever(reason: Reason, tries: int, attempts: int) -> bool:
    return reason in AGAIN


def again_always(reason: Reason, tries: int, attempts: int) -> bool:
    return tries < attempts


def never_again(reason: Reason, tries: int, attempts: int) -> bool:
    return False


def mixed_up(state: Any, missed: Any) -> Any:
    """Every image that ends is not there, whatever it was."""
    final, again = _shared_out(state, missed)
    return dict.fromkeys(final, Reason.NOT_FOUND), again


@contextmanager
def sizes_by_luck() -> Iterator[None]:
    """An image whose page was asked for more than once is taken for narrower than it is."""
    resolve = perform.Performer._resolve
    asked: set[tuple[int, int]] = set()

    def resolved(self: perform.Performer, image: int) -> Any:
        outcome, known = resolve(self, image), (id(self), image)
        if isinstance(outcome, outcomes.Resolved) and known in asked:
            return structs.replace(outcome, size=outcome.size._replace(width=outcome.size.width - 10))
        asked.add(known)
        return outcome

    with patch.object(perform.Performer, "_resolve", resolved):
        yield


def no_sync(path: object) -> None:
    return None


def unlocked(layout: object, disk: object, *, since: str) -> AbstractContextManager[None]:
    return nullcontext()


def credit_by_set(self: perform.Performer, effect: Any) -> Any:
    answer = self.service.fetch(effect.job)
    if not isinstance(answer, Answer):
        return answer
    asked = {mark for _, mark, _ in self._asked(effect.batch, effect.attempt, effect.units, effect.sizes)}
    if {entry.mark for entry in answer.entries} != asked:
        return outcomes.Mismatch("other entries")
    asked_of = self._asked(effect.batch, effect.attempt, effect.units, effect.sizes)
    kept = [
        StoredEntry(number, entry.mark, entry.points)
        for (number, _, _), entry in zip(asked_of, answer.entries, strict=True)
    ]
    sha256 = self.blobs.write(effect.batch, effect.attempt, kept, answer.reply)
    return outcomes.Collected(sha256=sha256, ok=len(effect.units))


def planned_too_soon(layout: Any, disk: Any, identity: Any, files: Any, planned: facts.Planned) -> None:
    """A plan comes into force before its files are there."""
    with patch.object(plans, "write", lambda plan, disk, files: None):
        _make(layout, disk, identity, files, planned)
    plans.write(layout.plan(planned.plan), disk, files)


@contextmanager
def blob_after_fact() -> Iterator[None]:
    """A result is kept in memory until the fact that names it is on disk."""
    waiting: list[tuple[BlobStore, Path, bytes]] = []
    write, append, begin = BlobStore._write, RunJournal.append, RunJournal.__init__

    def written_later(self: BlobStore, path: Path, data: bytes) -> str:
        waiting.append((self, path, data))
        return sha256_hex(gzip.compress(data, compresslevel=6, mtime=0))

    def appended(self: RunJournal, happened: Sequence[facts.Fact]) -> None:
        append(self, happened)
        while waiting:
            write(*waiting.pop())

    def begun(self: RunJournal, *arguments: Any, **named: Any) -> None:
        waiting.clear()  # a new process remembers nothing
        begin(self, *arguments, **named)

    with (
        patch.object(BlobStore, "_write", written_later),
        patch.object(RunJournal, "append", appended),
        patch.object(RunJournal, "__init__", begun),
    ):
        yield


def apply_first(self: driver.Driver, completion: driver.Completion) -> None:
    """A fact is applied before it is on disk: it gets there when the next one comes."""
    now = Instant(self.clock.monotonic(), self.clock.utc())
    consequences = interpret.interpret(self.state, completion.effect, completion.outcome, now)
    for fact in consequences.facts:
        apply(self.state.durable, fact)
        self.watcher.happened(self.state, fact)
    for note in consequences.notes:
        self._note(note, now.mono_s)
    unwritten = [*_unwritten.pop(id(self), ()), *consequences.facts]
    if len(unwritten) > 1 or self.state.durable.finished_at:
        self.journal.append(unwritten)
    elif unwritten:
        _unwritten[id(self)] = unwritten


_unwritten: dict[int, list[facts.Fact]] = {}


def apply_then_append(self: driver.Driver, completion: driver.Completion) -> None:
    """The two lines of the rule, the wrong way round."""
    now = Instant(self.clock.monotonic(), self.clock.utc())
    consequences = interpret.interpret(self.state, completion.effect, completion.outcome, now)
    for fact in consequences.facts:
        apply(self.state.durable, fact)
        self.watcher.happened(self.state, fact)
    if consequences.facts:
        self.journal.append(consequences.facts)
    for note in consequences.notes:
        self._note(note, now.mono_s)


def unsynced(fd: int) -> None:
    return None


def any_seal(data: bytes, *, name: str, known: tuple[str, int]) -> bytes:
    """The object of a file as it stands, whatever digest it says it has."""
    body, comma, _ = data.rpartition(b",")
    if not comma:
        raise RunDamaged(f"{name}: damaged: it has no seal")
    return body + b"}"


def never_pauses() -> AbstractContextManager[Any]:
    why = {key: value for key, value in interpret._PAUSED.items() if key is not outcomes.Refusal.BAD_REQUEST}
    return patch.object(interpret, "_PAUSED", why)


def never_stale(life_s: float | None) -> float:
    return float("inf")


@contextmanager
def any_age() -> Iterator[None]:
    with (
        patch.object(policy, "serves_s", never_stale),
        patch.object(perform._Cached, "has_life", lambda self, now: True),
    ):
        yield


def at_once(self: volatile.Outage, now: float) -> volatile.Outage:
    return volatile.Outage(self.since_s, now, self.failures + 1, now)


@contextmanager
def not_settled() -> Iterator[None]:
    """The wait for a reply that was lost begins, and is over."""
    send_or_settle = settle.send_or_settle

    def hasty(draft: Any) -> None:
        setup = draft.state.setup
        draft.state.setup = replace(setup, allowed=replace(setup.allowed, settle_s=0.0))
        try:
            send_or_settle(draft)
        finally:
            draft.state.setup = setup

    rules = tuple(hasty if rule is send_or_settle else rule for rule in decide._RULES)
    with patch.object(decide, "_RULES", rules):
        yield


@contextmanager
def impatient() -> Iterator[None]:
    """A result that is late is asked for every second."""
    collect, look = decide._collect, decide._look

    def hurried(rule: Any) -> Any:
        def decided(draft: Any) -> None:
            setup = draft.state.setup
            draft.state.setup = replace(setup, allowed=replace(setup.allowed, look_most_s=1.0))
            try:
                rule(draft)
            finally:
                draft.state.setup = setup

        return decided

    rules = tuple(hurried(rule) if rule in (collect, look) else rule for rule in decide._RULES)
    with patch.object(decide, "_RULES", rules):
        yield


def settled_by_an_empty_list(batch: Any, **seen: Any) -> adopt.Judgement:
    """An account without a slot lists no job, and that is taken for an answer."""
    judged = _judge(batch, **seen)
    return adopt.Doubtful() if judged == adopt.Await(()) else judged


def alive_when_dead(state: Any, effect: Any, outcome: Any, now: Instant) -> Any:
    """A URL that has no life left when its page is here is taken for one that has."""
    if isinstance(outcome, outcomes.Resolved) and outcome.life_s == 0:
        outcome = structs.replace(outcome, life_s=0.001)
    return _of_resolve(state, effect, outcome, now)


def to_its_end(self: Any, now: float) -> bool:
    """A URL is sent as long as it lives."""
    return bool(self.left_s(now) != 0)


def overlapping(points: Sequence[Point], most: int) -> tuple[tuple[Point, ...], ...]:
    """An entry begins with the point that the one before it ended with."""
    return tuple(tuple(points[max(0, first - 1) : first + most]) for first in range(0, len(points), most))


@contextmanager
def unchained() -> Iterator[None]:
    """After a snapshot the checksums begin anew, whichever snapshot it is."""
    fold, decode = RunJournal._fold, snapshot.decode

    def folded(self: RunJournal) -> None:
        fold(self)
        self._journal.position = replace(self._journal.position, checksum=0)

    def decoded(data: bytes, *, name: str) -> Any:
        state, at = decode(data, name=name)
        return state, replace(at, checksum=0)

    with patch.object(RunJournal, "_fold", folded), patch.object(snapshot, "decode", decoded):
        yield
