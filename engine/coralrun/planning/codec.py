"""The plan as bytes: a header and two files of lines, or all of it in one file.

Rule: equal plans encode to equal bytes. The header comes first and opens with `format` and `version`, so that a reader
needs only the first bytes to know what it holds. It carries the SHA-256 of the lines after it and ends with
that of itself (see `sealed`); so any change to a plan is found, whether by accident or by hand. A line is one image:
lines are cut at \\n alone, because a name may hold any other line end that Unicode knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from coralrun.errors import InvalidInput, Problem, RunDamaged
from coralrun.files.sealed import seal_of
from coralrun.planning.header import FORMAT, VERSION, Damage, Header, Lines, read_header, write_header
from coralrun.planning.image_lines import ImageLines, NotAnImage
from coralrun.planning.images import PlannedImage
from coralrun.planning.lines import image_lines, points_lines, points_of
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.service.about import AboutService
from coralrun.service.terms import Options
from coralrun.values.ids import sha256_hex

IMAGES_FILE: Final = "images.jsonl"
POINTS_FILE: Final = "points.jsonl"

_OPENING = b'{"format":"%s","version":' % FORMAT.encode()
_SHARED = tuple(sorted({*Header.__struct_fields__} - {"format", "version", "images", "points", "analysis"}))


class _Keyed(msgspec.Struct):
    """An image's line, of which the key is asked for alone."""

    key: str


_KEYED = msgspec.json.Decoder(_Keyed)


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """The content of the three files of a plan; `points` is None where a design lays the points."""

    header: bytes
    images: bytes
    points: bytes | None


def encode(plan: Plan) -> PlanFiles:
    """Write a plan as the three files of a run directory."""
    return _encoded(plan, None)


def encode_single(plan: Plan) -> bytes:
    """Write a plan as one file: the header, which holds how the run will be read too, the images, the points."""
    files = _encoded(plan, plan.analysis)
    return files.header + files.images + (files.points or b"")


def _encoded(plan: Plan, analysis: Analysis | None) -> PlanFiles:
    images = _lines_of(plan.images)
    points = None if plan.design is not None else b"".join(points_lines(plan))
    header = Header(
        format=FORMAT,
        version=VERSION,
        images=Lines(len(plan.images), sha256_hex(images)),
        points=Lines(plan.points, None if points is None else sha256_hex(points)),
        analysis=analysis,
        **{name: getattr(plan, name) for name in _SHARED},
    )
    return PlanFiles(write_header(header), images, points)


def _lines_of(images: Sequence[PlannedImage]) -> bytes:
    return images.data if isinstance(images, ImageLines) else image_lines(images)


def digest(files: PlanFiles) -> str:
    """The identity of a plan: the SHA-256 that its header carries, which covers all three files."""
    return seal_of(files.header)


def sniff(data: bytes) -> bool:
    """Whether some bytes are a saved plan (and not a survey); the first 100 are enough."""
    return data.startswith(_OPENING)


def decode(files: PlanFiles) -> Plan:
    """Read the plan of a run directory.

    Raises RunDamaged with file:line where it is not what was written, UsageError where a newer coralrun wrote it.
    """
    try:
        return _decoded(files)
    except Damage as damage:
        place = f"{damage.part}:{damage.line}" if damage.line else damage.part
        raise RunDamaged(f"{place}: {damage}") from damage


def keys_of(header: bytes, images: bytes) -> tuple[str, frozenset[str], Classifier, AboutService, Options]:
    """The identity of a run's plan, the keys of its images, its classifier, its service and what it said by keys of
    that, without the rest; raises as `decode`."""
    try:
        fields = read_header(header)
        _check(IMAGES_FILE, images, fields.images.sha256)
        keys = frozenset(_KEYED.decode(line).key for _, line in _lines(images))
    except Damage as damage:
        raise RunDamaged(f"{damage.part}: {damage}") from damage
    except msgspec.MsgspecError as error:
        raise RunDamaged(f"{IMAGES_FILE}: a line is not an image of a plan") from error
    return seal_of(header), keys, fields.classifier, fields.about, fields.options


def decode_single(label: str, data: bytes) -> Plan:
    """Read a plan from one file, called `label` in messages.

    Raises InvalidInput with file:line where it is not what was written, UsageError where a newer coralrun wrote it.
    """
    try:
        header, _, rest = data.partition(b"\n")
        cut = _after_lines(rest, read_header(header).images.count)
        return _decoded(PlanFiles(header, rest[:cut], rest[cut:] or None))
    except Damage as damage:
        line = damage.line
        if damage.part == IMAGES_FILE and line:
            line += 1
        elif damage.part == POINTS_FILE:
            line = 0
        problem = Problem(label, line, 0, str(damage))
        raise InvalidInput([problem], remedy="Make the plan again with `coralrun plan --out`.") from damage


def _decoded(files: PlanFiles) -> Plan:
    header = read_header(files.header)
    points = _table(files.points, header.points.sha256)
    _check(IMAGES_FILE, files.images, header.images.sha256)
    return Plan(
        images=_images(files.images, len(header.fields)),
        file_points=points,
        extents={key: extent for key in points if (extent := points.extent(key)) is not None},
        analysis=header.analysis or Analysis(),
        **{name: getattr(header, name) for name in _SHARED},
    )


def _table(data: bytes | None, sha256: str | None) -> PointsTable:
    if data is None and sha256 is None:
        return PointsTable(POINTS_FILE, {})
    if data is None or sha256 is None:
        state = "missing" if data is None else "there, but the points of this plan come from a design"
        raise Damage(POINTS_FILE, 0, f"the points are {state}")
    _check(POINTS_FILE, data, sha256)
    return PointsTable(POINTS_FILE, dict(_points(data)))


def _check(part: str, data: bytes, sha256: str | None) -> None:
    """Compare a part with its hash; where it differs, name the first line that cannot even be read."""
    if sha256_hex(data) == sha256:
        return
    for number, line in _lines(data):
        try:
            msgspec.json.decode(line)
        except (ValueError, RecursionError) as error:
            raise Damage(part, number, "the line cannot be read") from error
    raise Damage(part, 0, "the lines are not those that were written: their SHA-256 differs")


def _lines(data: bytes) -> Iterable[tuple[int, bytes]]:
    return enumerate(data.removesuffix(b"\n").split(b"\n") if data else (), start=1)


def _after_lines(data: bytes, count: int) -> int:
    """Where the line after `count` lines begins; the end of the data where there are fewer."""
    end = 0
    for _ in range(count):
        end = data.find(b"\n", end) + 1
        if end == 0:
            return len(data)
    return end


def _images(data: bytes, known: int) -> ImageLines:
    try:
        return ImageLines(data, known)
    except NotAnImage as error:
        raise Damage(IMAGES_FILE, error.line, "the line is not an image of a plan") from error


def _points(data: bytes) -> Iterator[tuple[str, PackedPoints]]:
    for number, line in _lines(data):
        try:
            yield points_of(line)
        except ValueError as error:
            raise Damage(POINTS_FILE, number, "the line is not the points of an image") from error
