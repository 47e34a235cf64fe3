"""The photos of a world with `service: local`: a folder and a bucket, and what becomes of both.

Rule: what a worker computes follows from the classifier and the bytes that it gets; who got others than the planned
ones, and nobody noticed, is found by the scores. A photo that somebody takes away, changes or makes too large for the
workers may fail of that for good: `excused` says of which it may.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.photo import BadPhoto, PhotoFault
from coralrun.local.tasks import Finished, Task
from coralrun.local.work import Scorer, classify
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Point
from coralrun.ports import Located, Place
from coralrun.values.classified import Label
from coralrun.values.signatures import has_ended

from .faults import Fault
from .local_knobs import CLASSIFIERS, KILLS, content
from .photos import photo_of
from .planted import SIGNATURE

if TYPE_CHECKING:
    from .world import World

FOLDER = "/photos/"
AWAY_AT_MOST_S = 600.0
CHANGED = b"somebody's other photo"
_SAND = Label(None, "Sand", "Sand")
LABELS = {
    CLASSIFIERS[0]: (Label(82, "CCA", "Crustose coralline algae"), Label(85, "Porit", "Porites"), _SAND),
    CLASSIFIERS[1]: (_SAND, Label(82, "CCA", "Crustose coralline algae")),
}


@dataclass(frozen=True, slots=True)
class SimModel:
    """Any photo has its labels, whose scores follow from its bytes; some photos say why they have none."""

    sha256: str

    def scorer(self) -> Scorer:
        """It at work."""
        return partial(scores_of, self.sha256)


def scores_of(classifier: str, photo: bytes, points: Sequence[Point]) -> NDArray[np.uint16]:
    """The scores of the points of a photo by a classifier."""
    fault = photo.rpartition(b" ")[2].decode()
    if fault in frozenset(PhotoFault):
        raise BadPhoto(PhotoFault(fault))
    seed, labels = zlib.crc32(photo), len(LABELS[classifier])
    first = [(seed + row * 7 + column) % 8000 for row, column in points]
    return np.array([(one, 1000, 9000 - one)[:labels] for one in first], dtype=np.uint16)


class Photos:
    """Implements `ports.Images`, and what a worker has to do with photos."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._behind = {name_of(image): photo_of(image) for image in world.knobs.plan.images}
        self._spoilt: dict[int, bytes | None] = {}
        self.classifier = CLASSIFIERS[0]
        self._away_until_s = 0.0
        self.excused: defaultdict[int, set[Reason]] = defaultdict(set)

    def planned(self, number: int) -> bytes:
        """A photo as it was planned."""
        return content(number, self._world.knobs.natures[number])

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Where a photo is, as far as its folder or bucket tells."""
        name = name_of(image)
        nature = self._nature(name)
        if nature is Reason.HOST_UNREACHABLE or self._is_away():
            return Trouble(TroubleKind.UNREACHABLE, "the folder is not there")
        assert image.size is not None
        if image.source == "bucket":
            return Located(self._signed(name), image.size, self._world.knobs.url_life_s)
        if nature is Reason.NOT_FOUND or self._spoilt.get(name, b"") is None:
            return Unusable(Reason.NOT_FOUND)
        return Located(PurePosixPath(f"{FOLDER}{name}.jpg"), image.size)

    def replaced(self, name: int, was: int, photo: int) -> None:
        """Another photo has a name from now on: who asks for the first one finds it changed, or finds what that is."""
        self._behind[name] = photo
        self._spoilt.pop(name, None)
        self.excused[was] |= {Reason.CHANGED, Reason.NOT_FOUND, Reason.WORKER_DIED}

    def read(self, path: PurePath, most_bytes: int = 0) -> bytes:
        """A photo's bytes, as `read_given` reads them; raises OSError."""
        photo = self._at(int(path.stem))
        if photo is None:
            raise FileNotFoundError(str(path))
        return photo

    def kills(self, place: Place) -> bool:
        """Whether whoever computes a photo dies of it."""
        if isinstance(place, bytes):
            return place.endswith(KILLS)
        return self._nature(_name(place)) is Reason.WORKER_DIED

    def computed(self, task: Task) -> Finished:
        """What a worker answers."""
        photo = self._got(task.place)
        if isinstance(photo, Reason):
            return Finished(photo)
        return classify(SimModel(self.classifier), photo, task.points, task.sha256)

    def too_large(self) -> None:
        """Workers have too little memory for any photo."""
        for number in range(len(self._world.knobs.natures)):
            self.excused[number].add(Reason.TOO_LARGE_FOR_WORKER)

    def disturb(self, place: Place) -> None:
        """Somebody is at work in the folder."""
        if isinstance(place, str | bytes) or (name := _name(place)) in self._spoilt:
            return
        world = self._world
        if world.strikes(Fault.FOLDER_AWAY):
            self._away_until_s = world.clock.now + world.chance.uniform(1, AWAY_AT_MOST_S)
        for fault, left, reason in (
            (Fault.PHOTO_GONE, None, Reason.NOT_FOUND),
            (Fault.PHOTO_CHANGED, CHANGED, Reason.CHANGED),
        ):
            if world.strikes(fault):
                self._spoilt[name] = left
                self.excused[self._photo(name)].add(reason)

    def _got(self, place: Place) -> bytes | Reason:
        """What a worker gets of a photo."""
        if isinstance(place, bytes):
            return place
        name = _name(place)
        nature = self._nature(name)
        if isinstance(place, str):
            if has_ended(place, self._true_s()):
                return Reason.URL_EXPIRED
            known = nature in (Reason.NOT_FOUND, Reason.HOST_ERROR, Reason.BAD_URL, Reason.DOWNLOAD_BROKEN)
            return nature if known and nature is not None else self.planned(name)
        photo = self._at(name)
        blind = photo is None or self._world.strikes(Fault.BLIND_WORKER)
        return Reason.NOT_FOUND if blind or photo is None else photo

    def _at(self, name: int) -> bytes | None:
        """What is in the folder now."""
        nature = self._nature(name)
        if nature is Reason.NOT_FOUND or self._is_away():
            return None
        return CHANGED if nature is Reason.CHANGED else self._spoilt.get(name, self.planned(self._photo(name)))

    def _is_away(self) -> bool:
        return self._world.clock.now < self._away_until_s and not self._world.calm

    def _photo(self, name: int) -> int:
        """The photo that has a name now."""
        return self._behind.get(name, name)

    def _nature(self, name: int) -> Reason | None:
        return self._world.knobs.natures[self._photo(name)]

    def _true_s(self) -> float:
        return self._world.clock.wall_s() - self._world.clock.wrong_s

    def _signed(self, name: int) -> str:
        plain, life_s = f"https://bucket.test/{name}.jpg", self._world.knobs.url_life_s
        if life_s is None:
            return f"{plain}?{SIGNATURE}secret"
        made = datetime.fromtimestamp(self._true_s(), UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"{plain}?X-Amz-Date={made}&X-Amz-Expires={life_s:.0f}&X-Amz-{SIGNATURE}secret"


def name_of(image: PlannedImage) -> int:
    """The name of a photo in its folder or bucket, which is a number."""
    return int(image.key.removeprefix("image-"))


def _name(place: str | PurePath) -> int:
    return int(PurePosixPath(str(place).partition("?")[0]).stem)
