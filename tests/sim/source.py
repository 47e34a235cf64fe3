"""The source of a world whose photos are uploaded first: `ports.Uploads` of a toy, which others use too.

Rule: as CoralNet's database has it, at most one photo has a name, whatever its case, and what is there is never another
afterwards. A request that its sender gave up on may arrive long after. Promises are checked here:

- a photo is sent only with its intent on disk, and nothing is submitted while photos are to be uploaded (`witness`);
- what the run says is there is there, with the bytes that were planned, and is called ours only if this run sent it;
- each photo is there once, or its unit has ended, and never both by our own hand;
- whoever is told that a photo was taken out knows it from then on, and may send it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from coralrun.coralnet.codec.upload_rules import same_name
from coralrun.machine import outcomes
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage

from .asked import Asked
from .faults import Fault
from .local_knobs import digest_of, number_of
from .marks import Mark
from .photos import PLACE
from .service import LATEST_ARRIVAL_S, Around
from .witness import require

OTHER_BYTES = "f" * 64
FOR_UPLOADS = frozenset(
    {Reason.NAME_TAKEN, Reason.UPLOAD_REFUSED, Reason.UPLOAD_FAILED, Reason.CHANGED, Reason.NOT_FOUND}
)
"""Why a unit may end whose photo is not at the source."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One photo at the source: its bytes, and whether this run sent it."""

    id: str
    sha256: str
    is_ours: bool


