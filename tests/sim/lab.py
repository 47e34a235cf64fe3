"""What people write: the survey of a world as a lab keeps it, line by line, and what they change of it.

Rule: drawn here, and nothing of the product is asked: what a changed survey means is the product's work (`changes`).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.planning.unfit import Unfit
from coralrun.spec.point_design import AnnotationArea, AreaUnit
from coralrun.values.ids import sha256_hex

from .knobs import Kind
from .photos import SIGNED_ANEW, UNFIT, own_address, with_unfit
from .points_file import Edit, edited, rows_of, table_of, with_points

if TYPE_CHECKING:
    from .world import World


class Line(NamedTuple):
    """An image as the survey says it: its name, the photo behind it, and how points, size and address were changed;
    `unfit` is what a plan finds wrong with the photo."""

    name: int
    photo: int
    area: int = 0
    narrower: int = 0
    is_signed_anew: bool = False
    unfit: Unfit | None = None


class Change(StrEnum):
    """What a person changes."""

    ADD = "changed: an image more"
    REMOVE = "changed: an image less"
    BRING_BACK = "changed: an image is back"
    POINTS = "changed: points"
    POINTS_BACK = "changed: points are back"
    SIZE = "changed: a size"
    ORDER = "changed: the order"
    PHOTO = "changed: another photo"
    PHOTO_BACK = "changed: the first photo again"
    ADDRESS = "changed: an address signed anew"
    UNFIT = "changed: whether a photo can be taken"
    CLASSIFIER = "changed: the classifier"
    DESIGN = "changed: the design"
    SETTINGS = "changed: how it is sent"
    NOTHING = "changed: nothing"


_AREAS = (None, *(AnnotationArea(unit=AreaUnit.PIXELS, x=(0, 10_000), y=(first, 10_000)) for first in (61, 62)))


class Lab:
    """The survey of one world as it is written. `survey` is what it says."""

    def __init__(self, world: World, chance: Random) -> None:
        self._world = world
        self._chance = chance
        knobs = world.knobs
        self.survey = knobs.planned
        self._design = knobs.plan.design
        self._is_from_file = knobs.is_from_file
        self._rows = knobs.rows
        self._lines = [self._line(number) for number in knobs.units.unit_of]
        self._removed: list[Line] = []
        self._spares = list(range(len(knobs.plan.images), len(knobs.pool)))

    def write(self) -> None:
        """Change the survey in a few ways."""
        chance, world = self._chance, self._world
        may: list[Change] = [change for change in Change if change is not Change.UNFIT]
        may += [Change.UNFIT, Change.PHOTO] * 10 if world.knobs.uploads else []
        may_sign = any("?" in (image.url or "") for image in self.survey.images)
        for _ in range(chance.choice((1, 1, 2, 3))):
            back = [Change.BRING_BACK] * 3 if self._removed else []
            often = [Change.ADDRESS] * 10 if may_sign else back
            change = chance.choice((*may, *often, *(2 * list(Edit) if self._rows else ())))
            if self._edit(change) if isinstance(change, Edit) else self._change(change):
                world.hits[change] += 1
        survey = replace(
            self.survey, images=tuple(map(self._image, self._lines)), design=self._design, survey_digest=""
        )
        survey = self._with_table(survey) if self._is_from_file else survey
        self.survey = replace(survey, survey_digest=sha256_hex(repr(survey).encode()))
        world.tell("SURVEY", self.survey)

    def _with_table(self, survey: Plan) -> Plan:
        """The survey with its points from the file; where that names no image of it, rows are written for them."""
        keys = {image.key for image in survey.images}
        if not (table := table_of(self._rows, keys)):
            self._rows += rows_of(self._chance, survey.images)
            table = table_of(self._rows, keys)
        return replace(survey, design=None, file_points=table, images=tuple(with_points(survey.images, table)))

    def _edit(self, edit: Edit) -> bool:
        """Change the points file, or whether points come from it."""
        if edit is Edit.SWITCH:
            self._is_from_file = not self._is_from_file
            self.survey = replace(self.survey, file_points={})
            return True
        before, self._rows = self._rows, edited(self._chance, self._rows, edit)
        return self._is_from_file and before != self._rows

    def _change(self, change: Change) -> bool:
        """Change one thing; whether there was anything to change."""
        chance, lines, knobs = self._chance, self._lines, self._world.knobs
        match change:
            case Change.ADD if self._spares:
                number = self._spares.pop(0)
                lines.insert(chance.randint(0, len(lines)), self._line(number))
            case Change.REMOVE if len(lines) > 1:
                self._removed.append(lines.pop(chance.randrange(len(lines))))
            case Change.BRING_BACK if self._removed:
                lines.insert(chance.randint(0, len(lines)), self._removed.pop())
            case Change.ORDER if len(lines) > 1:
                chance.shuffle(lines)
            case Change.CLASSIFIER:
                other = next(name for name in knobs.classifiers if name != self.survey.classifier.id)
                self.survey = replace(self.survey, classifier=Classifier(id=other))
            case Change.DESIGN:
                assert self._design is not None
                self._design = replace(self._design, seed=15 - self._design.seed)
            case Change.SETTINGS:
                batch_size, concurrency = chance.choice((1, 2, 3, 4)), chance.choice((1, 2, 5))
                attempts = chance.choice((1, 2, 3))
                concurrency = self.survey.concurrency if knobs.limits.takes_all else concurrency
                self.survey = replace(self.survey, batch_size=batch_size, concurrency=concurrency, attempts=attempts)
            case Change.NOTHING:
                pass
            case _:
                return self._change_line(change, chance.randrange(len(lines)))
        return True

    def _change_line(self, change: Change, at: int) -> bool:
        line, chance, knobs = self._lines[at], self._chance, self._world.knobs
        match change:
            case Change.POINTS:
                line = line._replace(area=chance.randint(1, 2))
            case Change.SIZE:
                line = line._replace(narrower=chance.choice((0, 5)))
            case Change.UNFIT:
                line = line._replace(unfit=chance.choice(UNFIT) if line.unfit is None else None)
            case Change.PHOTO:
                line = self._with_photo(line, chance.randrange(len(knobs.pool)))
            case Change.POINTS_BACK | Change.PHOTO_BACK | Change.ADDRESS:
                may = [number for number, known in enumerate(self._lines) if self._may(change, known)]
                if not may:
                    return False
                at = chance.choice(may)
                line = self._lines[at]
                if change is Change.POINTS_BACK:
                    line = line._replace(area=0)
                elif change is Change.PHOTO_BACK:
                    line = self._with_photo(line, line.name)
                else:
                    line = line._replace(is_signed_anew=True)
            case _:
                return False
        changed = self._image(line) != self._image(self._lines[at])
        self._lines[at] = line
        return changed

    def _may(self, change: Change, line: Line) -> bool:
        """Whether there is something to put back, or to sign anew."""
        match change:
            case Change.POINTS_BACK:
                return line.area > 0
            case Change.PHOTO_BACK:
                return line.photo != line.name
            case _:
                return "?" in (self._image(line).url or "")

    def _with_photo(self, line: Line, photo: int) -> Line:
        """Another photo behind a name; in a folder it is the file itself that is replaced, whatever the survey says."""
        local = self._world.knobs.local
        if self._world.knobs.kind is Kind.SOURCE:
            return line  # a source has one photo of a name
        if local is not None and (local.in_bucket[line.name] or local.in_bucket[photo]):
            return line
        self._world.platform.replaced(line.name, line.photo, photo)
        return line._replace(photo=photo)

    def _line(self, number: int) -> Line:
        """An image as the survey says it when it first does."""
        return Line(number, number, unfit=self._world.knobs.pool[number].unfit)

    def _image(self, line: Line) -> PlannedImage:
        knobs = self._world.knobs
        image = knobs.pool[line.name]
        if line.photo != line.name:
            other = knobs.pool[line.photo]
            if knobs.toy and not knobs.uploads:
                url = own_address(line.photo, knobs.natures[line.photo])
                image = structs.replace(image, url=url, size=other.size)
            else:
                image = structs.replace(image, image_id=other.image_id, sha256=other.sha256, size=other.size)
        image = with_unfit(image, line.unfit) if knobs.uploads else image
        if line.is_signed_anew and image.url is not None and "?" in image.url:
            url = f"{image.url.partition('?')[0]}?{SIGNED_ANEW}&se=2099-01-01T00%3A00Z"
            image = structs.replace(image, url=url)
        if line.narrower and image.url is not None and image.size is not None:
            image = structs.replace(image, size=Size(image.size.width - line.narrower, image.size.height))
        return structs.replace(image, area=_AREAS[line.area])
