"""The sources of a survey, and how their tables are read: from checked mappings, and back again.

Rule: as in `build`: what is written out gives the same sources again, and holds nothing that is as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coralrun.spec.build_points import build_point_design, build_reading, points_out, present, reading_out
from coralrun.spec.build_where import conditions, conditions_out
from coralrun.spec.model import (
    BucketSource,
    CoralNetSource,
    Filters,
    ManifestSource,
    Metadata,
    Search,
    Source,
)
from coralrun.spec.photo_date import PhotoDate

ANY_STATUS = "any"
NONE = "none"


def build_source(value: Mapping[str, Any], metadata: Metadata) -> Source:
    """One item of `sources`; values under `where` are read as `metadata` says."""
    filters = _filters(value.get("filters", {}), metadata)
    points = build_point_design(value["points"]) if "points" in value else None
    if "manifest" in value:
        return ManifestSource(path=value["manifest"], reading=build_reading(value), filters=filters, points=points)
    if "bucket" in value:
        endpoint = value.get("endpoint")
        return BucketSource(
            address=folder_address(value["bucket"]),
            endpoint=None if endpoint is None else endpoint.rstrip("/"),
            region=value.get("region"),
            filters=filters,
            points=points,
        )
    search = value.get("search", {})
    status = search.get("annotation_status", ANY_STATUS)
    user, fields, ids = search.get("last_annotator_user"), search.get("fields", {}), search.get("image_id_range")
    return CoralNetSource(
        source=int(value["coralnet"]),
        search=Search(
            image_name=search.get("image_name", ""),
            annotation_status="" if status == ANY_STATUS else status,
            photo_date=_date(search.get("photo_date")),
            last_annotated=_date(search.get("last_annotated")),
            last_annotator=search.get("last_annotator", ""),
            last_annotator_user=None if user is None else int(user),
            fields=tuple((name, "" if wanted == NONE else str(wanted)) for name, wanted in sorted(fields.items())),
            image_ids=tuple(sorted(map(int, search.get("image_id_list", ())))),
            image_id_range=None if ids is None else (int(ids[0]), int(ids[1])),
        ),
        filters=filters,
        points=points,
    )


def source_out(source: Source) -> dict[str, Any]:
    """The canonical form of one item of `sources`."""
    kept = source.filters
    filters = {
        "include": list(kept.include),
        "exclude": list(kept.exclude),
        **present(
            names_from=kept.names_from,
            where=conditions_out(kept.where) or None,
            not_in=list(kept.not_in) or None,
            limit=kept.limit,
        ),
    }
    points = {} if source.points is None else {"points": points_out(source.points)}
    if isinstance(source, ManifestSource):
        return {"manifest": source.path, **reading_out(source.reading), "filters": filters, **points}
    if isinstance(source, BucketSource):
        place = {"bucket": source.address, **present(endpoint=source.endpoint, region=source.region)}
        return {**place, "filters": filters, **points}
    return {"coralnet": source.source, "search": _search_out(source.search), "filters": filters, **points}


def folder_address(address: str) -> str:
    """The address of a folder of a bucket with the slash that ends it, so that `2024` never stands for `2024b` too."""
    return address if address.endswith("/") else f"{address}/"


def _filters(value: Mapping[str, Any], metadata: Metadata) -> Filters:
    limit, not_in = value.get("limit"), value.get("not_in", ())
    return Filters(
        include=tuple(value.get("include", ())),
        exclude=tuple(value.get("exclude", ())),
        names_from=value.get("names_from"),
        where=conditions(value.get("where", {}), metadata),
        not_in=(not_in,) if isinstance(not_in, str) else tuple(not_in),
        limit=None if limit is None else int(limit),
    )


def _date(value: str | Mapping[str, Any] | None) -> PhotoDate | None:
    if value is None:
        return None
    if isinstance(value, str):
        return PhotoDate(none=True)
    year = value.get("year")
    return PhotoDate(
        year=None if year is None else int(year),
        date=value.get("date"),
        first=value.get("from"),
        last=value.get("to"),
    )


def _date_out(when: PhotoDate | None) -> str | dict[str, Any] | None:
    if when is None:
        return None
    if when.none:
        return NONE
    return present(year=when.year, date=when.date) | ({"from": when.first, "to": when.last} if when.first else {})


def _search_out(search: Search) -> dict[str, Any]:
    ids = search.image_id_range
    return {
        "image_name": search.image_name,
        "annotation_status": search.annotation_status or ANY_STATUS,
        **present(
            photo_date=_date_out(search.photo_date),
            last_annotated=_date_out(search.last_annotated),
            last_annotator=search.last_annotator or None,
            last_annotator_user=search.last_annotator_user,
            fields={name: value or NONE for name, value in search.fields} or None,
            image_id_list=list(search.image_ids) or None,
            image_id_range=None if ids is None else list(ids),
        ),
    }