class ToySource:
    """Implements `ports.Uploads` for all processes of one world."""

    def __init__(self, world: Around) -> None:
        self._world = world
        self._photos: dict[str, Kept] = {}
        self._late: list[tuple[float, PlannedImage]] = []
        self._behind = {image.name: number_of(image.sha256 or "") for image in world.knobs.pool}
        self._ever = set(self._behind.items())
        self._taken_out: dict[str, Kept] = {}
        self._had: defaultdict[str, set[str]] = defaultdict(set)
        self._excused: defaultdict[int, set[Reason]] = defaultdict(set)
        for image in world.knobs.pool:
            first = int(image.key.removeprefix("image-"))  # as the survey had it at first
            drawn = Random(f"source of {world.knobs.seed}, {first}").randrange(6)
            if drawn < 2:
                there = (image.name, digest_of(first, None)) if drawn == 0 else (image.name.upper(), OTHER_BYTES)
                self._put(*there, is_ours=False)

    # The port

    def names(self, images: Sequence[str]) -> outcomes.Names | outcomes.Trouble:
        """What is stored under names."""
        self._advance()
        if (trouble := self._trouble()) is not None:
            return trouble
        found = (self._photos.get(same_name(image.partition("/")[2])) for image in images)
        return outcomes.Names(tuple("" if kept is None else kept.id for kept in found))

    def send(
        self, image: PlannedImage
    ) -> outcomes.Stored | outcomes.NotTaken | outcomes.Unusable | outcomes.Unknown | outcomes.Trouble:
        """Take a photo, or refuse it, or leave its sender in the dark."""
        self._advance()
        require(image.unfit is None, f"{image.name} cannot be taken, and is sent")
        world, photo = self._world, number_of(image.sha256 or "")
        if world.strikes(Fault.FILE_CHANGED) or self._behind[image.name] != photo:
            self._excused[photo].add(Reason.CHANGED)
            return outcomes.Unusable(Reason.CHANGED)
        if world.strikes(Fault.SAME_NAME):
            self._put(image.name, OTHER_BYTES, is_ours=False)
        if world.strikes(Fault.POST_LATE):
            self._late.append((world.clock.now + world.chance.uniform(1, 2 * LATEST_ARRIVAL_S), image))
            return outcomes.Unknown("late")
        if world.is_silent or world.strikes(Fault.POST_LOST):
            return outcomes.Unknown("lost")
        if (trouble := self._trouble()) is not None:
            return trouble
        if world.strikes(Fault.PHOTO_REFUSED):
            self._excused[photo].add(Reason.UPLOAD_REFUSED)
            return outcomes.NotTaken(Reason.UPLOAD_REFUSED)
        if not self._arrives(image):
            return outcomes.Unknown("the name is taken")
        stored = outcomes.Stored(self._photos[same_name(image.name)].id)
        return outcomes.Unknown("reply lost") if world.strikes(Fault.REPLY_LOST) else stored

    def compare(self, stored: str, sha256: str) -> outcomes.Compared | outcomes.Missing | outcomes.Trouble:
        """Whether a photo has these bytes."""
        self._advance()
        if (trouble := self._trouble()) is not None:
            return trouble
        kept = self._by_id(stored)
        return outcomes.Missing() if kept is None else outcomes.Compared(kept.sha256 == sha256)

    # What the world knows of it

    def is_there(self, image: PlannedImage) -> bool:
        """Whether the photo that is called by an id is the one that was planned."""
        kept = self._by_id(str(image.image_id))
        return kept is not None and kept.sha256 == image.sha256

    def is_taken_out(self, image: PlannedImage) -> bool:
        """Whether somebody deleted the photo that is called by an id."""
        return str(image.image_id) in self._taken_out

    def replaced(self, name: int, photo: int) -> None:
        """Somebody put another file in a photo's place on the laptop."""
        self._behind[f"image-{name}"] = photo
        self._ever.add((f"image-{name}", photo))

    def excused(self) -> dict[int, set[Reason]]:
        """The photos that may end without being there, and why: their names are taken, or something befell them."""
        found = {photo: set(reasons) for photo, reasons in self._excused.items()}
        for name, photo in self._ever:
            taken = bool(self._had[same_name(name)] - {digest_of(photo, None)})
            found.setdefault(photo, set()).update({Reason.UPLOAD_FAILED, *([Reason.NAME_TAKEN] if taken else ())})
        return found

    def check(self, state: Durable, asked: Asked) -> None:
        """Raise Violation where the run says what is not so."""
        planned = {(image.name, image.sha256) for plan, _ in asked.plans for image in plan.images}
        for place, stored in state.stored.items():
            kept, name = self._by_id(stored.id) or self._taken_out.get(stored.id), place.partition("/")[2]
            require(kept is not None and kept.sha256 == stored.sha256, f"{place} is not there, or has other bytes")
            assert kept is not None
            require(stored.ours is kept.is_ours, f"whose photo {place} is")
            require((name, stored.sha256) in planned, f"{place} is another photo than was planned")

    def check_end(self, state: Durable, asked: Asked) -> None:
        """Raise Violation for a photo that is not where its unit says."""
        self._late_arrive(float("inf"))
        self.check(state, asked)
        for unit, image in zip(asked.units.unit_of, asked.plan.images, strict=True):
            if image.unfit is not None:
                continue
            place, kept, why = f"{PLACE}/{image.name}", self._photos.get(same_name(image.name)), state.ended.get(unit)
            is_there = kept is not None and kept.sha256 == image.sha256
            is_known = place in state.stored and state.stored[place].sha256 == image.sha256
            require(is_known or why in FOR_UPLOADS, f"{place} is not there, and its unit goes on: {why}")
            by_run = kept is not None and kept.is_ours and place not in state.missed
            require(is_known or not (is_there and by_run), f"{place} is there, and its unit has ended without it")
            is_late = place in state.missed or (is_known and state.stored[place].unclaimed)  # which the run says too
            is_taken = why is Reason.NAME_TAKEN and not is_late
            require(not is_taken or not is_there, f"{place} is said to be taken by our own bytes")

    # Inside

    def _advance(self) -> None:
        self._world.manners.sent()
        self._late_arrive(self._world.clock.now)
        self.perhaps_take_out()

    def perhaps_take_out(self) -> None:
        """Perhaps somebody deletes a photo."""
        if self._photos and self._world.strikes(Fault.TAKEN_OUT):
            kept = self._photos.pop(self._world.chance.choice(sorted(self._photos)))
            self._taken_out[kept.id] = kept
            if kept.sha256 != OTHER_BYTES:
                self._excused[number_of(kept.sha256)].add(Reason.NOT_FOUND)

    def _late_arrive(self, now: float) -> None:
        due = sorted((at_s, image.name, image) for at_s, image in self._late if at_s <= now)
        self._late = [(at_s, image) for at_s, image in self._late if at_s > now]
        for _, _, image in due:
            self._arrives(image)

    def _arrives(self, image: PlannedImage) -> bool:
        assert image.upload is not None
        return self._put(image.name, image.upload.sha256, is_ours=True)

    def _put(self, name: str, sha256: str, *, is_ours: bool) -> bool:
        """Have a photo inserted; False where its name is taken."""
        if same_name(name) in self._photos:
            return False
        number = 100 + len(self._photos) + len(self._taken_out)
        self._photos[same_name(name)] = Kept(str(number), sha256, is_ours)
        self._had[same_name(name)].add(sha256)
        if is_ours and any(kept.sha256 == sha256 for kept in self._taken_out.values()):
            self._world.mark(Mark.UPLOADED_AGAIN)
        return True

    def _by_id(self, stored: str) -> Kept | None:
        return next((kept for kept in self._photos.values() if kept.id == stored), None)

    def _trouble(self) -> outcomes.Trouble | None:
        if self._world.is_silent or self._world.strikes(Fault.UNREACHABLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if self._world.strikes(Fault.THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=28.0)
        if self._world.strikes(Fault.CREDENTIALS):
            return outcomes.Trouble(TroubleKind.CREDENTIALS)
        return None
