"""What a survey must be beyond its schema: sums, dates, ratios.

Rule: what the schema refused is taken out before, so a rule may take the kind of every value for granted, but not that
it is there. Limits that are the service's come from its terms. The rules of points stand in `point_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

from coralrun.service.terms import ServiceTerms
from coralrun.spec.canonical import folder_address, folder_path, share
from coralrun.spec.findings import RANK_RULE, Finding, Path
from coralrun.spec.model import FROM_CORALNET, IMAGE, REGEX, SOURCES, Chosen
from coralrun.spec.point_rules import of_area, of_points, own_points, points_of_sources
from coralrun.spec.regex import BadPattern, searcher
from coralrun.spec.revisit import points_of_an_earlier_run
from coralrun.spec.run_in import photos_of_one_source
from coralrun.spec.running import seconds
from coralrun.spec.template import BadTemplate, template_of
from coralrun.spec.text import shown
from coralrun.spec.values import check_asked, check_same

MIN_PATIENCE_S: Final = 1.0
MIN_LABEL_PATIENCE_S: Final = 60.0
MAX_LABEL_PATIENCE_S: Final = 720 * 3600.0  # ours: a month
MAX_PATIENCE_S: Final = 3600.0  # ours: a look costs one request, and the hour's window forgets after as long
_BY_UNIT: Final = ("cover", "matrix")
_PORT = re.compile(r"://(?:[^/:]+|\[[^/]*\]):([0-9]+)(?:/|\Z)")


def check(survey: Mapping[str, Any], terms: ServiceTerms | None) -> Iterator[Finding]:
    """The findings of every rule; `terms` are those of the survey's service, None where there is none of its name.

    What the schema refused is no longer in `survey` (see `without`).
    """
    own: Mapping[tuple[str, ...], Callable[[Any], Iterator[Finding]]] = {
        ("sources",): partial(_sources, terms),
        ("sampling", "points"): partial(of_points, terms),
    }
    yield from photos_of_one_source(survey)
    for section, rule in {**_SECTIONS, **own}.items():
        part: Any = survey
        for key in section:
            part = part.get(key) if isinstance(part, Mapping) else None
        if part is not None:
            for finding in rule(part):
                yield Finding((*section, *finding.path), finding.message, at_key=finding.at_key, rank=RANK_RULE)


def without(value: Any, wrong: Collection[Path], path: Path = ()) -> Any:
    """A copy that lacks the values at these paths; an item of a list becomes None, so that the others keep theirs."""
    if isinstance(value, Mapping):
        return {key: without(part, wrong, (*path, key)) for key, part in value.items() if (*path, key) not in wrong}
    if isinstance(value, list):
        return [
            None if (*path, index) in wrong else without(part, wrong, (*path, index))
            for index, part in enumerate(value)
        ]
    return value


def _service(service: str) -> Iterator[Finding]:
    yield from _port(service, "service")


def _port(address: str, key: str) -> Iterator[Finding]:
    port = _PORT.search(address)
    if port and not 1 <= int(port.group(1)) <= 65_535:
        yield Finding((), f"the port of `{key}` must be from 1 to 65535, not {port.group(1)}")


def _patience(patience: str) -> Iterator[Finding]:
    if not MIN_PATIENCE_S <= seconds(patience) <= MAX_PATIENCE_S:
        yield Finding((), f"`patience` must be from 1s to 1h, not `{patience}`")


def _label_patience(patience: str) -> Iterator[Finding]:
    if not MIN_LABEL_PATIENCE_S <= seconds(patience) <= MAX_LABEL_PATIENCE_S:
        yield Finding((), f"`label_patience` must be from 1m to 720h, not `{patience}`")


def _directory(directory: str) -> Iterator[Finding]:
    if directory == "~" or directory.startswith("~/"):
        yield Finding((), f"`directory` begins with `~`, which only a shell knows: write `${{HOME}}{directory[1:]}`")


def _sources(terms: ServiceTerms | None, sources: list[Any]) -> Iterator[Finding]:
    seen: dict[tuple[str, object], int] = {}
    for index, source in enumerate(sources):
        if source is None:
            continue
        yield from (Finding((index, "search", *f.path), f.message) for f in _search(source.get("search", {})))
        yield from (Finding((index, "filters", "where", *f.path), f.message) for f in _where(source))
        yield from (Finding((index, "filters", *f.path), f.message) for f in _patterns(source))
        yield from (Finding((index, "points", *f.path), f.message, f.at_key) for f in own_points(terms, source))
        yield from (Finding((index, "endpoint"), f.message) for f in _port(source.get("endpoint", ""), "endpoint"))
        for kind in SOURCES:
            named = _AS_ONE.get(kind, _as_it_is)(source[kind]) if kind in source else None
            first = seen.setdefault((kind, named), index) if kind in source else index
            if first != index:
                which = shown(source[kind])
                message = f"the source {which} stands twice (it is item {first + 1} too): give each source once"
                yield Finding((index, kind), message)


def _as_it_is(named: object) -> object:
    return named


_AS_ONE: Final[Mapping[str, Callable[[Any], object]]] = {"bucket": folder_address, "folder": folder_path}
"""How a source of a kind is written in one way, where there are several."""


def _search(search: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("photo_date", "last_annotated"):
        if isinstance(search.get(key), Mapping):
            yield from (Finding((key, *f.path), f.message) for f in _days(search[key]))
    if "last_annotator_user" in search and search.get("last_annotator") != "annotation_tool":
        message = "`last_annotator_user` goes with `last_annotator: annotation_tool`: only there is an annotator a user"
        yield Finding(("last_annotator_user",), message)
    first, last = search.get("image_id_range", (0, 0))
    if first is not None and last is not None and first > last:
        yield Finding(("image_id_range",), f"`image_id_range` ends ({last}) before it begins ({first})")
    if "image_id_range" in search and "image_id_list" in search:
        message = "`image_id_range` does not go with `image_id_list`, which already says which images are meant"
        yield Finding(("image_id_range",), message, at_key=True)


def _patterns(source: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("include", "exclude"):
        for index, pattern in enumerate(source.get("filters", {}).get(key, [])):
            if pattern is None or not pattern.startswith(REGEX):
                continue
            try:
                searcher(pattern.removeprefix(REGEX))
            except BadPattern as error:
                message = f"item {index + 1} of `{key}` is no regular expression: {error}"
                yield Finding((key, index), message)


def _where(source: Mapping[str, Any]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for field, asked in source.get("filters", {}).get("where", {}).items():
        other = first.setdefault(field.casefold(), field)
        if other != field:
            yield Finding((field,), f"the field {shown(field)} stands twice (as {shown(other)} too)", at_key=True)
        if not isinstance(asked, Mapping):
            continue
        yield from (Finding((field, *f.path), f.message) for f in _days(asked))
        if asked.keys() & {"min", "max"} and asked.keys() & {"from", "to"}:
            message = f"{shown(field)} is a number (`min`, `max`) or a day (`from`, `to`), not both"
            yield Finding((field,), message)
        least, most = asked.get("min"), asked.get("max")
        if least is not None and most is not None and least > most:
            yield Finding((field, "max"), f"`max` ({most}) is less than `min` ({least})")


def _days(condition: Mapping[str, Any]) -> Iterator[Finding]:
    days: dict[str, date] = {}
    for key in ("date", "from", "to"):
        if key in condition:
            try:
                days[key] = date.fromisoformat(condition[key])
            except ValueError:
                yield Finding((key,), f"`{key}` is no day of the calendar: {shown(condition[key])}")
    if "from" in days and "to" in days and days["from"] > days["to"]:
        yield Finding(("to",), f"`to` ({days['to']}) is before `from` ({days['from']})")


def _whole(survey: Mapping[str, Any]) -> Iterator[Finding]:
    own_run = survey.get("outputs", {}).get("directory", f"runs/{survey.get('name')}").rstrip("/")
    yield from _own_run(survey, own_run)
    yield from _formats_by_unit(survey)
    yield from points_of_sources(survey)
    yield from points_of_an_earlier_run(survey, own_run)
    yield from check_asked(survey)
    yield from _exif(survey)


def _exif(survey: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether there is a photo whose EXIF can be read."""
    metadata = survey.get("metadata")
    sources = [source for source in survey.get("sources") or [] if source is not None]
    if isinstance(metadata, Mapping) and metadata.get("exif") and not any("folder" in source for source in sources):
        message = "`exif` is read from photos in a folder, and none of the sources is one: take it out"
        yield Finding(("metadata", "exif"), message, at_key=True)


