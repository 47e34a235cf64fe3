"""Uploads in a world of faults: no promise is broken, and each rule that is taken away is missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import pytest

from coralrun.machine import effects, facts, interpret_uploads, outcomes, stored_photos, upload
from coralrun.machine.codec import decode_fact
from coralrun.machine.reasons import Reason
from coralrun.machine.stored_photos import UploadFact

from .marks import LEAST
from .uploads import Life, violation

SEEDS = 400
MOST_SEEDS = 2_000


def test_no_promise_about_uploads_is_broken_and_every_way_is_gone() -> None:
    kinds: Counter[type] = Counter()
    reasons: Counter[Reason] = Counter()
    adopted = unclaimed = 0
    for seed in range(SEEDS):
        life = Life(seed)
        life.live()
        happened = [decode_fact(line) for line in life.journal]
        kinds.update(map(type, happened))
        adopted += sum(isinstance(fact, facts.Uploaded) and fact.adopted for fact in happened)
        unclaimed += sum(isinstance(fact, facts.Uploaded) and fact.unclaimed for fact in happened)
        reasons.update(life.state.durable.ended.values())
    assert min(kinds[kind] for kind in get_args(UploadFact)) >= LEAST
    assert (
        min(adopted, unclaimed, *(reasons[why] for why in (Reason.NAME_TAKEN, Reason.UPLOAD_REFUSED, Reason.CHANGED)))
        >= LEAST
    )


def _whatever_is_there_is_ours(patched: pytest.MonkeyPatch) -> None:
    real = interpret_uploads.of_compare

    def compare(state: Any, effect: Any, outcome: Any, now: Any) -> Any:
        same = outcomes.Compared(same=True) if isinstance(outcome, outcomes.Compared) else outcome
        return real(state, effect, same, now)

    patched.setattr(interpret_uploads, "of_compare", compare)


def _unknown_is(outcome: outcomes.Outcome) -> Callable[[pytest.MonkeyPatch], None]:
    def broken(patched: pytest.MonkeyPatch) -> None:
        real = interpret_uploads.of_upload

        def of_upload(state: Any, effect: Any, told: Any, now: Any) -> Any:
            return real(state, effect, outcome if isinstance(told, outcomes.Unknown) else told, now)

        patched.setattr(interpret_uploads, "of_upload", of_upload)

    return broken


def _what_was_missed_is_forgotten(patched: pytest.MonkeyPatch) -> None:
    _unknown_is(outcomes.Trouble(outcomes.TroubleKind.UNREACHABLE))(patched)
    real = stored_photos.move

    def move(upload: Any, stored: Any, missed: Any, fact: Any) -> Any:
        return real(upload, stored, {}, fact)

    patched.setattr(stored_photos, "move", move)


def _without_intent(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(upload, "_begin", lambda draft, photo: draft.begun.append(effects.Upload(photo.image, photo.unit)))


def _nothing_waits(patched: pytest.MonkeyPatch) -> None:
    real = upload._must_wait

    def must_wait(draft: Any) -> bool:
        draft.uploads_first = False
        return real(draft)

    patched.setattr(upload, "_must_wait", must_wait)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_whatever_is_there_is_ours, "has other bytes"),
        (_unknown_is(outcomes.Stored("1")), "what the run says is there is not"),
        (_unknown_is(outcomes.NotTaken(Reason.UPLOAD_REFUSED)), "its unit has ended without it"),
        (_what_was_missed_is_forgotten, "whose photo it is"),
        (_without_intent, "without its intent"),
        (_nothing_waits, "while photos are to be uploaded"),
    ],
    ids=["no comparison", "lost is stored", "lost is refused", "missed is forgotten", "no intent", "no waiting"],
)
def test_a_rule_about_uploads_that_is_taken_away_is_missed(
    broken: Callable[[pytest.MonkeyPatch], None], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    assert any(says in violation(seed) for seed in range(MOST_SEEDS))
