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

import jinja2

from coralrun.files.pages import templates_of


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One point to label: its `cells` up to the person's label, as the table has them; its patch as JPEG, if any.

    `machine` is what may be shown of the machine's answer, empty where it is hidden.
    """

    cells: tuple[str, ...]
    point: int
    set: str
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
class ReviewPage:
    """What the page says besides its photos. `key` tells drafts of one draw from those of another."""

    title: str
    key: str
    columns: tuple[str, ...]
    codes: Sequence[tuple[str, str]]
    points: int
    blind: bool
    file_name: str


def render(page: ReviewPage, photos: Iterable[ReviewPhoto]) -> Iterator[bytes]:
    """A review as HTML, piece by piece; photos are taken one at a time."""
    script = _script()
    policy = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    parts = _environment().get_template("page.html.j2").generate(page=page, photos=photos, script=script, hash=policy)
    for part in parts:
        yield part.encode("utf-8", errors="xmlcharrefreplace")


def _script() -> str:
    """The page's script, exactly as it stands in the page: a policy allows it by its hash."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - set where the environment is made
    source, _, _ = environment.loader.get_source(environment, "page.js")
    return f"\n{source}"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return templates_of("coralrun.review.page")
