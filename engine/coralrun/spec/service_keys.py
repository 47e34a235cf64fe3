"""What follows for a survey from the service that it names: which keys it may have, and what some values may be.

Rule: the schema says what a key means and may be, whichever service knows it; what a service knows of it is in its
terms. A key that another service knows is refused by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coralrun.service.terms import ServiceTerms
from coralrun.spec.findings import RANK_KIND, Finding, Path
from coralrun.spec.model import PRODUCTION

Schema = Mapping[str, Any]
Services = Sequence[ServiceTerms]

_COUNTS = ("points", "number_of_points", "cell_rows", "cell_columns", "points_per_cell")
_CLASSIFIER_ID = ("properties", "classifier", "properties", "id")
_POINTS = ("properties", "sampling", "properties", "points", "properties")


def terms_of(survey: Mapping[str, Any], services: Services) -> ServiceTerms | None:
    """The terms of the service that a survey names; None where there is none of that name."""
    named = survey.get("service", PRODUCTION)
    return next((terms for terms in services if isinstance(named, str) and _means(named, terms)), None)


def narrowed(schema: Schema, services: Services, terms: ServiceTerms | None) -> Schema:
    """The schema of a survey at its service: `service` is one that there is, and values are within what it takes."""
    named = {
        "pattern": f"^({'|'.join(terms.spelling for terms in services)})$",
        "errorMessage": f"must be {', or '.join(terms.spelt for terms in services)}",
    }
    schema = _with(schema, ("properties", "service"), named)
    if terms is None:
        return schema
    if terms.points_per_image is not None:
        for count in _COUNTS:
            schema = _with(schema, (*_POINTS, count), {"maximum": terms.points_per_image})
    return _with(schema, _CLASSIFIER_ID, terms.classifier_id)


def unknown_keys(survey: Mapping[str, Any], services: Services, terms: ServiceTerms) -> Iterator[Finding]:
    """The keys of a survey that its service does not know and another one does."""
    others = frozenset[str]().union(*(other.own_keys for other in services)) - terms.own_keys
    for key in sorted(others | terms.instead.keys()):
        its = [other for other in services if key in other.own_keys]
        owners = " and ".join(f"{other.name}'s" for other in its)
        message = f"{terms.name} does not know `{key.rpartition('.')[2]}`, which is {owners}: "
        if "service" in survey or not its:
            message += "take it out"
        else:
            message += f"say `service: {its[0].spelling}`, or take it out; without `service` it is for {terms.name}"
        message = terms.instead.get(key, message)
        for path in _paths(survey, tuple(key.split(".")), terms.beside.get(key)):
            yield Finding(path, message, at_key=True, rank=RANK_KIND)


def _means(named: str, terms: ServiceTerms) -> bool:
    return re.fullmatch(terms.spelling, named) is not None


def _with(part: Schema, path: tuple[str, ...], more: Schema) -> Schema:
    """A copy of a schema in which the part at a path says more."""
    if not path:
        return {**part, **more}
    return {**part, path[0]: _with(part[path[0]], path[1:], more)}


def _paths(part: Any, keys: tuple[str, ...], but_beside: str | None, above: Path = ()) -> Iterator[Path]:
    """Where a key stands, once for each item of a list on the way; not `but_beside` that other key."""
    if isinstance(part, list):
        for index, item in enumerate(part):
            yield from _paths(item, keys, but_beside, (*above, index))
    elif not keys:
        yield above
    elif isinstance(part, Mapping) and keys[0] in part and not (len(keys) == 1 and but_beside in part):
        yield from _paths(part[keys[0]], keys[1:], but_beside, (*above, keys[0]))
