"""Photos go to the service first: which one is sent, and how one is settled whose reply never came.

The service has at most one photo of a name, so a photo cannot be there twice; what must be found out is whether what is
there is ours. So a photo is sent only while its name is free, and its intent says that it was. After a lost reply the
name is asked for: free, it never arrived; taken, what is stored is compared byte for byte.

Rule: one photo at a time, and an open one is settled first of all. While a photo is to be sent nothing new is
submitted: what is uploaded later would keep it waiting. A request may be long on its way: before a run ends, photos
whose replies were lost and that are not there are asked for once more.
"""

from __future__ import annotations

from itertools import islice, takewhile

from coralrun.machine import effects, policy
from coralrun.machine.draft import AFTER_OUTAGE, Draft
from coralrun.machine.notes import Channel
from coralrun.machine.runs import MOST_UNITS_PER_BATCH
from coralrun.machine.state import PhotoToUpload
from coralrun.machine.stored_photos import OpenUpload


def upload(draft: Draft) -> None:
    """Settle the photo that is open, or send the next one."""
    state, sent = draft.state, draft.state.durable.upload
    to_do = next(state.uploads_to_do(), None)
    draft.uploads_first = sent is not None or to_do is not None
    if not draft.uploads_first and not state.setup.classifies:
        _end(draft)
    if not draft.uploads_first or draft.upload_busy or _must_wait(draft):
        return
    if sent is not None:
        _send_or_settle(draft, sent)
    else:
        assert to_do is not None  # noqa: S101 - told to the type checker; there is one of the two
        _begin(draft, to_do)


def look_for_late(draft: Draft) -> bool:
    """Ask, where all units have ended, for photos that may have arrived after theirs; whether one is asked for."""
    durable, names = draft.state.durable, draft.state.volatile.upload_names
    lost = [image for image, missed in durable.missed.items() if missed.lost and names.get(image) != ""]
    if not durable.is_over or not lost or draft.upload_busy:
        return durable.is_over and bool(lost)
    if _must_wait(draft):
        return True
    first = lost[0]
    if first in names:
        draft.begun.append(effects.CompareUpload(first, names[first], durable.missed[first].sha256, None))
    else:
        place = first.partition("/")[0]
        together = (image for image in lost if image.partition("/")[0] == place and image not in names)
        draft.begun.append(effects.AskNames(tuple(islice(together, policy.NAMES_AT_ONCE))))
    return True


def _end(draft: Draft) -> None:
    units = tuple(islice(draft.state.waiting(), MOST_UNITS_PER_BATCH))
    if units:
        draft.begun.append(effects.EndUploaded(units))


def _must_wait(draft: Draft) -> bool:
    volatile = draft.state.volatile
    outage = volatile.outages.get(Channel.UPLOADS)
    until_s = max(volatile.throttled_until_s, 0.0 if outage is None else outage.retry_at_s)
    if until_s > draft.now:
        draft.wait(until_s, AFTER_OUTAGE[Channel.UPLOADS])
    return until_s > draft.now


def _send_or_settle(draft: Draft, sent: OpenUpload) -> None:
    volatile = draft.state.volatile
    unit = _unit_of(draft, sent)
    if volatile.fresh_upload == sent.image and unit is not None:
        draft.begun.append(effects.Upload(sent.image, unit))
        return
    found = volatile.upload_names.get(sent.image)
    if found is None:
        draft.begun.append(effects.AskNames((sent.image,)))
    elif not found:
        draft.begun.append(effects.MissUpload(sent.image, unit))
    else:
        draft.begun.append(effects.CompareUpload(sent.image, found, sent.sha256, unit))


def _unit_of(draft: Draft, sent: OpenUpload) -> int | None:
    """The unit that waits for the photo that is being sent, which is the first to do; none once it is withdrawn.

    One that waits for another photo of that name has not got it by this.
    """
    first = next(
        (photo for photo in draft.state.uploads_to_do() if (photo.image, photo.sha256) == (sent.image, sent.sha256)),
        None,
    )
    return None if first is None else first.unit


def _begin(draft: Draft, photo: PhotoToUpload) -> None:
    stored, found = draft.state.durable.stored.get(photo.image), draft.state.volatile.upload_names.get(photo.image)
    if found is None:
        together = takewhile(lambda other: other.place == photo.place, draft.state.uploads_to_do())
        names = dict.fromkeys(other.image for other in islice(together, policy.NAMES_AT_ONCE))
        draft.begun.append(effects.AskNames(tuple(names)))
    elif stored is not None and found == stored.id:
        draft.begun.append(effects.RejectUpload(photo.unit))  # its file was changed since it was sent
    elif stored is not None:
        draft.begun.append(effects.LoseUpload(photo.image))
    elif found:
        draft.begun.append(effects.CompareUpload(photo.image, found, photo.sha256, photo.unit))
    else:
        draft.begun.append(effects.IntendUpload(photo.image, photo.sha256))
