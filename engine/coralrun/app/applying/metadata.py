"""What a run knows of its photos, put into the source that they were uploaded to.

Rule: shown before it is sent, value by value where one is replaced, and asked about. What the run does not know stays
as it is there. Coordinates go as they are, rounded, or not at all, by choice alone: where the source is public, anybody
reads them. A field that the source does not have is named and left out, and so is a value that tells less than its
field must.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from coralrun.app.chosen_run import run_or_last
from coralrun.app.reach import reach
from coralrun.app.reporter import Reporter
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.connection import Connection
from coralrun.errors import EXIT_COMPLETE, InvalidInput, Problem, UsageError
from coralrun.ports import MetadataPlace
from coralrun.values.phrases import count

DECIMALS: Final = 2
"""Of rounded coordinates in degrees: about a kilometre."""
_COORDINATES: Final = ("latitude", "longitude")
_SHOWN: Final = 5


class Coordinates(StrEnum):
    """What becomes of coordinates."""

    EXACT = "exact"
    ROUNDED = "rounded"
    NONE = "none"


@dataclass(slots=True)
class Change:
    """What would change of one field: photos that get a value, and those of which one is replaced, as (old, new)."""

    filled: list[str] = field(default_factory=list)
    replaced: dict[str, tuple[str, str]] = field(default_factory=dict)


def put_metadata(run_dir: Path | None, coordinates: Coordinates | None, yes: bool, reporter: Reporter) -> int:
    """Put what a run knows of its uploaded photos into their source.

    Raises UsageError where no photo was uploaded, InvalidInput for values that the service would not take as they are
    meant.
    """
    chosen = run_or_last(run_dir, reporter, uploads=True, changes=not yes)
    with reaching(chosen):
        opened = open_run(chosen)
    connection = reach(opened.plan.service, opened.plan.options, reporter, must_have_account=True)
    try:
        if not opened.plan.fields:
            raise UsageError(
                f"{chosen}: the run knows nothing of its photos",
                remedy="Say in the survey where that is from, such as `metadata: {exif: true}`, and apply it again.",
            )
        places = sorted({image.upload.to for image in opened.plan.images if image.upload is not None})
        if not places:
            raise UsageError(f"{chosen}: none of its photos is uploaded", remedy="Name a run with `upload_to`.")
        written = [_put_into(opened, to, connection, coordinates, yes, reporter) for to in places]
    finally:
        connection.close()
    reporter.document({"run_dir": str(chosen), "places": written})
    return EXIT_COMPLETE


def _put_into(
    opened: OpenRun, to: str, connection: Connection, coordinates: Coordinates | None, yes: bool, reporter: Reporter
) -> dict[str, Any]:
    place = connection.metadata_place(int(to))
    known = place.known()
    wanted, left_out = _wanted(opened, to, place, coordinates)
    rough = _rough(place, wanted)
    wanted = {name: row | dict.fromkeys(rough.get(name, ()), "") for name, row in wanted.items()}
    _check(place, wanted)
    rows = place.changes(wanted)
    changes = _changes(rows, known)
    reporter.say(f"Metadata of {count(len(wanted), 'photo')} in source {to}: {len(rows):,} would change")
    reporter.lines(_lines(changes, left_out, [name for name in wanted if name not in known]))
    reporter.lines(_rough_lines(rough))
    is_lasting = any(change.replaced for change in changes.values())
    if rows and not yes and not reporter.agrees("Write it?", is_lasting=is_lasting):
        reporter.say("Nothing was written.")
        rows = {}
    if rows:
        place.put(rows)
        reporter.say(f"{count(len(rows), 'photo')} written, and read back as sent.")
    return _document(to, rows, changes)


def _wanted(
    opened: OpenRun, to: str, place: MetadataPlace, coordinates: Coordinates | None
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """What the run knows of the photos that are at a place, in the place's fields; and the fields that it has not."""
    theirs = {name.casefold(): name for name in place.fields}
    fields = {field: theirs[field.casefold()] for field in opened.plan.fields if field.casefold() in theirs}
    left_out = [field for field in opened.plan.fields if field not in fields]
    rows = [image.metadata for image in opened.plan.images]
    said = {field for row in rows for field, value in zip(opened.plan.fields, row, strict=False) if value}
    located = [field for field in fields if field.casefold() in _COORDINATES and field in said]
    if located and coordinates is None:
        raise UsageError(
            f"the run knows coordinates ({', '.join(located)}), which anybody can read where the source is public",
            remedy="Say what becomes of them: --coordinates exact, rounded (to about a kilometre) or none.",
        )
    wanted: dict[str, dict[str, str]] = {}
    for image in opened.plan.images:
        is_there = image.upload is not None and image.upload.to == to and image.uploaded_as in opened.state.stored
        if not is_there:
            continue
        known = dict(zip(opened.plan.fields, image.metadata, strict=False))
        row = {name: known.get(field, "") for field, name in fields.items()}
        wanted[image.name] = {name: _placed(name, value, coordinates) for name, value in row.items()}
    return wanted, left_out


