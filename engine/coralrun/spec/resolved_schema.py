"""The schema of a resolved survey, which follows from the schema of a survey.

Rule: what a survey may say, and what each of its values may be, stands in schemas/survey.v1.json alone. A resolved
survey is one: without what is worked out (its bases, short forms), with every default, and with the digests of what it
reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from coralrun.spec.compare import SURVEY_FILE

_FOR_PEOPLE: Final = {"title", "errorMessage", "environment", "default", "examples"}
_WORKED_OUT: Final = ("extends", "sampling.points.points")
_ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "sampling": ("images", "points"),
    "sampling.images": ("seed",),
    "sources": ("filters",),
    "sources.filters": ("include", "exclude"),
    "sources.search": ("image_name", "annotation_status"),
    "cover": ("unusable", "unclear", "min_usable_points", "diversity"),
    "run": ("batch_size", "concurrency", "attempts"),
    "outputs": ("directory", "formats"),
}
_DIGESTS: Final = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
_ADDED: Final[Mapping[str, Any]] = {
    "files": {"description": "The SHA-256 of every file that says what is run, by its path as written.", **_DIGESTS},
    "runs": {"description": "The digest of the plan of every run that it builds on, by its directory.", **_DIGESTS},
    "analysis_files": {"description": "The SHA-256 of every file that says how the run is read.", **_DIGESTS},
    SURVEY_FILE: {
        "description": "Where its file stands, from the run's directory; not there where it was made in Python.",
        "type": "string",
    },
    "limit": {"description": "The number of images of a try-out.", "type": "integer", "minimum": 1},
}


def resolved_schema(survey: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a resolved survey, from that of a survey."""
    schema: dict[str, Any] = _without_words(survey)
    for path in _WORKED_OUT:
        above, _, name = path.rpartition(".")
        del _at(schema, above)["properties"][name]
    for path, names in _ALWAYS.items():
        part = _at(schema, path)
        part["required"] = list(dict.fromkeys([*part.get("required", ()), *names]))
    schema["properties"] |= _ADDED
    schema["required"] = [*schema["required"], "service", "run", "outputs", "files"]
    return schema | {
        "$id": "urn:coralrun:schema:survey-resolved:v1",
        "title": "coralrun resolved survey, version 1",
        "description": (
            "survey.json of a plan in a run directory: the survey with its bases merged in and every default written "
            "out, and the hash of each file that it reads. It says what is run, but for `design`, `cover`, "
            "`analysis_files` and all of `outputs` but its directory, which say how the run is read, and `survey_file`."
        ),
    }


def _at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The part of a schema that describes the value at a path, or an item of it where it is a list."""
    for name in filter(None, path.split(".")):
        schema = schema["properties"][name]
        schema = schema["items"] if "items" in schema and "properties" not in schema else schema
    return schema


def _without_words(part: Any, *, named: bool = False) -> Any:
    """A schema without what is for people alone; under `properties` the keys are names."""
    if isinstance(part, list):
        return [_without_words(item) for item in part]
    if not isinstance(part, Mapping):
        return part
    kept = {key: value for key, value in part.items() if named or key not in _FOR_PEOPLE}
    return {key: _without_words(value, named=key == "properties" and not named) for key, value in kept.items()}
