"""What an embedded CoralNet holds: accounts, labels, sources, photos and classifiers, as plain records.

Rule: a record knows itself and nothing around it. Sizes are raw stored pixels, points are (row, column) from 0, dates
are ISO 8601 texts. `Classify` is the one place where a classifier is plugged in; a test may plug in anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coralrun.emulator import protocol

Pixels = NDArray[np.uint8]
Points = Sequence[tuple[int, int]]
Scores = list[tuple[int, float]]

AUX_FIELDS = 5
DETAILS = (
    "Height (cm)",
    "Latitude",
    "Longitude",
    "Depth",
    "Camera",
    "Photographer",
    "Water quality",
    "Strobes",
    "Framing gear used",
    "White balance card",
    "Comments",
)


def in_database(name: str) -> str:
    """A name as the database compares it: each letter in lower case by itself, so that neither a ligature nor a sharp s
    is two letters. Names of a source differ in this."""
    return "".join(letter.lower()[0] for letter in name)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that can be classified: `key` names its content, `pixels` decodes it to height x width x 3 uint8."""

    key: str
    width: int
    height: int
    pixels: Callable[[], Pixels]


class Classify(Protocol):
    """A trained classifier."""

    @property
    def accuracy(self) -> float:
        """The share of points that it gets right, 0 to 1, as its source's page shows it."""
        ...

    def __call__(self, picture: Picture, points: Points) -> list[Scores]:
        """For each point its best labels as (label id, score), best first, at most 5."""
        ...

    def held_out(self, picture: Picture, points: Points) -> list[Scores]:
        """The same, as if it had not learnt from these points."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in; `max_active` is how many jobs may be active at once."""

    id: int
    username: str
    email: str
    password: str
    max_active: int = protocol.ACTIVE_JOBS


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a source's labelset."""

    id: int
    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class TrainedClassifier:
    """One classifier of a source; only accepted ones are listed. Without `classify` its model file is missing."""

    id: int
    accepted: bool
    images: int
    train_time: str
    date: str
    classify: Classify | None


@dataclass(frozen=True, slots=True)
class InUse:
    """The one classifier that a source was set to use, in place of training its own; `latest` is its source's newest.

    `lender` is the source that it is of, by id and name; None for the source itself.
    """

    classifier: TrainedClassifier
    latest: TrainedClassifier
    lender: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """A point with a label, by its id; without one it is the machine's, and says what the source's classifier says."""

    row: int
    column: int
    label: int | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """One image of a source. `file` is its stored name below the media folder, `load` gives the stored bytes.

    `annotations` gives its points with labels, in their order; it is called when they are exported.
    """

    id: int
    name: str
    file: str
    width: int
    height: int
    load: Callable[[], bytes]
    status: str = "unclassified"
    date: str | None = None
    aux: tuple[str, ...] = ("",) * AUX_FIELDS
    details: dict[str, str] = field(default_factory=dict)
    annotated_on: str | None = None
    annotator: str = ""
    annotations: Callable[[], Sequence[Annotation]] = tuple


