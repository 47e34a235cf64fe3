"""Deliberate breakages of the engine: each is a rule taken away, and the simulator must notice.

`seed` is where a search from 0 found it first.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import requests

from coralrun import driver, perform
from coralrun.coralnet import ledger, limiter, wire
from coralrun.coralnet.ledger import Ledger
from coralrun.ids import sha256_hex
from coralrun.machine import adopt, decide, facts, learn, learn_jobs, outcomes, policy, settle, volatile
from coralrun.machine.durable import apply
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.state import Instant
from coralrun.ports import Answer
from coralrun.store import files, lock, run, snapshot
from coralrun.store.blobs import BlobStore
from coralrun.store.run import RunJournal

_request = requests.Session.request
_shared_out = learn_jobs._shared_out

Broken = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One breakage, the seed that finds it, and what is then said."""

    name: str
    broken: Broken
    seed: int
    says: str


def _never_arrived(batch: object, **seen: object) -> adopt.NeverArrived:
    return adopt.NeverArrived()


def _again_for_ever(reason: Reason, tries: int, attempts: int) -> bool:
    return reason in AGAIN


def _again_always(reason: Reason, tries: int, attempts: int) -> bool:
    return tries < attempts


def _never_again(reason: Reason, tries: int, attempts: int) -> bool:
    return False


def _mixed_up(state: Any, missed: Any) -> Any:
    """Every image that ends is not there, whatever it was."""
    final, again = _shared_out(state, missed)
    return dict.fromkeys(final, Reason.NOT_FOUND), again


def _no_sync(path: object) -> None:
    return None


def _unlocked(layout: object, disk: object, *, since: str) -> AbstractContextManager[None]:
    return nullcontext()


def _credit_by_set(self: perform.Performer, effect: Any) -> Any:
    answer = self.service.fetch(effect.job)
    if not isinstance(answer, Answer):
        return answer
    asked = {mark for _, mark, _ in self._asked(effect.batch, effect.attempt, effect.images, effect.sizes)}
    if {entry.mark for entry in answer.entries} != asked:
        return outcomes.Mismatch("other entries")
    sha256 = self.blobs.write(effect.batch, effect.attempt, answer.blob)
    return outcomes.Collected(sha256=sha256, ok=len(effect.images))


@contextmanager
def _blob_after_fact() -> Iterator[None]:
    """A result is kept in memory until the fact that names it is on disk."""
    waiting: list[tuple[BlobStore, int, int, bytes]] = []
    write, append, begin = BlobStore.write, RunJournal.append, RunJournal.__init__

    def written_later(self: BlobStore, batch: int, attempt: int, blob: bytes) -> str:
        waiting.append((self, batch, attempt, blob))
        return sha256_hex(gzip.compress(blob, compresslevel=6, mtime=0))

    def appended(self: RunJournal, happened: Sequence[facts.Fact]) -> None:
        append(self, happened)
        while waiting:
            write(*waiting.pop())

    def begun(self: RunJournal, *arguments: Any, **named: Any) -> None:
        waiting.clear()  # a new process remembers nothing
        begin(self, *arguments, **named)

    with (
        patch.object(BlobStore, "write", written_later),
        patch.object(RunJournal, "append", appended),
        patch.object(RunJournal, "__init__", begun),
    ):
        yield


def _apply_first(self: driver.Driver, completion: driver.Completion) -> None:
    """A fact is applied before it is on disk: it gets there when the next one comes."""
    now = Instant(self.clock.monotonic(), self.clock.utc())
    lesson = learn.learn(self.state, completion.effect, completion.outcome, now)
    for fact in lesson.facts:
        apply(self.state.durable, fact)
        self.watcher.happened(self.state, fact)
    for note in lesson.notes:
        self._note(note, now.mono_s)
    unwritten = [*_unwritten.pop(id(self), ()), *lesson.facts]
    if len(unwritten) > 1 or self.state.durable.finished_at:
        self.journal.append(unwritten)
    elif unwritten:
        _unwritten[id(self)] = unwritten


_unwritten: dict[int, list[facts.Fact]] = {}


def _apply_then_append(self: driver.Driver, completion: driver.Completion) -> None:
    """The two lines of the rule, the wrong way round."""
    now = Instant(self.clock.monotonic(), self.clock.utc())
    lesson = learn.learn(self.state, completion.effect, completion.outcome, now)
    for fact in lesson.facts:
        apply(self.state.durable, fact)
        self.watcher.happened(self.state, fact)
    if lesson.facts:
        self.journal.append(lesson.facts)
    for note in lesson.notes:
        self._note(note, now.mono_s)


def _unsynced(fd: int) -> None:
    return None


def _follow(self: requests.Session, *arguments: Any, **named: Any) -> requests.Response:
    return _request(self, *arguments, **{**named, "allow_redirects": True})


def _any_hash(data: bytes) -> str:
    return "0" * 64


