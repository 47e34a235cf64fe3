"""A valid survey -> its canonical form: a survey too, with every default filled in and every short form worked out.

Rule: plain values in, plain values out, and the canonical form of a canonical form is itself. Two ways to write one
survey have one canonical form: it is what "has the survey changed" compares, and what the records of `model` are read
from. Of a key that may be left out and that no default fills in, nothing needs to be said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from coralrun.service.terms import Option, ServiceTerms
from coralrun.spec.grid import cells_for
from coralrun.spec.model import PRODUCTION, Metadata, Pick
from coralrun.spec.point_design import AnnotationArea, Method
from coralrun.spec.running import LENGTH, RunOptions, seconds
from coralrun.spec.values import canonical_values, reader_of
from coralrun.values.unknown import UNKNOWN

Part = Mapping[str, Any]

_UTF_8 = "utf-8"
NO_COVER = {"unusable": [], "unclear": [], "min_usable_points": "0%", "diversity": False}
"""The section `cover` of a survey that leaves it out."""
USUAL_DESIGN: Part = {"seed": 0, "points_per_cell": 1, "annotation_area": msgspec.to_builtins(AnnotationArea())}
"""What a design of points has that does not say it."""


def canonical(survey: Part, terms: ServiceTerms) -> dict[str, Any]:
    """The canonical form of a valid survey whose point designs have CoralNet's own names; `terms` are its service's."""
    name, sampling = survey["name"], survey["sampling"]
    metadata = _metadata(survey.get("metadata", {}))
    values = msgspec.convert(metadata, Metadata)
    form = {
        "version": 1,
        "name": name,
        "service": survey.get("service", PRODUCTION).rstrip("/").lower(),
        "classifier": dict(_classifier(survey["classifier"])),
        "sources": [_source(source, values) for source in survey["sources"]],
        "sampling": {"images": {"seed": 0, **sampling.get("images", {})}, "points": _points(sampling["points"])},
        **_stated(metadata=metadata, design=survey.get("design"), cover=_cover(survey.get("cover", {}))),
        "run": {**msgspec.to_builtins(RunOptions()), **survey.get("run", {})},
        "outputs": {"directory": f"runs/{name}", "formats": ["csv"], **survey.get("outputs", {})},
    }
    for path, default in terms.options.items():
        _put(form, path.split("."), _option(value_at(survey, path), default))
    return {key: _as_written(value) for key, value in form.items()}


def folder_address(address: str) -> str:
    """The address of a folder of a bucket with the slash that ends it, so that `2024` never stands for `2024b` too."""
    return address if address.endswith("/") else f"{address}/"


def folder_path(path: str) -> str:
    """The path of a folder without the slashes that may end it; `/` is one whole."""
    return path.rstrip("/") or "/"


def share(percent: str) -> float:
    """A share such as `80%`, from 0 to 1; the schema has seen to its form."""
    return float(percent[:-1]) / 100


def _classifier(choice: Part) -> Part:
    """Which classifier; one by a number, `4.0` too, is called by its digits."""
    if "id" in choice:
        named = choice["id"]
        return {"id": named if isinstance(named, str) else str(int(named))}
    return {"pick": Pick.NEWEST.value, **choice} if "source" in choice else choice


def _source(source: Part, metadata: Metadata) -> dict[str, Any]:
    """One item of `sources`; values under `where` are read as `metadata` says."""
    whole = {**_table(source), "filters": _filters(source.get("filters", {}), metadata)}
    if "points" in source:
        whole["points"] = _points(source["points"])
    if "coralnet" in source:
        whole["search"] = _search(source.get("search", {}))
    if "bucket" in source:
        whole["bucket"] = folder_address(source["bucket"])
    if "folder" in source:
        whole["folder"] = folder_path(source["folder"])
    if "endpoint" in source:
        whole["endpoint"] = source["endpoint"].rstrip("/")
    return whole


def _search(search: Part) -> dict[str, Any]:
    whole = {"image_name": "", "annotation_status": "any", **search}
    if "fields" in search:
        whole["fields"] = {field: str(value) for field, value in sorted(search["fields"].items())}
    if "image_id_list" in search:
        whole["image_id_list"] = sorted(search["image_id_list"])
    return whole


def _filters(filters: Part, metadata: Metadata) -> dict[str, Any]:
    whole = {"include": [], "exclude": [], **filters}
    if "where" in filters:
        whole["where"] = {field: _asked(value, metadata, field) for field, value in filters["where"].items()}
    if isinstance(filters.get("not_in"), str):
        whole["not_in"] = [filters["not_in"]]
    if "not_trained_on" in filters:
        whole["not_trained_on"] = folder_path(filters["not_trained_on"])
    return whole


def _asked(value: Any, metadata: Metadata, field: str) -> Any:
    """What one field must say: a value alone is short for a list of one, and texts are read as those of images are."""
    if isinstance(value, Mapping):
        return value
    read = reader_of(metadata, field)
    return [read(one) if isinstance(one, str) else one for one in (value if isinstance(value, list) else [value])]


def _points(points: Part) -> dict[str, Any]:
    if "method" not in points:
        return _table(points)
    usual = dict(USUAL_DESIGN)
    per_cell, area = usual.pop("points_per_cell"), {**usual["annotation_area"], **points.get("annotation_area", {})}
    whole = {**usual, **points, "annotation_area": area}
    for key in ("border", "no_duplicates"):
        if not whole.get(key):
            whole.pop(key, None)
    count = whole.pop("points", None)
    if points["method"] == Method.SIMPLE_RANDOM:
        return whole if count is None else {**whole, "number_of_points": count}
    cells = (whole["cell_rows"], whole["cell_columns"]) if count is None else cells_for(int(count))
    if cells is None:
        raise ValueError("a number of points that the rules refuse")
    return {"points_per_cell": per_cell, **whole, "cell_rows": cells[0], "cell_columns": cells[1]}


def _metadata(metadata: str | Part) -> dict[str, Any]:
    """Where metadata comes from; a text alone is short for `from`, and a list of one template is that."""
    given = {"from": metadata} if isinstance(metadata, str) else metadata
    whole = {**_table(given), **canonical_values(given)}
    if whole.get("unknown") == list(UNKNOWN):
        del whole["unknown"]
    if not whole.get("exif"):
        whole.pop("exif", None)
    if isinstance(names := whole.get("from_names"), list) and len(names) == 1:
        whole["from_names"] = names[0]
    return whole


def _table(given: Part) -> dict[str, Any]:
    """How a table is read, among whatever else: the columns in one order, and no encoding that is the usual one."""
    whole = {key: value for key, value in given.items() if (key, value) != ("encoding", _UTF_8)}
    return {**whole, "columns": dict(sorted(given["columns"].items()))} if "columns" in given else whole


def _cover(cover: Part) -> dict[str, Any]:
    """How cover is worked out; nothing where all is as usual. Labels may be written as numbers; they are texts."""
    whole = {**NO_COVER, **cover}
    for key in ("unusable", "unclear"):
        whole[key] = [str(label) for label in whole[key]]
    whole["min_usable_points"] = f"{round(100 * share(whole['min_usable_points']), 6):.15g}%"
    return {} if whole == NO_COVER else whole


def value_at(survey: Any, path: str) -> Any:
    """What a survey says by the key at a path; None where it does not."""
    for key in path.split("."):
        survey = survey.get(key) if isinstance(survey, Mapping) else None
    return survey


def _option(said: Any, default: Option | None) -> Option | None:
    """What holds of one of the service's own keys; a length of time is written in seconds."""
    value: Option | None = default if said is None else said
    is_length = isinstance(default, str) and LENGTH.fullmatch(default)
    return f"{_as_written(seconds(str(value)))}s" if is_length else value


def _put(form: dict[str, Any], keys: list[str], value: Option | None) -> None:
    if value is not None:
        for key in keys[:-1]:
            form = form.setdefault(key, {})
        form[keys[-1]] = value


def _stated(**sections: Part | None) -> dict[str, Part]:
    """The sections that a survey may leave out, those that say something."""
    return {name: section for name, section in sections.items() if section}


def _as_written(value: Any) -> Any:
    """The same with each whole number as one: 5.0 and 5 are one number, and JSON would tell them apart."""
    if isinstance(value, float) and value == int(value):
        return int(value)
    if isinstance(value, Mapping):
        return {key: _as_written(part) for key, part in value.items()}
    return [_as_written(part) for part in value] if isinstance(value, (list, tuple)) else value
