"""What keeps photos that their source classifies from harm, taken away rule by rule.

Rule: as that of `sabotage`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from coralrun.coralnet.classifying import sent_photos, source_service
from coralrun.coralnet.classifying.sent_points import SentFolder, SentPoints
from coralrun.coralnet.classifying.source_service import SourceService
from coralrun.coralnet.classifying.waits import Waits
from coralrun.machine.reasons import Reason

from .breakage import Sabotage

_checked, _confirmed = sent_photos.checked, SourceService._confirmed


def _whatever_is_deleted(photo: Any, previewed: Any) -> Any:
    found = _checked(photo, previewed)
    return photo if found.reason is Reason.CONFIRMED else found


def _written_first(self: SourceService, name: str, photos: Any) -> Any:
    self.sent.keep(name, SentPoints(source=self.source, photos=photos))
    return _confirmed(self, name, photos)


def _always(answer: bool) -> Callable[..., bool]:
    return lambda *arguments: answer


def _service(name: str, broken: object) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(SourceService, name, broken)


SABOTAGES_OF_SOURCES: tuple[Sabotage, ...] = (
    Sabotage(
        "labels of people are deleted",
        lambda: patch.object(source_service, "checked", _whatever_is_deleted),
        3,
        "labels of people",
    ),
    Sabotage("an export that was cut is believed", _service("_lacks_any", _always(False)), 211, "as not-found"),
    Sabotage("what waits in a source is laid again", _service("_is_laid", _always(False)), 83, "laid again"),
    Sabotage("a batch is there before it was confirmed", _service("_confirmed", _written_first), 35, "as not-labelled"),
    Sabotage(
        "a photo is given up before it had its time",
        lambda: patch.object(Waits, "is_given_up", _always(True)),
        35,
        "as not-labelled",
    ),
    Sabotage(
        "what was sent is kept for ever", lambda: patch.object(SentFolder, "release", _always(True)), 3, "nobody waits"
    ),
    Sabotage(
        "every batch is asked about at every look",
        lambda: patch.object(source_service, "ASKED_AT_ONCE", 1_000),
        35,
        "more pages",
    ),
)
