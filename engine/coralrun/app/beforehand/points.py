"""`points`: where the points of a survey's images lie, written out before anything is classified.

Rule: what is written is what a run would submit: both come from `plan.lay`. An image whose size cannot be read, or on
which its points do not fit, is listed with the reason and never left out silently.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from msgspec import structs

from coralrun.app.run.photos import why_not
from coralrun.connection import Fetch
from coralrun.files.written import Table
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.policy import RESOLVES_AT_ONCE
from coralrun.machine.reasons import TEXTS, Reason
from coralrun.parallel import parallel_map
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.lay import AnotherSize, PointsOutside, check_fits, lay
from coralrun.planning.model import Plan
from coralrun.planning.points import AreaTooSmall
from coralrun.ports import Images, Located
from coralrun.reaching import Progress
from coralrun.results import pictures, size_mismatches
from coralrun.results.pictures import Mark, NotAPicture
from coralrun.sources.patience import FIRST_PAUSE_S, TRIES, Patience
from coralrun.store.files import Disk

POINTS_COLUMNS = ("source", "name", "point", "row", "column")
UPLOAD_COLUMNS = ("Name", "Row", "Column")
LEFT_OUT_COLUMNS = ("source", "name", "reason")
_ROWS_AT_ONCE = 2_000

"""Called now and then with the number of images measured."""

_Answer = Size | Unusable | Trouble

PREVIEW_LEAST_PX, PREVIEW_MOST_PX = 1200, 2400


@dataclass(frozen=True, slots=True)
class LaidPoints:
    """The sizes of a plan's images, in its order, and the images that get no points, each with the reason in words."""

    plan: Plan
    sizes: Sequence[Size | None]
    left_out: tuple[tuple[int, str], ...]

    @property
    def images(self) -> int:
        """How many images have points."""
        return len(self.plan.images) - len(self.left_out)

    @property
    def points(self) -> int:
        """How many points there are."""
        return sum(image.points for image, size in zip(self.plan.images, self.sizes, strict=True) if size is not None)


def lay_all(
    plan: Plan, images: Images, patience: Patience, progress: Progress, *, measure_all: bool = False
) -> LaidPoints:
    """Measure every image whose size is not known, or with `measure_all` every one, and try its points on it."""

    def known(image: PlannedImage) -> Size | None:
        return None if measure_all else image.size

    widths, heights = array("l"), array("l")
    left_out: list[tuple[int, str]] = []
    unknown = (image for image in plan.images if known(image) is None)
    with closing(parallel_map(partial(_ask, images), unknown, RESOLVES_AT_ONCE)) as answers:
        for number, image in enumerate(plan.images):
            found = _size_of(image, known(image) or next(answers), images, patience)
            why = found if isinstance(found, str) else _another_size(image, found) or _mismatch(plan, image, found)
            if why:
                left_out.append((number, why))
            width, height = (0, 0) if why or isinstance(found, str) else found
            widths.append(width)
            heights.append(height)
            progress("measuring the images", number + 1, len(plan.images))
    sizes = tuple(Size(width, height) if width else None for width, height in zip(widths, heights, strict=True))
    return LaidPoints(plan, sizes, tuple(left_out))


def _ask(images: Images, image: PlannedImage) -> _Answer:
    if image.unfit is not None:
        return Unusable(Reason(image.unfit))
    answer = images.locate(structs.replace(image, size=None))  # one that has a size is not measured
    return answer.size if isinstance(answer, Located) else answer


def _size_of(image: PlannedImage, answer: _Answer, images: Images, patience: Patience) -> Size | str:
    """An image's size, or in words why it has none; after trouble it is asked for again, with patience."""
    pause_s = FIRST_PAUSE_S
    for _ in range(TRIES - 1):
        if not isinstance(answer, Trouble):
            break
        patience.tell(f"{answer.detail or 'no answer'}: asking again in {pause_s:.0f} s")
        patience.sleep(pause_s)
        pause_s *= 2
        answer = _ask(images, image)
    if isinstance(answer, Trouble):
        return "its host does not answer"
    return TEXTS[answer.reason] if isinstance(answer, Unusable) else answer


