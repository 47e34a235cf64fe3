"""A CoralNet source that classifies its own photos, as its pages show it: a toy of `coralnet.reading.site.Site`.

Rule: as upload, observed. Points without labels take the place of all that a photo has, and wait for the machine, which
comes some time after the last of whatever came into the source and takes some at a time. What is previewed waits in a
session, one table at a time, and a confirmation that is late writes what waits there by then. Here is checked:

- a confirmation follows the success of its own preview, and deletes no label that people gave before that;
- points that wait for their labels are not laid a second time, but where a process died or a reply was lost.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from coralrun.coralnet.codec.pages import BrowsedImage, BrowsePage
from coralrun.coralnet.codec.points_table import CONFIRM_PAGE
from coralrun.coralnet.codec.search import IdRange
from coralrun.errors import ServiceError, TooManyRequests
from coralrun.http.client import Failure, NoReply, Reply
from coralrun.planning.images import Point, Size
from coralrun.spec.image_search import ANY, Search
from coralrun.values.classified import Label

from .clock import HOUR_S
from .disk import Crash
from .faults import Fault
from .marks import Mark
from .service import LATEST_ARRIVAL_S
from .witness import require

if TYPE_CHECKING:
    from .world import World

SOURCE = 1
LABELS = tuple(Label(number, code, code) for number, code in enumerate(("Sand", "CCA", "Turf", "T&S"), 1))
PAGE_IMAGES = 20
DENIED = b'{"error": "You don\'t have permission to access this part of this source."}'
NOTHING_WAITS = {"error": "We couldn't find the expected data in your session. Please try loading this page again."}
SENDS_AGAIN = (
    *(Fault.REPLY_LOST, Fault.POST_LATE, Fault.POST_LOST, Fault.NOT_UNDERSTOOD, Fault.SUSPEND, Fault.SESSION_ENDED),
    *(Fault.CREDENTIALS, Fault.THROTTLED, Fault.EXPORT_CUT, Fault.LAID_MEANWHILE),
)
"""What may make a run send again what it sent: a submission or its reply is lost, or a batch is given up."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Photo:
    """A photo in the source: its points, and who labelled them; `seen` is when people did."""

    id: int
    name: str
    size: Size
    points: tuple[Point, ...] = ()
    labelled_by: str = ""
    of_people_s: float | None = None
    is_never: bool = False

    @property
    def status(self) -> str:
        """As the search has it."""
        if self.of_people_s is not None:
            return "confirmed"
        return "unconfirmed" if self.labelled_by else "unclassified"


class Previewed(NamedTuple):
    """A table that waits in a session."""

    points: Mapping[int, tuple[Point, ...]]
    at_s: float


class Late(NamedTuple):
    """A table, or a confirmation, that is on its way still."""

    at_s: float
    session: Session
    rows: Mapping[str, list[Point]] | None


@dataclass(slots=True)
class Session:
    """The session of one process: a toy of `WebSession`."""

    site: SourceSite
    is_open: bool = False
    waits: Previewed | None = None

    def begin(self) -> None:
        """Sign in, unless that was done."""
        self.is_open = True

    def asked(self, ask: Callable[[], T], is_denied: Callable[[T], bool]) -> T:
        """What `ask` returns; what is denied for want of a session is asked again with a new one."""
        answer = ask()
        if is_denied(answer) and not self.is_open:
            self.begin()
            answer = ask()
        return answer

    def posted(self, path: str, body: bytes, kind: str) -> Reply | NoReply:
        """The reply to a table, or to a confirmation."""
        return self.site.posted(self, CONFIRM_PAGE in path, body)


def machine(photo: int, point: Point, classifier: str) -> tuple[tuple[str, int], ...]:
    """The two best labels of a point, in whole percent, by one of the source's classifiers."""
    drawn = (photo * 7919 + point.row * 131 + point.column * 31 + int(classifier) * 5) % 1009
    first, second = LABELS[drawn % 4], LABELS[(drawn + 1) % 4]
    return (first.code, 50 + drawn % 50), (second.code, drawn % 50)


