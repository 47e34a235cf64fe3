"""A survey from tables in memory: what a notebook filtered with pandas, as the survey and files that a person would
have written.

Rule: nothing is checked here that the survey's own checks find: they see the same words and the same tables, so that a
mistake is reported the same way. A table of images is one of three: with `url`, a manifest; with `image_id`, images of
CoralNet sources that were listed before, by `coralrun.images` or by a run, which are not listed again; anything else is
refused with what to add.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from coralrun.errors import UsageError
from coralrun.planning.images import FoundImage
from coralrun.values.phrases import count

if TYPE_CHECKING:
    import pandas as pd

IMAGES = "images.csv"
POINTS = "points.csv"
_NOT_METADATA = ("name", "image_id", "image_page", "source", "image_url")
_OF_A_RUN = ("points", "standing", "reason")
"""What a run says of its images: no metadata either, where they are a run's."""
_SOURCE: Final = re.compile(r"(?:coralnet:)?([0-9]+)(?:\.0)?")
"""A CoralNet source: its number, or what a run calls it."""


@dataclass(frozen=True, slots=True)
class Tables:
    """A survey as text in its own words, its files by path with the tables that some are made of, and the images of
    CoralNet sources by the source's label."""

    survey: bytes
    files: dict[str, bytes]
    found: dict[str, tuple[FoundImage, ...]]
    tables: dict[str, pd.DataFrame]


def from_frames(
    images: pd.DataFrame | None,
    points: pd.DataFrame | Mapping[str, Any] | int | None,
    *,
    name: str,
    sections: Mapping[str, Any],
) -> Tables:
    """Put tables into the words of a survey; without a table of images its sources are among the sections.

    Raises UsageError for a table of images that is neither kind, or none.
    """
    import pandas as pd

    survey: dict[str, Any] = {"version": 1, "name": name, **_said(sections)}
    files: dict[str, bytes] = {}
    found: dict[str, tuple[FoundImage, ...]] = {}
    if images is not None:
        survey["sources"] = _sources(images, files, found)
    if points is not None:
        of_points = _points(points, files)
        sampling = survey.get("sampling", {})
        if isinstance(sampling, Mapping):  # what else it may be, the checks of a survey refuse
            survey["sampling"] = {**sampling, "points": of_points}
    frames = {IMAGES: images, POINTS: points}
    tables = {path: table for path, table in frames.items() if path in files and isinstance(table, pd.DataFrame)}
    return Tables(from_sections(survey), files, found, tables)


def from_sections(sections: Mapping[str, Any]) -> bytes:
    """Put sections of a survey into its words; raises UsageError for what cannot stand in one."""
    return json.dumps(_said(sections), indent=1, default=_plain).encode()


def _said(sections: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that say something."""
    return {key: value for key, value in sections.items() if value is not None and not _is_empty(value)}


def _sources(
    images: pd.DataFrame, files: dict[str, bytes], found: dict[str, tuple[FoundImage, ...]]
) -> list[dict[str, Any]]:
    """The sources of a table of images; their files, and the images that were listed before, are added to the two."""
    import pandas as pd

    if not isinstance(images, pd.DataFrame):
        raise UsageError(
            f"images= takes a table, and this is of type {type(images).__name__}",
            remedy='Give a DataFrame; photos in a folder are sources=[{"folder": "photos"}], a survey is survey=PATH.',
        )
    headings = [str(column) for column in images.columns]
    if images.empty:
        raise UsageError("the table of images has no row", remedy="Look at the filter that made it.")
    if "image_id" in headings and "source" in headings and "name" not in headings:
        raise UsageError(
            "the table of images has no column `name`", remedy="Keep `name` as coralrun.images(source) gives it."
        )
    if "image_id" in headings and "source" in headings:
        sources: list[dict[str, Any]] = []
        for source, rows in images.groupby(np.array([_source(label) for label in images["source"]]), sort=False):
            path = f"images-{source}.txt"
            sources.append({"coralnet": source, "filters": {"names_from": path}})
            files[path] = "".join(f"{name}\n" for name in rows["name"]).encode()
            found[f"coralnet:{source}"] = _listed(rows)
            _check_each_once(found[f"coralnet:{source}"])
        return sources
    if "url" in [heading.casefold() for heading in headings]:
        files[IMAGES] = _csv(images)
        return [{"manifest": IMAGES}]
    raise UsageError(
        f"the table of images has neither `url` nor `image_id` and `source`: it has {', '.join(headings)}",
        remedy="Add `url`, where the images are public, or start from coralrun.images(source).",
    )


def _check_each_once(images: Sequence[FoundImage]) -> None:
    again = len(images) - len({image.image_id for image in images})
    if again:
        ids = Counter(image.image_id for image in images)
        first = next(image.name for image in images if ids[image.image_id] > 1)
        raise UsageError(
            f"the table of images has {count(again, 'row')} too many, such as of `{first}`",
            remedy='Keep one row of each image: images.drop_duplicates("image_id").',
        )


def _source(label: object) -> int:
    if (known := _SOURCE.fullmatch(str(label))) is not None:
        return int(known[1])
    raise UsageError(
        f"images of `{label}` are of no CoralNet source",
        remedy='Photos of a folder are sources=[{"folder": "photos", "filters": {"include": ["*_q01_*"]}}]; '
        "images that are public elsewhere have `url`, and no `source`.",
    )


def _is_empty(value: object) -> bool:
    """Whether a section says nothing."""
    return isinstance(value, Mapping | str) and not value


def _plain(value: object) -> object:
    """What numbers of numpy and paths are in a survey; raises UsageError for what cannot stand in one."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PathLike):
        return fspath(value)
    remedy = "Give it as a survey has it."
    if hasattr(value, "to_csv"):
        remedy = 'Write the table to a file, table.to_csv("FILE.csv", index=False), and give "FILE.csv".'
    raise UsageError(f"a survey holds texts, numbers, lists and mappings, and no {type(value).__name__}", remedy=remedy)


def _listed(rows: pd.DataFrame) -> tuple[FoundImage, ...]:
    is_of_a_run = str(rows["source"].iloc[0]).startswith("coralnet:")
    left_out = (*_NOT_METADATA, *_OF_A_RUN) if is_of_a_run else _NOT_METADATA
    fields = tuple(str(column) for column in rows.columns if column not in left_out)
    known = rows.astype(object).where(rows.notna(), "")  # pandas has several values that mean "not known"
    return tuple(
        FoundImage(
            name=str(row["name"]),
            image_id=_image_id(row),
            fields=fields,
            metadata=tuple(str(row[field]) for field in fields),
        )
        for row in known.to_dict("records")
    )


def _image_id(row: Mapping[Any, Any]) -> int:
    try:
        return int(row["image_id"])
    except ValueError:
        raise UsageError(
            f"`image_id` of `{row['name']}` is no number", remedy="Keep it as coralrun.images(source) gives it."
        ) from None


def _points(points: pd.DataFrame | Mapping[str, Any] | int, files: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(points, int | np.integer) and not isinstance(points, bool):
        return {"method": "stratified random", "points": int(points)}
    if isinstance(points, Mapping):
        return dict(points)
    if isinstance(points, int | np.integer) or not hasattr(points, "to_csv"):
        raise UsageError(
            f"points= takes a table, a design or a number, and this is of type {type(points).__name__}",
            remedy="Give a DataFrame of name, row and column, a mapping as a survey has it, or a whole number.",
        )
    files[POINTS] = _csv(points)
    return {"from": POINTS}


def _csv(table: pd.DataFrame) -> bytes:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()