def _own_run(survey: Mapping[str, Any], own: str) -> Iterator[Finding]:
    """A run cannot build on itself: once it is begun it would not be the same survey any more."""
    for index, source in enumerate(survey.get("sources") or []):
        left_out = [] if source is None else source.get("filters", {}).get("not_in", [])
        for place, run in enumerate([left_out] if isinstance(left_out, str) else left_out):
            if run is not None and run.rstrip("/") == own:
                where = ("not_in",) if isinstance(left_out, str) else ("not_in", place)
                message = f"{shown(run)} is the run of this survey itself: name an earlier one"
                yield Finding(("sources", index, "filters", *where), message)


def _formats_by_unit(survey: Mapping[str, Any]) -> Iterator[Finding]:
    """What sums up by the design unit needs one: at the end of a run it would be late to say so."""
    unit = survey.get("design", {}).get("unit")
    if unit is not None and unit.casefold() != IMAGE:
        return
    for index, name in enumerate(survey.get("outputs", {}).get("formats", [])):
        if name in _BY_UNIT:
            lacking = "there is none" if unit is None else "here that is the image itself"
            message = f"the format `{name}` sums up by the design unit, and {lacking}: say `design: {{unit: site}}`"
            yield Finding(("outputs", "formats", index), message)


def _images(images: Mapping[str, Any]) -> Iterator[Finding]:
    if "by" in images and "count" not in images:
        yield Finding(("by",), "`by` goes with `count`: how many images of each value are drawn", at_key=True)