def _another_size(image: PlannedImage, found: Size) -> str:
    """What is wrong where a manifest gives another size than the file has: every point would be somewhere else."""
    if image.size in (None, found):
        return ""
    given = image.size or found
    return f"the manifest says {given.width} x {given.height} pixels, the file has {found.width} x {found.height}"


def _mismatch(plan: Plan, image: PlannedImage, size: Size) -> str:
    try:
        check_fits(plan, image, size)
    except AreaTooSmall:
        return size_mismatches.describe_mismatch(Reason.AREA_TOO_SMALL, plan, image, size)
    except AnotherSize:
        return size_mismatches.describe_mismatch(Reason.ANOTHER_SIZE, plan, image, size)
    except PointsOutside:
        return size_mismatches.describe_mismatch(Reason.POINT_OUTSIDE, plan, image, size)
    return ""


def write_points(laid: LaidPoints, folder: Path) -> list[Path]:
    """Write the points into a folder, and for each source a table that CoralNet can import; the files written."""
    disk = Disk()
    disk.make_directory(folder, shared=True)
    written = [folder / Table.POINTS.file]
    disk.replace_from(written[0], _lines(Table.POINTS, POINTS_COLUMNS, _points_rows(laid)))
    sources = list(dict.fromkeys(image.source for image in laid.plan.images))
    for index, source in enumerate(sources, start=1):
        written.append(folder / (Table.UPLOAD.file if len(sources) == 1 else f"upload-{index}.csv"))
        disk.replace_from(written[-1], _lines(Table.UPLOAD, UPLOAD_COLUMNS, _upload_rows(laid, source)))
    if laid.left_out:
        written.append(folder / Table.LEFT_OUT.file)
        rows = ((laid.plan.images[n].source, laid.plan.images[n].name, why) for n, why in laid.left_out)
        disk.replace_from(written[-1], _lines(Table.LEFT_OUT, LEFT_OUT_COLUMNS, rows))
    return written


def preview(laid: LaidPoints, number: int, fetch: Fetch) -> bytes | str:
    """A JPEG of an image with its points drawn on it; in words why there is none."""
    size = laid.sizes[number]
    if size is None:
        return "it gets no points"
    image = laid.plan.images[number]
    answer = fetch(image)
    if not isinstance(answer, bytes):
        return why_not(answer)
    try:
        photo = pictures.open_photo(answer)
    except NotAPicture as error:
        return str(error)
    marks = [Mark(row, column) for row, column in lay(laid.plan, image, size)]
    picture = pictures.marked(photo, marks, least_px=PREVIEW_LEAST_PX, most_px=PREVIEW_MOST_PX)
    return pictures.jpeg(pictures.with_legend(picture, f"{image.name}: {len(marks)} points", ()))


def spread(count: int, wanted: int) -> list[int]:
    """So many numbers below a count, from the first to the last at equal distances."""
    if wanted >= count:
        return list(range(count))
    return [number * (count - 1) // max(wanted - 1, 1) for number in range(wanted)]


def _points_rows(laid: LaidPoints) -> Iterator[Sequence[object]]:
    for image, size in zip(laid.plan.images, laid.sizes, strict=True):
        if size is not None:
            for number, (row, column) in enumerate(lay(laid.plan, image, size), start=1):
                yield image.source, image.name, number, row, column


def _upload_rows(laid: LaidPoints, source: str) -> Iterator[Sequence[object]]:
    for image, size in zip(laid.plan.images, laid.sizes, strict=True):
        if size is not None and image.source == source:
            for row, column in lay(laid.plan, image, size):
                yield image.name, row, column


def _lines(table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    left = iter(rows)
    yield table.lines([columns])
    while piece := list(islice(left, _ROWS_AT_ONCE)):
        yield table.lines(piece)
