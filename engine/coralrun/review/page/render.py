"""From what is to be reviewed to its page, photo by photo, so that a large review needs no more memory than one photo.

Rule: every text goes through the templates, which escape it. The page runs one script, named in its policy by its
hash, and may load nothing at all. A blind page holds no word of the machine. The same review gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import jinja2

from coralrun.files.pages import templates_of
from coralrun.review.sets import ReviewSet
from coralrun.values.phrases import count


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One point to label: its `cells` up to the person's label, as the table has them; its patch as JPEG, if any.

    `machine` is what may be shown of the machine's answer, empty where it is hidden.
    """

    cells: tuple[str, ...]
    point: int
    patch: bytes
    machine: str


@dataclass(frozen=True, slots=True)
class ReviewPhoto:
    """One photo with its rows; `picture` has the points drawn on it, empty where `why` says that there is none."""

    name: str
    page: str
    picture: bytes
    why: str
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class ReviewPart:
    """The points of one set, photo by photo; each photo is made when its turn comes."""

    set: ReviewSet
    points: int
    images: int
    photos: Iterable[ReviewPhoto]

    def name(self, *, blind: bool) -> str:
        """What the part is called; a blind page does not say of which points the machine was uncertain."""
        return "others" if blind and self.set is ReviewSet.TRIAGE else str(self.set)

    def heading(self, *, blind: bool) -> str:
        """What is in it and what it is good for: "Audit: 1 point on 1 photo. Do these first: they correct cover."."""
        said = f"{count(self.points, 'point')} on {count(self.images, 'photo')}. {_GOOD_FOR[self.set]}"
        why = " The machine was least certain of them." if self.set is ReviewSet.TRIAGE and not blind else ""
        return f"{self.name(blind=blind).capitalize()}: {said}{why}"


_GOOD_FOR: Final = {
    ReviewSet.AUDIT: "Do these first: they correct cover.",
    ReviewSet.BY_CLASS: "They correct cover.",
    ReviewSet.TRIAGE: "They are no part of the sample, and correct themselves alone.",
}


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What the page says besides its photos. `key` tells drafts of one draw from those of another."""

    title: str
    key: str
    columns: tuple[str, ...]
    codes: Sequence[tuple[str, str]]
    blind: bool
    file_name: str


def render(page: ReviewPage, parts: Sequence[ReviewPart]) -> Iterator[bytes]:
    """A review as HTML, piece by piece, its `parts` in their order; photos are taken one at a time."""
    script = _script()
    policy = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    points = count(sum(part.points for part in parts), "point")
    template = _environment().get_template("page.html.j2")
    for piece in template.generate(page=page, parts=parts, points=points, script=script, hash=policy):
        yield piece.encode("utf-8", errors="xmlcharrefreplace")


def _script() -> str:
    """The page's script, exactly as it stands in the page: a policy allows it by its hash."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - set where the environment is made
    source, _, _ = environment.loader.get_source(environment, "page.js")
    return f"\n{source}"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return templates_of("coralrun.review.page")