@dataclass(frozen=True)
class Source:
    """A collection of photos with its labels and classifiers (oldest first); `members` may see it when private.

    `editors` are its admins and editors by id and name, in the order of names; whoever uploaded its photos is one.
    """

    id: int
    name: str
    public: bool
    members: frozenset[str]
    labels: tuple[Label, ...]
    photos: tuple[Photo, ...]
    classifiers: tuple[TrainedClassifier, ...]
    aux_names: tuple[str, ...] = ("Aux1", "Aux2", "Aux3", "Aux4", "Aux5")
    uploader: str = "demo"
    editors: tuple[tuple[int, str], ...] = ((5, "demo"),)
    in_use: InUse | None = None

    def visible_to(self, username: str | None) -> bool:
        """Whether someone (None: not signed in) may see this source."""
        return self.public or username in self.members

    def edited_by(self, username: str | None) -> bool:
        """Whether someone may put photos into this source, and change what is known of them."""
        return any(username == name for _, name in self.editors)

    @cached_property
    def by_name(self) -> dict[str, Photo]:
        """Photos by their names, as the database compares them."""
        return {in_database(photo.name): photo for photo in self.photos}

    @cached_property
    def by_checked_name(self) -> dict[str, Photo]:
        """Photos by their names, as forms compare them before the database does, which knows a few more as one."""
        return {photo.name.lower(): photo for photo in self.photos}

    @cached_property
    def aux_values(self) -> tuple[tuple[str, ...], ...]:
        """The values that each auxiliary field has, in order."""
        return tuple(tuple(sorted({photo.aux[index] for photo in self.photos} - {""})) for index in range(AUX_FIELDS))

    @cached_property
    def photo_years(self) -> tuple[int, ...]:
        """The years in which its photos were taken."""
        return tuple(sorted({int(photo.date[:4]) for photo in self.photos if photo.date}))

    @cached_property
    def annotated_years(self) -> tuple[int, ...]:
        """The years in which its photos were last annotated."""
        return tuple(sorted({int(photo.annotated_on[:4]) for photo in self.photos if photo.annotated_on}))

    @property
    def machine(self) -> Classify | None:
        """Whoever labels its points that no person has labelled."""
        if self.in_use is not None:
            return self.in_use.classifier.classify
        return next((one.classify for one in reversed(self.classifiers) if one.accepted and one.classify), None)

    @cached_property
    def labels_by_id(self) -> dict[int, Label]:
        """The labelset by label id."""
        return {label.id: label for label in self.labels}

    @cached_property
    def next_by_name(self) -> dict[int, Photo]:
        """The photo that follows each in the order of names, by image id; the last has none."""
        ordered = sorted(self.photos, key=lambda photo: in_database(photo.name))
        return {photo.id: following for photo, following in pairwise(ordered)}


@dataclass
class Site:
    """Everything that one embedded CoralNet holds, with the lookups that its pages need.

    Its records never change: a source with other photos takes the place of the one that it was.
    """

    accounts: tuple[Account, ...]
    sources: tuple[Source, ...]

    def put(self, source: Source) -> None:
        """Let a source take the place of the one that has its number."""
        self.sources = tuple(source if one.id == source.id else one for one in self.sources)
        for lookup in ("sources_by_id", "photos_by_id", "photos_by_file", "classifiers_by_id"):
            self.__dict__.pop(lookup, None)

    def put_photo(self, source: Source, photo: Photo) -> None:
        """Add a photo to a source, or let it take the place of the one that has its id."""
        others = tuple(one for one in source.photos if one.id != photo.id)
        self.put(replace(source, photos=tuple(sorted((*others, photo), key=lambda one: one.id))))

    def remove_photo(self, source: Source, photo: Photo) -> None:
        """Take a photo out of a source."""
        self.put(replace(source, photos=tuple(one for one in source.photos if one.id != photo.id)))

    @cached_property
    def sources_by_id(self) -> dict[int, Source]:
        """Sources by id."""
        return {source.id: source for source in self.sources}

    @cached_property
    def photos_by_id(self) -> dict[int, tuple[Source, Photo]]:
        """Photos, each with its source, by image id."""
        return {photo.id: (source, photo) for source in self.sources for photo in source.photos}

    @cached_property
    def photos_by_file(self) -> dict[str, Photo]:
        """Photos by stored file name."""
        return {photo.file: photo for source in self.sources for photo in source.photos}

    @cached_property
    def classifiers_by_id(self) -> dict[int, tuple[Source, TrainedClassifier]]:
        """Classifiers, each with its source, by id."""
        return {one.id: (source, one) for source in self.sources for one in source.classifiers}

    def account(self, name: str) -> Account | None:
        """The account of a user name, exactly as written."""
        return next((account for account in self.accounts if account.username == name), None)

    def sign_in(self, name: str, password: str) -> Account | None:
        """The account of a user name or e-mail address, if the password is right."""
        for account in self.accounts:
            if name in (account.username, account.email) and password == account.password:
                return account
        return None
