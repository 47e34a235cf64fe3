"""A demo reef, drawn from a seed: photoquadrats of three sites at two depths, whose every pixel's label is known.

Rule: same seed and number, same photos, names and truth, in every process. A photo is painted when it is first asked
for, and the last few hundred are kept.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from coralrun.emulator.classifier import Annotated
from coralrun.emulator.painting import Labels, Setting, paint
from coralrun.emulator.pictures import stored_picture
from coralrun.emulator.site import Annotation, Label, Photo
from coralrun.values.ids import SplitMix64, seed_from

WIDTH: Final = 480
HEIGHT: Final = 360
ANNOTATED_POINTS: Final = 60
"""Points of an image that people or the machine have labelled."""
JPEG_QUALITY: Final = 90
_MOST_KEPT: Final = 256
QUADRATS: Final = 5
TRANSECTS: Final = 2
DEPTHS_M: Final = (5, 10)
DATES: Final = ("2024-06-12", "2024-06-14", "2024-06-17")
AUX_NAMES: Final = ("Site", "Habitat", "Transect", "Quadrat", "Aux5")

LABELS: Final = (
    Label(1, "Sand", "Sand", "Soft Substrate"),
    Label(2, "Rubble", "Rubble", "Hard Substrate"),
    Label(3, "Turf", "Turf algae", "Algae"),
    Label(4, "CCA", "Crustose coralline algae", "Algae"),
    Label(5, "Macro", "Macroalgae", "Algae"),
    Label(6, "SC", "Soft coral", "Other Invertebrates"),
    Label(7, "Porit", "Porites", "Hard coral"),
    Label(8, "Acrop", "Acropora", "Hard coral"),
)
"""One label a kind of `painting.KINDS`, in its order."""

# Weights of the kinds at each site: a sandy lagoon edge, a coral garden, an algal flat.
_SITES: Final = (
    ("site1", "lagoon", (5.0, 3.0, 2.0, 1.5, 0.8, 0.6, 1.6, 0.9)),
    ("site2", "forereef", (1.2, 1.5, 1.8, 3.5, 0.4, 1.0, 2.4, 2.2)),
    ("site3", "backreef", (1.8, 2.0, 3.8, 1.2, 2.4, 1.2, 0.9, 0.5)),
)


class Reef:
    """The photos of a demo reef; `images` are cut off or started over in the order of sites, depths, transects."""

    def __init__(self, seed: int, images: int = 60) -> None:
        self.seed = seed
        self.names = tuple(self._name(index) for index in range(images))
        self._index = {name: index for index, name in enumerate(self.names)}

    def truth(self, name: str) -> NDArray[np.int64]:
        """The label id of every pixel of a photo, HEIGHT x WIDTH."""
        ids = np.asarray([label.id for label in LABELS])
        found: NDArray[np.int64] = ids[_painted(self.seed, self._index[name])[1]]
        return found

    def photo(self, index: int, image_id: int, status: str) -> Photo:
        """A photo as a source holds it."""
        name = self.names[index]
        site, depth_m, transect, quadrat, date = _place(index)
        annotated = status == "confirmed"
        return Photo(
            id=image_id,
            name=name,
            file=f"images/{random_name(self.seed, image_id)}.jpg",
            width=WIDTH,
            height=HEIGHT,
            load=lambda: _painted(self.seed, index)[0],
            status=status,
            date=date,
            aux=(_SITES[site][0], _SITES[site][1], f"t{transect}", f"q{quadrat:02d}", ""),
            details={"Height (cm)": "50", "Depth": str(depth_m), "Camera": "Painted", "Photographer": "demo"},
            annotated_on="2024-07-01" if annotated else None,
            annotator="annotation_tool" if annotated else "",
            annotations=lambda: self._annotations(index, status),
        )

    def annotated(self, index: int, count: int) -> Annotated:
        """A photo with the true labels of `count` random points."""
        points = self._points(index, count)
        truth = self.truth(self.names[index])
        picture = stored_picture(self.names[index], WIDTH, HEIGHT, lambda: _painted(self.seed, index)[0])
        return Annotated(picture, points, [int(truth[point]) for point in points])

    def _points(self, index: int, count: int) -> list[tuple[int, int]]:
        chance = SplitMix64(seed_from("reef annotations", self.seed, index))
        return [(chance.below(HEIGHT), chance.below(WIDTH)) for _ in range(count)]

    def _annotations(self, index: int, status: str) -> list[Annotation]:
        """The points of a photo: people's on a confirmed one, those that its classifier learns from; the machine's
        on an unconfirmed one; none on any other."""
        if status == "confirmed":
            lesson = self.annotated(index, ANNOTATED_POINTS)
            return [Annotation(*point, label) for point, label in zip(lesson.points, lesson.labels, strict=True)]
        if status == "unconfirmed":
            return [Annotation(*point) for point in self._points(index, ANNOTATED_POINTS)]
        return []

    def _name(self, index: int) -> str:
        site, depth_m, transect, quadrat, date = _place(index)
        return f"reef_{_SITES[site][0]}_{depth_m}m_t{transect}_q{quadrat:02d}_{date.replace('-', '')}.jpg"


def _place(index: int) -> tuple[int, int, int, int, str]:
    """The site (as a position in `_SITES`), depth, transect, quadrat and date of a photo."""
    rest, quadrat = divmod(index, QUADRATS)
    rest, transect = divmod(rest, TRANSECTS)
    rest, depth = divmod(rest, len(DEPTHS_M))
    visit, site = divmod(rest, len(_SITES))
    return site, DEPTHS_M[depth], transect + 1, visit * QUADRATS + quadrat + 1, DATES[site]


@lru_cache(maxsize=_MOST_KEPT)
def _painted(seed: int, index: int) -> tuple[bytes, Labels]:
    """A photo as it is stored, and the kind of every pixel."""
    site, depth_m, _, _, _ = _place(index)
    random = np.random.RandomState(seed_from("reef photo", seed, index) % 2**32)
    weights = tuple(weight * random.uniform(0.5, 1.6) for weight in _SITES[site][2])
    scene = paint(random, WIDTH, HEIGHT, Setting(weights, depth_m))
    stream = io.BytesIO()
    Image.fromarray(scene.pixels).save(stream, "JPEG", quality=JPEG_QUALITY)
    return stream.getvalue(), scene.labels


def random_name(seed: int, image_id: int) -> str:
    """A stored file's name of ten letters and digits, unrelated to the image's own name."""
    chance = SplitMix64(seed_from("stored name", seed, image_id))
    return "".join("abcdefghijklmnopqrstuvwxyz0123456789"[chance.below(36)] for _ in range(10))
