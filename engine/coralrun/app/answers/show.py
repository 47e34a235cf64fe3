"""One photo with its points and labels drawn on it.

Rule: the photo is fetched again, through the same ports as everything else. An image without predictions shows its
points without labels, as far as they are known, and its picture says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from coralrun.app.answers.fetching import fetching
from coralrun.app.reporter import Reporter
from coralrun.app.run.photos import why_not
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Fetch
from coralrun.errors import CoralrunError, CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point, Size
from coralrun.planning.lay import PointsOutside, lay
from coralrun.planning.model import Plan
from coralrun.planning.name_match import match_names
from coralrun.planning.near_names import near_misses
from coralrun.planning.points import AreaTooSmall
from coralrun.report.palette import coloured
from coralrun.results import pictures
from coralrun.results.pictures import LegendRow, Mark, NotAPicture
from coralrun.results.tables import reason_text
from coralrun.spec.suggest import suggestion
from coralrun.values.classified import ScoredPoint

SUFFIXES: Final = (".jpg", ".jpeg", ".png")
_LEAST_PX: Final = 1400
_MOST_PX: Final = 4000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn photo: its bytes as `suffix` says, and what is on it, by label and most first."""

    data: bytes
    labels: tuple[tuple[str, int], ...]
    points: int
    note: str


def find(plan: Plan, wanted: str) -> int:
    """The number of an image, by its name or its key; raises UsageError where it is none, or more than one."""
    found = [number for number, image in enumerate(plan.images) if wanted in (image.key, image.name)]
    if not found:
        names = [image.name for image in plan.images]
        meant = match_names([wanted], frozenset(names), in_folders=True).images.get(wanted)
        found = [number for number, name in enumerate(names) if name == meant]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(plan.images[number].key for number in found[:_SHOWN])
        raise UsageError(f"{wanted}: {len(found)} images have this name", remedy=f"Give the key of one: {keys}.")
    near = next(near_misses([wanted], dict.fromkeys(names)), "")
    close = suggestion(wanted, names)
    hint = f"{near}. " if near else f"Did you mean {close}? " if close else ""
    raise UsageError(f"{wanted}: no image of this run", remedy=f"{hint}Names are in outputs/predictions.csv.")


def check_out(path: Path) -> None:
    """Raise UsageError for a file that a picture cannot be written to."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: pictures are JPEG or PNG", remedy="End --out in .jpg or .png.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: not a file in a folder that is there", remedy="Give --out another place.")


def draw(opened: OpenRun, number: int, fetch: Fetch, suffix: str) -> Picture:
    """Fetch an image's photo and draw its points on it.

    Raises UsageError where the photo is gone or damaged, CredentialsError where the account may not see it, and
    ServiceError where it cannot be had now.
    """
    image = opened.plan.images[number]
    answer = fetch(image)
    if not isinstance(answer, bytes):
        if isinstance(answer, Unusable) and image.unfit is not None:
            answer = Unusable(Reason(image.unfit))  # a plan looks at a photo, a service at its entry in a folder
        raise _not_had(image.name, answer)
    try:
        photo = pictures.open_photo(answer)
    except NotAPicture as error:
        raise UsageError(f"{image.name}: {error}", remedy="Copy it anew, or show another photo.") from error
    scored = _scored(opened, number)
    labels = Counter(_label(point) for point in scored)
    ordered = tuple(sorted(labels.items(), key=lambda item: (-item[1], item[0])))
    colours = coloured([label for label, _ in ordered])
    marks = [Mark(point.row, point.column, colours[_label(point)], _code(point)) for point in scored]
    note = "" if scored else _why_none(opened.plan_state, number)
    if not scored:
        marks = [Mark(point.row, point.column) for point in _planned(opened.plan, number, photo)]
    picture = pictures.marked(photo, marks, least_px=_LEAST_PX, most_px=_MOST_PX)
    title = f"{image.name}: {len(marks)} points{f', {note}' if note else ''}"
    sheet = pictures.with_legend(
        picture, title, [LegendRow(colours[label], f"{label}: {count}") for label, count in ordered]
    )
    data = pictures.png(sheet) if suffix.lower() == ".png" else pictures.jpeg(sheet)
    return Picture(data, ordered, len(marks), note)


def _not_had(name: str, answer: Unusable | Trouble) -> CoralrunError:
    """Why there is no photo: for want of an account, for now, or because it is not what it was."""
    said = f"{name}: {why_not(answer)}"
    match answer:
        case Trouble(kind=TroubleKind.CREDENTIALS) | Unusable(reason=Reason.DENIED):
            return CredentialsError(said)
        case Trouble():
            return ServiceError(said, remedy="Try again later.")
    return UsageError(said, remedy="Show another photo: this one cannot be had.")


def write(opened: OpenRun, image: str, out: Path | None, reporter: Reporter) -> tuple[Path, Picture]:
    """Draw one photo of a run into a file, in the run's report folder if not `out`; raises as `find` and `draw`."""
    number = find(opened.plan, image)
    target = out or opened.layout.drawn_photo(opened.units.unit_of[number])
    if out is None:
        opened.disk.make_directory(opened.layout.report, shared=True)
    check_out(target)
    with fetching(opened, reporter) as fetch:
        picture = draw(opened, number, fetch, target.suffix)
    opened.disk.replace(target, picture.data)
    return target, picture


def _scored(opened: OpenRun, number: int) -> tuple[ScoredPoint, ...]:
    return next((points for _, points in opened.points((number,))), ())


def _code(point: ScoredPoint) -> str:
    return point.classifications[0].label_code if point.classifications else ""


def _label(point: ScoredPoint) -> str:
    """A point's label, as the legend names it: its code, and its name where that says more."""
    if not point.classifications:
        return "no label"
    best = point.classifications[0]
    return best.label_code if best.label_code == best.label_name else f"{best.label_code} ({best.label_name})"


def _planned(plan: Plan, number: int, photo: Image.Image) -> Sequence[Point]:
    """The points that an image was to have; none where they cannot be laid on it."""
    try:
        return lay(plan, plan.images[number], Size(photo.width, photo.height))
    except (AreaTooSmall, PointsOutside):
        return ()


def _why_none(state: PlanState, number: int) -> str:
    reason = state.reason(number)
    return "not classified yet" if reason is None else f"no predictions: {reason_text(reason)}"
