"""Deliberate breakages of how photos are uploaded; see `sabotage`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from coralrun.machine import effects, interpret_uploads, outcomes, reconcile, stored_photos, upload
from coralrun.machine import state as machine_state
from coralrun.machine.reasons import Reason
from coralrun.perform import Performer

from .breakage import Sabotage

_of_compare, _of_upload = interpret_uploads.of_compare, interpret_uploads.of_upload
_move, _must_wait = stored_photos.move, upload._must_wait
_resolve = Performer._resolve


def _all_ours(state: Any, effect: Any, outcome: Any, now: Any) -> Any:
    same = outcomes.Compared(same=True) if isinstance(outcome, outcomes.Compared) else outcome
    return _of_compare(state, effect, same, now)


def _lost_is(outcome: outcomes.Outcome) -> Callable[[], AbstractContextManager[Any]]:
    def of_upload(state: Any, effect: Any, told: Any, now: Any) -> Any:
        return _of_upload(state, effect, outcome if isinstance(told, outcomes.Unknown) else told, now)

    return lambda: patch.object(interpret_uploads, "of_upload", of_upload)


@contextmanager
def _forgotten() -> Iterator[None]:
    def move(upload: Any, stored: Any, missed: Any, fact: Any) -> Any:
        return _move(upload, stored, {}, fact)

    with patch.object(stored_photos, "move", move):
        yield


def _unintended(draft: Any, photo: Any) -> None:
    draft.begun.append(effects.Upload(photo.image, photo.unit))


def _no_waiting(draft: Any) -> bool:
    draft.uploads_first = False
    return _must_wait(draft)


def _by_address(history: Any, unit: int, image: Any) -> bool:
    named = (known.plan.images[place] for known in reversed(history) for place in known.units.images((unit,)))
    return bool(next(named).url != image.url)


@contextmanager
def _asked_for_all() -> Iterator[None]:
    def resolve(performer: Any, unit: int) -> Any:
        if performer._image(unit).unfit is not None:
            return performer.images.locate(performer._image(unit))
        return _resolve(performer, unit)

    with patch.object(machine_state, "_unfit", lambda plan, units: ()), patch.object(Performer, "_resolve", resolve):
        yield


SABOTAGES_OF_UPLOADS: tuple[Sabotage, ...] = (
    Sabotage("a photo that cannot be taken is asked for", _asked_for_all, 60, "cannot be taken, and is asked for"),
    Sabotage(
        "what a plan found wrong with a photo is wrong for good",
        lambda: patch.object(reconcile, "_stands_otherwise", _by_address),
        68,
        "and ended as",
    ),
    Sabotage(
        "what was stored once is there for good",
        lambda: patch.object(interpret_uploads, "gone", lambda state, ended, now: ()),
        95,
        "and are said to be",
    ),
    Sabotage(
        "whatever has a photo's name is that photo",
        lambda: patch.object(interpret_uploads, "of_compare", _all_ours),
        17,
        "has other bytes",
    ),
    Sabotage("a photo whose reply is lost is stored", _lost_is(outcomes.Stored("1")), 15, "is not there"),
    Sabotage(
        "a photo whose reply is lost is refused",
        _lost_is(outcomes.NotTaken(Reason.UPLOAD_REFUSED)),
        15,
        "and ended as upload-refused",
    ),
    Sabotage("a photo that was missed was never sent", _forgotten, 60, "whose photo"),
    Sabotage(
        "a photo is sent without its intent",
        lambda: patch.object(upload, "_begin", _unintended),
        15,
        "without its intent",
    ),
    Sabotage(
        "photos are classified while others are to be uploaded",
        lambda: patch.object(upload, "_must_wait", _no_waiting),
        983,
        "while photos are to be uploaded",
    ),
)
