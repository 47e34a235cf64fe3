"""A survey, from the bytes that a person wrote to the frozen `Survey` that the engine works with.

Rule: nothing here opens a file. The caller brings the bytes, the schema, and a way to read the bases that `extends`
names; every problem comes back at once, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from coralrun.errors import InvalidInput, Problem
from coralrun.service.terms import ServiceTerms
from coralrun.spec.canonical import canonical, share, value_at
from coralrun.spec.environment import allowed_in
from coralrun.spec.extend import Read, load_with_bases
from coralrun.spec.load import Document, Node, load, plain
from coralrun.spec.model import (
    FROM_CORALNET,
    SOURCES,
    ClassifierChoice,
    CoralNetPoints,
    CoverOptions,
    Design,
    ImageSampling,
    Metadata,
    PointsFile,
    Source,
    Survey,
)
from coralrun.spec.point_design import PointDesign
from coralrun.spec.revisit import Revisit
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.service_keys import Services, terms_of
from coralrun.spec.validate import Schema, problems_in, with_canonical_words
from coralrun.spec.wording import Wording, wording_of

MOST_PROBLEMS = 200
"""No one reads more of them, and a file that is not a survey at all may have thousands."""


def load_survey(
    file: str,
    data: bytes,
    schema: Schema,
    read: Read,
    environment: Mapping[str, str] | None = None,
    *,
    services: Services,
    missing: bytes = b"",
) -> Survey:
    """The survey in these bytes; `InvalidInput` holds all its problems.

    `missing` has, as YAML, what counts for keys that the survey does not have.

    `file` is the survey's path with forward slashes, as messages shall show it. `read` is given a base's path in the
    same terms (`configs/base.yaml` for a `file` of `configs/survey.yaml`) and raises OSError if it cannot be read.
    `environment` holds the variables that may stand in paths; `services` are the terms of all that there are.
    """
    try:
        document = load_with_bases(file, data, read, allowed_in(schema), environment)
    except InvalidInput as error:
        raise InvalidInput(_in_order(file, error.problems)) from None
    if missing:
        document = Document(_completed(document.root, load(file, missing).root), document.problems)
    unreadable = {(problem.file, problem.line, problem.column) for problem in document.problems}
    invalid = [
        problem
        for problem in problems_in(document.root, schema, services)
        if (problem.file, problem.line, problem.column) not in unreadable
    ]
    if document.problems or invalid:
        raise InvalidInput(_in_order(file, [*document.problems, *invalid]))
    survey = plain(document.root)
    assert isinstance(survey, dict)  # noqa: S101 - `load` returns a mapping
    terms = terms_of(survey, services)
    assert terms is not None  # noqa: S101 - any other service is a problem
    return survey_of(wording_of(file, document.root), canonical(with_canonical_words(survey), terms), terms)


def survey_of(wording: Wording, form: Mapping[str, Any], terms: ServiceTerms) -> Survey:
    """The survey of a canonical form at the service of these terms; `wording` is kept as given."""
    convert = msgspec.convert
    return Survey(
        wording=wording,
        canonical=form,
        name=form["name"],
        service=form["service"],
        classifier=convert(form["classifier"], ClassifierChoice),
        sources=tuple(map(_source, form["sources"])),
        images=convert(form["sampling"]["images"], ImageSampling),
        points=_points(form["sampling"]["points"]),
        metadata=convert(form.get("metadata", {}), Metadata),
        design=_design(form.get("design", {})),
        cover=_cover(form.get("cover", {})),
        run=convert({key: form["run"][key] for key in RunOptions.__struct_fields__}, RunOptions),
        options={path: value for path in terms.options if (value := value_at(form, path)) is not None},
        outputs=convert(form["outputs"], Outputs),
    )


def _completed(root: Node, usual: Node) -> Node:
    """A survey with the keys of another that it does not have."""
    if not (isinstance(root.value, dict) and isinstance(usual.value, dict)):
        return root
    return Node(root.place, {**usual.value, **root.value}, {**usual.keys, **root.keys})


def _source(form: Mapping[str, Any]) -> Source:
    return msgspec.convert(form, next(kind for key, kind in SOURCES.items() if key in form))


def _points(form: Mapping[str, Any]) -> PointDesign | PointsFile | CoralNetPoints | Revisit:
    if "revisit" in form:
        return msgspec.convert(form["revisit"], Revisit)
    if form.get("from") == FROM_CORALNET:
        return CoralNetPoints()
    return msgspec.convert(form, PointsFile) if "from" in form else msgspec.convert(form, PointDesign)


def _design(form: Mapping[str, Any]) -> Design:
    strata, weights = form.get("strata", {}), form.get("weights")
    of_table = weights if isinstance(weights, Mapping) else {}
    named = {
        "strata_field": strata.get("field"),
        "areas": strata.get("areas"),
        "weights": None if of_table else weights,
        "weights_table": of_table.get("from"),
    }
    return msgspec.convert({**form, **named}, Design)


def _cover(form: Mapping[str, Any]) -> CoverOptions:
    return msgspec.convert({**form, "min_usable_points": share(form.get("min_usable_points", "0%"))}, CoverOptions)


def _in_order(file: str, problems: Iterable[Problem]) -> list[Problem]:
    """The problems as they stand in the survey, then those in its bases; of a base that is read twice only once."""
    ordered = sorted(
        dict.fromkeys(problems),
        key=lambda problem: (problem.file != file, problem.file, problem.line, problem.column),
    )
    more = len(ordered) - MOST_PROBLEMS
    if more > 0:
        return [*ordered[:MOST_PROBLEMS], Problem(file, 0, 0, f"and {more} more problems")]
    return ordered