@dataclass(slots=True)
class SourceSite:
    """The source of one world, for all of its processes."""

    world: World
    photos: dict[int, Photo]
    excuse: Callable[[Photo, Fault], None]
    session: Session = field(init=False)
    classifier: str | None = None
    pages: int = 0
    _due_s: float = float("inf")
    _now_s: float = 0.0
    _late: list[Late] = field(default_factory=list)
    _returns_s: float = field(init=False)
    _laid: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        knobs = self.world.knobs
        comes_late = Fault.CLASSIFIER_GONE in knobs.faults
        self._returns_s = Random(f"classifier of {knobs.seed}").choice((0.0, 3000.0)) if comes_late else 0.0

    # What a process asks

    def signed_out(self) -> None:
        """A process that has no session yet."""
        self.session = Session(self)

    def labelset(self, source: int) -> tuple[Label, ...]:
        """The source's labels."""
        self._ask()
        return LABELS

    def browse(self, source: int, search: Search, ids: IdRange, *, backwards: bool = False) -> BrowsePage:
        """The first images of a search within an id range."""
        self._ask()
        found = [self.photos[number] for number in sorted(search.image_ids) if number in self.photos]
        found = [one for one in found if search.annotation_status in (ANY, one.status)]
        found = [one for one in found if ids.first <= one.id <= ids.last]
        shown = tuple(BrowsedImage(one.id, one.name, one.status) for one in found[:PAGE_IMAGES])
        return BrowsePage(shown, len(found), len(found) > PAGE_IMAGES)

    def annotations(self, source: int, search: Search, *, scores: bool = False) -> bytes:
        """The export of some photos: prepared, then fetched."""
        self._ask()
        self._ask()
        if self.world.strikes(Fault.RESULTS_AWAY):
            raise ServiceError("the export does not come")
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        ranks = [f"Machine {what} {rank}" for rank in range(1, 6) for what in ("suggestion", "confidence")]
        table.writerow(["Name", "Row", "Column", "Label code", "Label ID", "Annotator", "Date annotated", *ranks])
        for photo in (self.photos[number] for number in sorted(search.image_ids) if number in self.photos):
            table.writerows(_rows(photo))
        data = text.getvalue().encode()
        if not self.world.strikes(Fault.EXPORT_CUT):
            return data
        cut = data[: self.world.chance.randrange(len(data))]
        return cut if self.world.chance.random() < 0.5 else data[: data.rfind(b"\n", 0, len(cut)) + 1]

    def posted(self, session: Session, is_confirmation: bool, body: bytes) -> Reply | NoReply:
        """What a table, or its confirmation, does."""
        world = self.world
        self._begin()
        if world.strikes(Fault.SESSION_ENDED):
            session.is_open, session.waits = False, None
        if not session.is_open or world.strikes(Fault.CREDENTIALS):
            return Reply(200, {}, DENIED)
        if world.strikes(Fault.THROTTLED):
            return Reply(429, {}, b"")
        if world.is_silent or world.strikes(Fault.POST_LOST):
            return NoReply(Failure.TIMEOUT, "lost")
        previewed = None if is_confirmation else _read(body)
        if world.strikes(Fault.POST_LATE):
            at_s = world.clock.now + world.chance.uniform(1, LATEST_ARRIVAL_S)
            self._late.append(Late(at_s, session, previewed))
            return NoReply(Failure.TIMEOUT, "late")
        died = world.strikes(Fault.CRASH_IN_FLIGHT)
        if died and world.chance.random() < 0.5:
            raise Crash("before a table arrives")
        reply = self._preview(session, previewed) if previewed is not None else self._confirm(session)
        if died:
            world.mark(Mark.ARRIVES_AFTER_DEATH)
            raise Crash("after a table arrived")
        if world.strikes(Fault.REPLY_LOST):
            return NoReply(Failure.TIMEOUT, "reply lost")
        return Reply(200, {}, b"{" if world.strikes(Fault.NOT_UNDERSTOOD) else json.dumps(reply).encode())

    # Inside

    def _ask(self) -> None:
        """One page that changes nothing."""
        world = self.world
        self._begin()
        if world.is_silent or world.strikes(Fault.UNREACHABLE):
            raise ServiceError("no page comes")
        if world.strikes(Fault.THROTTLED):
            raise TooManyRequests("the source", 28.0)
        if world.strikes(Fault.CRASH_IN_FLIGHT):
            raise Crash("while a page is on its way")

    def _begin(self) -> None:
        """One more request; all that was due before has happened, and perhaps somebody did something."""
        self.pages += 1
        due = [late for late in self._late if late.at_s <= self.world.clock.now]
        for late in sorted(due, key=lambda late: late.at_s):
            self._late.remove(late)
            self._advance(late.at_s)
            if late.rows is not None:
                self._preview(late.session, late.rows)
            elif "error" not in self._confirm(late.session, is_late=True):
                self.world.mark(Mark.CONFIRMED_LATE)
        self._advance(self.world.clock.now)
        self._disturb()

    def _preview(self, session: Session, rows: Mapping[str, list[Point]]) -> dict[str, object]:
        by_name = {photo.name: photo for photo in self.photos.values()}
        there = {by_name[name]: tuple(points) for name, points in rows.items() if name in by_name}
        if not there:
            return {"error": "No matching image names found in the source"}
        for photo, points in there.items():
            if any(point.row >= photo.size.height or point.column >= photo.size.width for point in points):
                return {"error": f"For image {photo.name}, point 1: outside"}
        session.waits = Previewed({photo.id: points for photo, points in there.items()}, self.world.clock.now)
        lines = [
            {
                "name": photo.name,
                "link": f"/image/{photo.id}/annotation/tool/",
                "createInfo": f"Will create {len(points)} point{'s' * (len(points) > 1)}, 0 annotations",
                **({} if photo.of_people_s is None else {"deleteInfo": "Will delete 1 existing annotations"}),
            }
            for photo, points in there.items()
        ]
        return {"success": True, "previewTable": lines, "previewDetails": {"numImages": len(lines)}}

    def _confirm(self, session: Session, *, is_late: bool = False) -> dict[str, object]:
        waits, session.waits = session.waits, None
        if waits is None:
            return dict(NOTHING_WAITS)
        for number, points in waits.points.items():
            photo = self.photos.get(number)
            if photo is None:
                continue
            since_s = photo.of_people_s
            require(since_s is None or since_s >= waits.at_s, f"labels of people on photo {number} are deleted")
            self._lay(photo, points, is_late=is_late)
        self._comes()
        return {"success": True}

    def _lay(self, photo: Photo, points: tuple[Point, ...], *, is_late: bool) -> None:
        again = photo.points == points and photo.status == "unclassified"
        struck = self.world.processes, sum(self.world.hits[fault] for fault in SENDS_AGAIN)
        is_idle = again and not is_late and self._laid.get(photo.id) == struck
        require(not is_idle, f"points of photo {photo.id} that wait for their labels are laid again")
        self._laid[photo.id] = (0, 0) if is_late else struck
        photo.points, photo.labelled_by, photo.of_people_s = points, "", None

    def _comes(self) -> None:
        """Something came into the source: all that waits there waits anew."""
        self._due_s = self._now_s + self.world.chance.uniform(5, 29) + self.world.knobs.entry_s

    def _advance(self, now: float) -> None:
        """It is so late now; the machine labels what is due, some photos at a time."""
        world, self._now_s = self.world, now
        if self.classifier is None and (now >= self._returns_s or world.calm):
            self.classifier = world.knobs.classifiers[0]
        while self._due_s <= now and self.classifier is not None:
            waiting = [one for one in self.photos.values() if one.points and one.status == "unclassified"]
            waiting = [one for one in waiting if not one.is_never]
            some = waiting[: world.chance.randint(1, max(1, len(waiting)))]
            for photo in some:
                photo.labelled_by = self.classifier
            self._due_s = self._due_s + world.knobs.entry_s if len(some) < len(waiting) else float("inf")

    def _disturb(self) -> None:
        """What others do at the source."""
        world, chance = self.world, self.world.chance
        photo = self.photos[chance.choice(list(self.photos))] if self.photos else None
        if world.strikes(Fault.UPLOADED_MEANWHILE):
            self._due_s = max(self._due_s, world.clock.now + chance.uniform(0, HOUR_S))
        if world.strikes(Fault.CLASSIFIER_GONE):
            self.classifier, self._returns_s = None, world.clock.now + chance.uniform(60, 2 * HOUR_S)
        if self.classifier is not None and world.strikes(Fault.CLASSIFIER_REPLACED):
            self.classifier = chance.choice(world.knobs.classifiers)
        if photo is None:
            return
        if world.strikes(Fault.NEVER_LABELLED):
            photo.is_never = True
            self.excuse(photo, Fault.NEVER_LABELLED)
        if world.strikes(Fault.CONFIRMED_MEANWHILE) and photo.points:
            photo.of_people_s = world.clock.now
            self.excuse(photo, Fault.CONFIRMED_MEANWHILE)
        if world.strikes(Fault.LAID_MEANWHILE) and photo.of_people_s is None:
            photo.points, photo.labelled_by = (Point(0, 0),), ""
            self.excuse(photo, Fault.LAID_MEANWHILE)
            self._comes()
        if world.strikes(Fault.DELETED):
            del self.photos[photo.id]
            self.excuse(photo, Fault.DELETED)


def _read(body: bytes) -> Mapping[str, list[Point]]:
    """The table of a form with one file, by the photo's name."""
    table = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    points: dict[str, list[Point]] = {}
    for row in csv.DictReader(io.StringIO(table.decode(), newline="")):
        points.setdefault(row["Name"], []).append(Point(int(row["Row"]), int(row["Column"])))
    return points


def _rows(photo: Photo) -> list[Sequence[object]]:
    """A photo's lines of an export: none while nobody labelled it."""
    rows: list[Sequence[object]] = []
    for point in photo.points if photo.status != "unclassified" else ():
        said = machine(photo.id, point, photo.labelled_by) if photo.labelled_by else ()
        who, code = ("robot", said[0][0]) if photo.of_people_s is None else ("alice", "CCA")
        pairs = [value for pair in said for value in pair]
        rows.append([photo.name, *point, code, 1, who, "2026-01-01 07:50:42+00:00", *pairs, *[""] * (10 - len(pairs))])
    return rows