@contextmanager
def _without_window(number: int) -> Iterator[None]:
    """The limiter keeps all windows but one."""
    free, wait_s = Ledger.free, Ledger.wait_s

    def others() -> AbstractContextManager[Any]:
        windows = tuple(window for place, window in enumerate(ledger.WINDOWS) if place != number)
        return patch.object(ledger, "WINDOWS", windows)

    def blind_free(self: Ledger, now: float) -> int:
        with others():
            return free(self, now)

    def blind_wait_s(self: Ledger, now: float, requests: int) -> float:
        with others():
            return wait_s(self, now, requests)

    with patch.object(Ledger, "free", blind_free), patch.object(Ledger, "wait_s", blind_wait_s):
        yield


def _forgetful(data: bytes, now: float) -> Ledger:
    return Ledger()


def _never_pauses() -> AbstractContextManager[Any]:
    why = {key: value for key, value in learn._PAUSED.items() if key is not outcomes.Refusal.BAD_REQUEST}
    return patch.object(learn, "_PAUSED", why)


def _never_stale(life_s: float | None) -> float:
    return float("inf")


@contextmanager
def _any_age() -> Iterator[None]:
    with (
        patch.object(policy, "serves_s", _never_stale),
        patch.object(perform._Cached, "has_life", lambda self, now: True),
    ):
        yield


def _at_once(self: volatile.Outage, now: float) -> volatile.Outage:
    return volatile.Outage(self.since_s, now, self.failures + 1, now)


@contextmanager
def _not_settled() -> Iterator[None]:
    """The wait for a reply that was lost begins, and is over."""
    send_or_settle = settle.send_or_settle

    def hasty(draft: Any) -> None:
        setup = draft.state.setup
        draft.state.setup = replace(setup, settle_s=0.0)
        try:
            send_or_settle(draft)
        finally:
            draft.state.setup = setup

    rules = tuple(hasty if rule is send_or_settle else rule for rule in decide._RULES)
    with patch.object(decide, "_RULES", rules):
        yield


def _whole_url(url: str) -> str:
    return url


SABOTAGES: tuple[Sabotage, ...] = (
    Sabotage("no settle wait", _not_settled, 3, "is a duplicate"),
    Sabotage("no adoption", lambda: patch.object(adopt, "judge", _never_arrived), 0, "is a duplicate"),
    Sabotage(
        "a list that overflowed is believed",
        lambda: patch.object(adopt, "FINISHED_JOBS_PER_ACTIVE", 1000),
        11,
        "is a duplicate",
    ),
    Sabotage(
        "facts are applied before they are on disk",
        lambda: patch.object(driver.Driver, "_complete", _apply_first),
        0,
        "the live state is not the one on disk",
    ),
    Sabotage(
        "facts are applied and then appended",
        lambda: patch.object(driver.Driver, "_complete", _apply_then_append),
        0,
        "damage where there is none",
    ),
    Sabotage("no fsync of directories", lambda: patch.object(files, "sync_directory", _no_sync), 0, "identity is gone"),
    Sabotage("no fsync of files", lambda: patch.object(files, "_sync", _unsynced), 0, "damage where there is none"),
    Sabotage("redirects are followed", lambda: patch.object(requests.Session, "request", _follow), 24, "was followed"),
    Sabotage("the hourly window is ignored", lambda: _without_window(1), 208, "more requests than"),
    Sabotage("the burst window is ignored", lambda: _without_window(0), 296, "more requests than"),
    Sabotage(
        "requests of other processes are ignored",
        lambda: patch.object(limiter, "decode", _forgetful),
        1128,
        "more requests than",
    ),
    Sabotage(
        "results are credited by set and not by order",
        lambda: patch.object(perform.Performer, "_collect", _credit_by_set),
        3,
        "was credited",
    ),
    Sabotage("a result is written after its fact", _blob_after_fact, 6, "is missing"),
    Sabotage("a 400 is tried again", _never_pauses, 42, "refused for good"),
    Sabotage("the lock is not taken", lambda: patch.object(lock, "hold", _unlocked), 5, "two processes work"),
    Sabotage(
        "a snapshot is trusted without its hash",
        lambda: patch.object(snapshot, "sha256_hex", _any_hash),
        120,
        "not the state that was written",
    ),
    Sabotage("any identity is believed", lambda: patch.object(run, "sha256_hex", _any_hash), 16, "taken for another"),
    Sabotage("no cap on attempts", lambda: patch.object(policy, "is_again", _again_for_ever), 5, "had its attempts"),
    Sabotage(
        "a permanent error is tried again",
        lambda: patch.object(policy, "is_again", _again_always),
        3,
        "a permanent error is tried again",
    ),
    Sabotage("one try is all", lambda: patch.object(policy, "is_again", _never_again), 0, "that had tries left"),
    Sabotage(
        "reasons are mixed up",
        lambda: patch.object(learn_jobs, "_shared_out", _mixed_up),
        3,
        "and ended as not-found",
    ),
    Sabotage("a URL is sent at any age", _any_age, 12, "too little life"),
    Sabotage("no pause after failures", lambda: patch.object(volatile.Outage, "worse", _at_once), 5, "in a row"),
    Sabotage("results keep their URLs", lambda: patch.object(wire, "without_query", _whole_url), 0, "a secret stands"),
)
