"""The plan as bytes: a header and two files of lines, or all of it in one file.

Rule: equal plans encode to equal bytes. The header comes first and opens with `format` and `version`, so that a reader
needs only the first bytes to know what it holds. It carries the SHA-256 of the lines after it and, as `digest`, that of
itself; so any change to a plan is found, whether by accident or by hand. A line is one image: lines are cut at \\n
alone, because a name may hold any other line end that Unicode knows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from coralrun.errors import InvalidInput, Problem, RunDamaged
from coralrun.ids import canonical_json, digest_of, sha256_hex
from coralrun.plan import analysis_codec
from coralrun.plan.header import HEADER_FILE, WRONG_FIELD, Damage, check_header, images_count, read_header
from coralrun.plan.image_lines import ImageLines, NotAnImage
from coralrun.plan.lines import UNREADABLE, bucket_of, design_of, image_line, points_lines, points_of
from coralrun.plan.model import (
    FORMAT,
    VERSION,
    Analysis,
    Classifier,
    FunnelStep,
    Listing,
    Plan,
    PlannedImage,
)
from coralrun.plan.points_table import PackedPoints, PointsTable

IMAGES_FILE: Final = "images.jsonl"
POINTS_FILE: Final = "points.jsonl"

_OPENING = b'{"format":"%s","version":' % FORMAT.encode()
_RUN_FIELDS = ("batch_size", "concurrency", "patience_s", "attempts", "web_rate")
_LIST_FIELDS = ("not_found", "without_points", "warnings")


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """The content of the three files of a plan; `points` is None where a design lays the points."""

    header: bytes
    images: bytes
    points: bytes | None


def encode(plan: Plan) -> PlanFiles:
    """Write a plan as the three files of a run directory."""
    return _encoded(plan, {})


def encode_single(plan: Plan) -> bytes:
    """Write a plan as one file: the header, which holds how the run will be read too, the images, the points."""
    files = _encoded(plan, {"analysis": analysis_codec.to_fields(plan.analysis)})
    return files.header + files.images + (files.points or b"")


def _encoded(plan: Plan, more: dict[str, Any]) -> PlanFiles:
    images = _lines_of(plan.images)
    points = None if plan.design is not None else b"".join(points_lines(plan))
    fields = {
        **more,
        **{name: getattr(plan, name) for name in ("name", "service", "survey_digest")},
        **{name: list(getattr(plan, name)) for name in _LIST_FIELDS},
        "classifier": asdict(plan.classifier),
        "design": None if plan.design is None else asdict(plan.design),
        **({"own_designs": {k: asdict(v) for k, v in plan.own_designs.items()}} if plan.own_designs else {}),
        **({"buckets": {label: asdict(bucket) for label, bucket in plan.buckets.items()}} if plan.buckets else {}),
        **({"revisits": plan.revisits} if plan.revisits else {}),
        "fields": list(plan.fields),
        "listings": [{"what": each.what, "names": list(each.names)} for each in plan.listings],
        "funnel": [asdict(step) for step in plan.funnel],
        "run": {name: getattr(plan, name) for name in _RUN_FIELDS},
        "outputs": {"directory": plan.directory, "formats": list(plan.formats)},
        "images": {"count": len(plan.images), "sha256": sha256_hex(images)},
        "points": {"count": plan.points, "sha256": None if points is None else sha256_hex(points)},
    }
    fields["digest"] = digest_of({"format": FORMAT, "version": VERSION, **fields})
    header = _OPENING + b"%d," % VERSION + canonical_json(fields)[1:] + b"\n"
    return PlanFiles(header, images, points)


def _lines_of(images: Sequence[PlannedImage]) -> bytes:
    if isinstance(images, ImageLines):
        return images.data
    lines = io.BytesIO()  # one line at a time: a list of a million lines takes as much memory as the file again
    lines.writelines(map(image_line, images))
    return lines.getvalue()


def digest(files: PlanFiles) -> str:
    """The identity of a plan: the SHA-256 that its header carries, which covers all three files."""
    return str(json.loads(files.header)["digest"])


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


def keys_of(header: bytes, images: bytes) -> tuple[str, frozenset[str], Classifier]:
    """The identity of a run's plan, the keys of its images and its classifier, without the rest; raises as `decode`."""
    try:
        fields = read_header(header)
        _check(IMAGES_FILE, images, fields["images"]["sha256"])
        keys = frozenset(str(json.loads(line)["key"]) for _, line in _lines(images))
        return digest_of(fields), keys, Classifier(**fields["classifier"])
    except Damage as damage:
        raise RunDamaged(f"{damage.part}: {damage}") from damage
    except (KeyError, TypeError, ValueError) as error:
        raise RunDamaged(f"{HEADER_FILE}: {WRONG_FIELD}") from error