def _metadata(metadata: str | Mapping[str, Any]) -> Iterator[Finding]:
    metadata = {"from": metadata} if isinstance(metadata, str) else metadata
    for key in ("encoding", "sheet", "columns"):
        if key in metadata and metadata.get("from", FROM_CORALNET) == FROM_CORALNET:
            yield Finding((key,), f"`{key}` belongs to a table of metadata: give its path as `from`", at_key=True)
    yield from check_same(metadata)
    named = metadata.get("from_names", [])
    for place, text in enumerate([named] if isinstance(named, str) else named):
        try:
            template_of(text)
        except BadTemplate as error:
            where = ("from_names",) if isinstance(named, str) else ("from_names", place)
            yield Finding(where, f"`from_names` is no template: {error}")


def _design(design: Mapping[str, Any]) -> Iterator[Finding]:
    levels = [level.casefold() if isinstance(level, str) else None for level in design.get("levels", [])]
    for index, level in enumerate(levels):
        if level == IMAGE and index < len(levels) - 1:
            yield Finding(("levels", index), "`image` must be the last of `levels`, which go from the widest down")
        if level is not None and level in levels[:index]:
            yield Finding(("levels", index), f"the level {shown(design['levels'][index])} stands twice")
    occasion, stratum = design.get("occasion"), (design.get("strata") or {}).get("field") or IMAGE
    if occasion is not None and occasion.casefold() in (IMAGE, stratum.casefold()):
        yield Finding(("occasion",), "`occasion` must be a field of its own: neither the image nor that of the strata")
    yield from _units_in_all(design)
    if isinstance(design.get("weights"), Mapping) and (design.get("unit") or IMAGE).casefold() == IMAGE:
        message = "`weights` of a table are those of units such as sites: name them, `unit: site`"
        yield Finding(("weights",), message, at_key=True)
    unit = design.get("unit")
    if unit is not None and levels and unit.casefold() not in levels:
        yield Finding(("unit",), f"`unit` must be one of the `levels`, and {shown(unit)} is not")


def _units_in_all(design: Mapping[str, Any]) -> Iterator[Finding]:
    counted, unit = design.get("units_in_all"), design.get("unit")
    if counted is None:
        return
    if unit is None or unit.casefold() == IMAGE:
        message = "`units_in_all` counts units such as sites: name them, `unit: site`; photos are few of very many"
        yield Finding(("units_in_all",), message, at_key=True)
    if design.get("chosen") != Chosen.RANDOM:
        message = (
            "`units_in_all` is for units that were drawn at random: say `chosen: random` if they were, and take it out "
            "if they were chosen by judgement"
        )
        yield Finding(("units_in_all",), message, at_key=True)
    if isinstance(counted, Mapping) and "strata" not in design:
        message = "`units_in_all` has a number for each stratum, and the design names none: `strata: {field: habitat}`"
        yield Finding(("units_in_all",), message, at_key=True)


def _cover(cover: Mapping[str, Any]) -> Iterator[Finding]:
    least = cover.get("min_usable_points")
    if least is not None and share(least) > 1:
        yield Finding(("min_usable_points",), f"`min_usable_points` must be from 0% to 100%, not `{least}`")
    unusable = {str(label) for label in cover.get("unusable", []) if label is not None}
    for index, label in enumerate(cover.get("unclear", [])):
        if label is not None and str(label) in unusable:
            yield Finding(
                ("unclear", index),
                f"{shown(label)} stands under `unusable` too: a point is left out of the cover, or it stays as unclear",
            )


_SECTIONS: Final[Mapping[tuple[str, ...], Callable[[Any], Iterator[Finding]]]] = {
    ("service",): _service,
    ("run", "patience"): _patience,
    ("run", "label_patience"): _label_patience,
    ("outputs", "directory"): _directory,
    ("sampling", "images"): _images,
    ("sampling", "points", "annotation_area"): of_area,
    ("metadata",): _metadata,
    ("design",): _design,
    ("cover",): _cover,
    (): _whole,
}
"""The sections that have rules beyond the schema, and their rules; a rule's paths begin at its section."""
