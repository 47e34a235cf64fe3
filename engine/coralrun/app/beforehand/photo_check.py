"""A look at a few photos of each manifest and host, before a run is promised.

Rule: a look says what came and stops nothing, and it takes seconds at most, whoever is away. A few photos are enough: a
link that leads to a page, a format that the service cannot read and a refusal are seldom one photo's alone.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from coralrun.app.beforehand.address_life import manifest_of
from coralrun.app.beforehand.points import spread
from coralrun.http.fetched import Fetched
from coralrun.machine.outcomes import Trouble
from coralrun.parallel import parallel_map_within
from coralrun.planning.frames import TURNED
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.sources.image_size import header_size
from coralrun.sources.photo_files import PAGE, PHOTO, READABLE, kind_by_content
from coralrun.values.signatures import has_ended

PHOTOS_A_HOST: Final = 3
HOSTS_MOST: Final = 8
"""Links from everywhere are known by those of the first hosts."""

WORKERS: Final = 8
LOOK_MOST_S: Final = 5.0
LOOK_BYTES: Final = 16 * 1024
"""In most photos enough to see the size, too (`image_size`)."""

FirstBytes = Callable[[str], Fetched | Trouble]
"""One request for the first `LOOK_BYTES` behind an address; Trouble without a reply."""

NO_ANSWER: Final = "no answer"
_REFUSED: Final = (401, 403, 451)
_GONE: Final = (404, 410)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look at some of the `images` of a manifest that one host has.

    `came` counts what came, in words, `warnings` say what of it is no good; there is neither for a host beyond the
    first `HOSTS_MOST`.
    """

    manifest: str
    host: str
    images: int
    came: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def looked(self) -> int:
        """How many photos were asked for."""
        return sum(count for _, count in self.came)

    @property
    def answered(self) -> bool:
        """Whether the host answered at all."""
        return not all(what.startswith(NO_ANSWER) for what, _ in self.came)


class _Came(NamedTuple):
    image: PlannedImage
    what: str
    warning: str  # about one photo or several, whose names go before it; "" where all is well


def look(plan: Plan, first_bytes: FirstBytes, now_s: float) -> tuple[Looked, ...]:
    """Ask for the first bytes of up to three photos of each manifest and host, all at once.

    An address whose signature has ended is not asked for: what comes of it is known.
    """
    places = _places(plan)
    chosen = {
        place: [plan.images[numbers[at]] for at in spread(len(numbers), PHOTOS_A_HOST)]
        for place, numbers in list(places.items())[:HOSTS_MOST]
    }
    asked = [image for images in chosen.values() for image in images if not has_ended(image.url or "", now_s)]
    answers = parallel_map_within(lambda image: first_bytes(image.url or ""), asked, WORKERS, LOOK_MOST_S)
    came = {image.key: _judged(image, answer) for image, answer in zip(asked, answers, strict=True)}
    return tuple(
        _looked(place, len(numbers), [came[image.key] for image in chosen.get(place, ()) if image.key in came])
        for place, numbers in places.items()
        if place not in chosen or any(image.key in came for image in chosen[place])
    )


def _places(plan: Plan) -> dict[tuple[str, str], array[int]]:
    """The images that have an address, by their manifest and host, in the order of the plan."""
    places: dict[tuple[str, str], array[int]] = {}
    for number, image in enumerate(plan.images):
        if image.url is not None:
            places.setdefault((manifest_of(image), _host(image.url)), array("L")).append(number)
    return places


def _host(url: str) -> str:
    """Host and port, and nothing of what stands behind them."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0]


def _looked(place: tuple[str, str], images: int, came: Sequence[_Came]) -> Looked:
    manifest, host = place
    counts = Counter(photo.what for photo in came)
    return Looked(manifest, host, images, tuple(counts.items()), tuple(_warnings(manifest, host, came)))


def _warnings(manifest: str, host: str, came: Sequence[_Came]) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for photo in came:
        if photo.warning:
            names.setdefault(photo.warning, []).append(f"`{photo.image.name}`")
    for warning, its in names.items():
        yield f"{manifest}: {host}: {', '.join(its)}: {warning}"


def _judged(image: PlannedImage, answer: Fetched | Trouble | None) -> _Came:
    if answer is None:
        return _Came(image, f"{NO_ANSWER} within {LOOK_MOST_S:.0f} s", "")
    if isinstance(answer, Trouble):
        return _Came(image, f"{NO_ANSWER} ({answer.detail})" if answer.detail else NO_ANSWER, "")
    if answer.status in _REFUSED:
        what = f"refused ({answer.status})"
        return _Came(image, what, f"{what}: the service gets no more, unless the host knows it from others")
    if answer.status in _GONE:
        return _Came(image, f"not there ({answer.status})", f"not there ({answer.status})")
    if not 200 <= answer.status < 300:
        return _Came(image, f"answered {answer.status}", f"the host answered {answer.status} instead of the photo")
    kind = kind_by_content(answer.body)
    if kind == PAGE:
        return _Came(image, kind, f"{kind} came and no photo: the link to the file itself is needed, open to anybody")
    if kind != PHOTO:
        return _Came(image, kind, f"{kind} came, which the service cannot read: it reads {READABLE}")
    return _Came(image, kind, _other_size(image.size, header_size(answer.body)))


def _other_size(given: Size | None, found: object) -> str:
    """What is wrong where a manifest gives another size than the file has: every point would be somewhere else."""
    if given is None or not isinstance(found, Size) or given == found:
        return ""
    turned = f": {TURNED}" if given == (found.height, found.width) else ""
    sizes = f"the manifest says {given.width} x {given.height} pixels, the file has {found.width} x {found.height}"
    return f"{sizes}{turned}"