def _placed(name: str, value: str, coordinates: Coordinates | None) -> str:
    if name.casefold() not in _COORDINATES or not value:
        return value
    if coordinates is Coordinates.NONE:
        return ""
    try:
        return f"{float(value):.{DECIMALS}f}" if coordinates is Coordinates.ROUNDED else value
    except ValueError:
        return value  # it is refused by name


def _rough(place: MetadataPlace, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The values that tell less than a field must, by photo and field: they are right, and cannot be written."""
    by_photo = {
        name: {field: value for field, value in row.items() if place.is_rough(field, value)}
        for name, row in wanted.items()
    }
    return {name: values for name, values in by_photo.items() if values}


def _rough_lines(rough: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for field_ in dict.fromkeys(field_ for values in rough.values() for field_ in values):
        values = [values[field_] for values in rough.values() if field_ in values]
        named = ", ".join(list(dict.fromkeys(values))[:_SHOWN])
        yield f"  {field_}: left out of {count(len(values), 'photo')}, for the source takes whole dates: {named}"


def _check(place: MetadataPlace, wanted: Mapping[str, Mapping[str, str]]) -> None:
    problems = [
        Problem(name, 0, 0, f"`{field}` {why}: {value!r}")
        for name, row in wanted.items()
        for field, value in row.items()
        if (why := place.problem(field, value)) is not None
    ]
    if problems:
        raise InvalidInput(problems, remedy="Correct the table or the names that the run's metadata is from.")


def _changes(rows: Mapping[str, Mapping[str, str]], known: Mapping[str, Mapping[str, str]]) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    for name, row in rows.items():
        for field_, new in row.items():
            old = known[name].get(field_, "")
            if old and old != new:
                changes.setdefault(field_, Change()).replaced[name] = old, new
            elif new and not old:
                changes.setdefault(field_, Change()).filled.append(name)
    return changes


def _lines(changes: Mapping[str, Change], left_out: Iterable[str], missing: list[str]) -> Iterator[str]:
    for name, change in changes.items():
        if change.filled:
            yield f"  {name}: filled in {count(len(change.filled), 'photo')}"
        if change.replaced:
            yield f"  {name}: REPLACED in {count(len(change.replaced), 'photo')}:"
            for photo, (old, new) in list(change.replaced.items())[:_SHOWN]:
                yield f"    {photo}: {old!r} becomes {new!r}"
            if len(change.replaced) > _SHOWN:
                yield f"    and {len(change.replaced) - _SHOWN:,} more"
    fields = ", ".join(left_out)
    if fields:
        yield f"  left out, for the source has no such fields: {fields}"
    if missing:
        yield f"  no longer in the source: {', '.join(missing[:_SHOWN])}"


def _document(to: str, rows: Mapping[str, Any], changes: Mapping[str, Change]) -> dict[str, Any]:
    fields = {
        name: {"filled": change.filled, "replaced": {photo: list(pair) for photo, pair in change.replaced.items()}}
        for name, change in changes.items()
    }
    return {"to": to, "written": len(rows), "fields": fields}