def decode_single(label: str, data: bytes) -> Plan:
    """Read a plan from one file, called `label` in messages.

    Raises InvalidInput with file:line where it is not what was written, UsageError where a newer coralrun wrote it.
    """
    try:
        header, _, rest = data.partition(b"\n")
        cut = _after_lines(rest, images_count(read_header(header)))
        return _decoded(PlanFiles(header, rest[:cut], rest[cut:] or None))
    except Damage as damage:
        line = damage.line
        if damage.part == IMAGES_FILE and line:
            line += 1
        elif damage.part == POINTS_FILE:
            line = 0
        problem = Problem(label, line, 0, str(damage))
        raise InvalidInput([problem], remedy="Make the plan anew with `coralrun plan --out`.") from damage


def _decoded(files: PlanFiles) -> Plan:
    fields = read_header(files.header)
    try:
        check_header(fields)
        points = _table(files.points, fields["points"]["sha256"])
        _check(IMAGES_FILE, files.images, fields["images"]["sha256"])
        known = tuple(fields.get("fields", ()))  # absent from plans that were written before there was metadata
        analysis = fields.get("analysis")
        return Plan(
            name=fields["name"],
            service=fields["service"],
            survey_digest=fields["survey_digest"],
            classifier=Classifier(**fields["classifier"]),
            images=_images(files.images, len(known)),
            fields=known,
            design=None if fields["design"] is None else design_of(fields["design"]),
            own_designs={label: design_of(own) for label, own in fields.get("own_designs", {}).items()},
            buckets={label: bucket_of(each) for label, each in fields.get("buckets", {}).items()},
            revisits=fields.get("revisits", ""),
            file_points=points,
            extents={key: extent for key in points if (extent := points.extent(key)) is not None},
            funnel=tuple(FunnelStep(**step) for step in fields["funnel"]),
            not_found=tuple(fields["not_found"]),
            without_points=tuple(fields["without_points"]),
            listings=tuple(Listing(each["what"], tuple(each["names"])) for each in fields.get("listings", ())),
            warnings=tuple(fields["warnings"]),
            directory=fields["outputs"]["directory"],
            formats=tuple(fields["outputs"]["formats"]),
            analysis=Analysis() if analysis is None else analysis_codec.from_fields(analysis),
            **fields["run"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Damage(HEADER_FILE, 1, WRONG_FIELD) from error


def _table(data: bytes | None, sha256: str | None) -> PointsTable:
    if data is None and sha256 is None:
        return PointsTable(POINTS_FILE, {})
    if data is None or sha256 is None:
        state = "missing" if data is None else "there, but the points of this plan come from a design"
        raise Damage(POINTS_FILE, 0, f"the points are {state}")
    _check(POINTS_FILE, data, sha256)
    return PointsTable(POINTS_FILE, dict(_points(data)))


def _check(part: str, data: bytes, sha256: str) -> None:
    """Compare a part with its hash; where it differs, name the first line that cannot even be read."""
    if sha256_hex(data) == sha256:
        return
    for number, line in _lines(data):
        try:
            json.loads(line)
        except ValueError as error:
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
        except UNREADABLE as error:
            raise Damage(POINTS_FILE, number, "the line is not the points of an image") from error
