"""Deliberate breakages of the engine: each is a rule taken away, and the simulator must notice.

`seed` is where a search from 0 found it first.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import requests

from coralrun import driver, perform
from coralrun.machine import adopt, outcomes, policy
from coralrun.machine.durable import apply
from coralrun.machine.learn import learn
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.state import Instant
from coralrun.ports import Answer
from coralrun.store import files, lock, run
from coralrun.store.blobs import BlobStore

_request = requests.Session.request

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


def _forgotten_blob(self: object, batch: int, attempt: int, blob: bytes) -> str:
    return "0" * 64


def _apply_first(self: driver.Driver, completion: driver.Completion) -> None:
    now = Instant(self.clock.monotonic(), self.clock.utc())
    lesson = learn(self.state, completion.effect, completion.outcome, now)
    for fact in lesson.facts:
        apply(self.state.durable, fact)
    for note in lesson.notes:
        self._note(note, now.mono_s)
    if lesson.facts and self.clock.monotonic() % 2 > 1:
        self.journal.append(lesson.facts)


def _unsynced(fd: int) -> None:
    return None


def _follow(self: requests.Session, *arguments: Any, **named: Any) -> requests.Response:
    return _request(self, *arguments, **{**named, "allow_redirects": True})


def _any_hash(data: bytes) -> str:
    return "0" * 64


SABOTAGES: tuple[Sabotage, ...] = (
    Sabotage("no adoption", lambda: patch.object(adopt, "judge", _never_arrived), 0, "is a duplicate"),
    Sabotage(
        "a list that overflowed is believed",
        lambda: patch.object(adopt, "FINISHED_JOBS_PER_ACTIVE", 1000),
        58,
        "is a duplicate",
    ),
    Sabotage("no cap on attempts", lambda: patch.object(policy, "is_again", _again_for_ever), 1, "had its attempts"),
    Sabotage(
        "a permanent error is tried again",
        lambda: patch.object(policy, "is_again", _again_always),
        3,
        "a permanent error is tried again",
    ),
    Sabotage("no fsync of directories", lambda: patch.object(files, "sync_directory", _no_sync), 1, "identity is gone"),
    Sabotage("no fsync of files", lambda: patch.object(files, "_sync", _unsynced), 1, "damage where there is none"),
    Sabotage("the lock is not taken", lambda: patch.object(lock, "hold", _unlocked), 4, "two processes work"),
    Sabotage(
        "results are credited by set and not by order",
        lambda: patch.object(perform.Performer, "_collect", _credit_by_set),
        1,
        "was credited",
    ),
    Sabotage("a fact without its blob", lambda: patch.object(BlobStore, "write", _forgotten_blob), 0, "is missing"),
    Sabotage(
        "facts are applied and not all written",
        lambda: patch.object(driver.Driver, "_complete", _apply_first),
        0,
        "the live state is not the one on disk",
    ),
    Sabotage("any identity is believed", lambda: patch.object(run, "sha256_hex", _any_hash), 10, "taken for another"),
    Sabotage("redirects are followed", lambda: patch.object(requests.Session, "request", _follow), 8, "does not end"),
)
