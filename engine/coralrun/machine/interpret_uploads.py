"""What follows from uploads: from asking for names, from sending a photo, from comparing what is stored.

Rule: as `interpret`, of which this is a part. Of a photo that will not be there the unit ends with it. Once all units
have ended, who does not answer is asked no more, and a silence that the service asked for holds for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from coralrun.machine import effects, facts, notes, outcomes, policy
from coralrun.machine.consequences import Consequences, impossible, trouble
from coralrun.machine.notes import Channel
from coralrun.machine.reasons import GONE, Reason
from coralrun.machine.state import Instant, State


def of_names(state: State, effect: effects.AskNames, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """What follows from asking for names."""
    match outcome:
        case outcomes.Names(ids):
            return Consequences(notes=(notes.UploadNames(dict(zip(effect.images, ids, strict=True))),))
        case outcomes.Trouble() if state.durable.is_over:
            return _nothing_found(effect.images, _silence(outcome, now))
        case outcomes.Trouble():
            return trouble(outcome, Channel.UPLOADS, now)
        case _:
            raise impossible(effect, outcome)


def of_upload(state: State, effect: effects.Upload, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """What follows from sending a photo; trouble means that it certainly did not arrive."""
    image, returned = effect.image, notes.UploadReturned(effect.image)
    match outcome:
        case outcomes.Stored(stored):
            sent = state.durable.upload
            assert sent is not None  # noqa: S101 - its intent is what made it be sent
            uploaded = facts.Uploaded(now.utc, image, stored, sent.sha256)
            return _done(uploaded, noted=(returned, *_known(state, effect.unit, image, stored)))
        case outcomes.NotTaken(why=reason) | outcomes.Unusable(reason=reason):
            refused = facts.UploadRefused(now.utc, image, reason)
            return _done(refused, *_ended(effect.unit, reason, now), noted=(returned,))
        case outcomes.Unknown():
            return Consequences(notes=(returned, notes.Failing(Channel.UPLOADS)))
        case outcomes.Trouble():
            because = trouble(outcome, Channel.UPLOADS, now)
            missed = facts.UploadMissed(now.utc, image)
            return replace(because, facts=(missed, *because.facts), notes=(returned, *because.notes))
        case _:
            raise impossible(effect, outcome)


def of_compare(state: State, effect: effects.CompareUpload, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """What follows from comparing what is stored under a photo's name with the photo."""
    image, returned, is_sent = effect.image, notes.UploadReturned(effect.image), state.durable.upload is not None
    is_ours = is_sent or image in state.durable.missed
    happened: tuple[facts.Fact, ...]
    match outcome:
        case outcomes.Trouble() if state.durable.is_over:
            return _nothing_found([image], _silence(outcome, now))
        case outcomes.Compared(same=False) if state.durable.is_over:
            return _nothing_found([image])
        case outcomes.Compared(same=True) if is_ours:
            unclaimed = effect.unit is None
            happened = (facts.Uploaded(now.utc, image, effect.id, effect.sha256, adopted=True, unclaimed=unclaimed),)
        case outcomes.Compared(same=True):
            happened = (facts.AlreadyThere(now.utc, image, effect.id, effect.sha256),)
        case outcomes.Compared():  # its reply was lost, or nothing would be compared: it may be on its way yet
            missed = (facts.UploadMissed(now.utc, image, lost=True),) if is_sent else ()
            happened = (*missed, *_ended(effect.unit, Reason.NAME_TAKEN, now))
        case outcomes.Missing():
            return Consequences(notes=(returned, notes.Failing(Channel.UPLOADS)))  # taken out meanwhile: ask anew
        case outcomes.Trouble():
            return trouble(outcome, Channel.UPLOADS, now)
        case _:
            raise impossible(effect, outcome)
    return _done(*happened, noted=(returned, *_known(state, effect.unit, image, effect.id)))


def gone(state: State, ended: Mapping[int, Reason], now: Instant) -> tuple[facts.Fact, ...]:
    """That the photos of units which ended for it are not at the service any more, though they were sent there."""
    missing = {unit for unit, why in ended.items() if why in GONE}
    photos = [photo for photo in state.setup.uploads if photo.unit in missing] if missing else []
    return tuple(facts.UploadGone(now.utc, photo.image) for photo in photos if photo.image in state.durable.stored)


def of_bookkeeping(
    state: State,
    effect: effects.IntendUpload | effects.MissUpload | effects.RejectUpload | effects.LoseUpload | effects.EndUploaded,
    now: Instant,
) -> Consequences:
    """What is written down of an upload without asking anybody."""
    match effect:
        case effects.IntendUpload(image, sha256):
            return Consequences((facts.UploadIntended(now.utc, image, sha256),), (notes.UploadFresh(image),))
        case effects.EndUploaded(units):
            return Consequences((facts.Ended(now.utc, dict.fromkeys(units, Reason.NOT_ASKED)),))
        case effects.LoseUpload(image):
            return Consequences((facts.UploadGone(now.utc, image),))
        case effects.RejectUpload(unit):
            return Consequences(_ended(unit, Reason.NAME_TAKEN, now))
        case _:
            image, waiting = effect.image, effect.unit
            returned = notes.UploadReturned(image, failed=True)
            if state.volatile.upload_failures.get(image, 0) + 1 < policy.UPLOAD_TRIES:
                return Consequences((facts.UploadMissed(now.utc, image, lost=True),), (returned,))
            refused = facts.UploadRefused(now.utc, image, Reason.UPLOAD_FAILED)
            return Consequences((refused, *_ended(waiting, Reason.UPLOAD_FAILED, now)), (returned,))


def _nothing_found(images: Sequence[str], silence: tuple[notes.Note, ...] = ()) -> Consequences:
    return Consequences(notes=(*silence, notes.UploadNames(dict.fromkeys(images, ""))))


def _silence(outcome: outcomes.Trouble, now: Instant) -> tuple[notes.Note, ...]:
    return tuple(note for note in trouble(outcome, Channel.UPLOADS, now).notes if isinstance(note, notes.Throttled))


def _done(*happened: facts.Fact, noted: tuple[notes.Note, ...]) -> Consequences:
    return Consequences(happened, (*noted, notes.Working(Channel.UPLOADS)))


def _known(state: State, unit: int | None, image: str, stored: str) -> tuple[notes.Note, ...]:
    """What has a photo's name by now, of one that is tried anew, which need not be asked for once more."""
    is_anew = unit is not None and state.durable.is_anew(unit)
    return (notes.UploadNames({image: stored}),) if is_anew else ()


def _ended(unit: int | None, why: Reason, now: Instant) -> tuple[facts.Fact, ...]:
    return () if unit is None else (facts.Ended(now.utc, {unit: why}),)
