"""The records of a survey and its schema: the same keys in the same places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, structs

from coralrun.services import all_terms
from coralrun.spec.image_search import PhotoDate, Search
from coralrun.spec.model import (
    SOURCES,
    ClassifierChoice,
    CoverOptions,
    Filters,
    ImageSampling,
    Metadata,
    PointsFile,
    Range,
)
from coralrun.spec.point_design import AnnotationArea, PointDesign
from coralrun.spec.revisit import Revisit
from coralrun.spec.running import Outputs, RunOptions

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[3] / "schemas" / "survey.v1.json").read_bytes())
SOURCE = SCHEMA["properties"]["sources"]["items"]
SAMPLING = SCHEMA["properties"]["sampling"]["properties"]
POINTS = SAMPLING["points"]
SHORT_FORMS = {"points"}  # `sampling.points.points`, which is worked out


def keys_of(*records: type[Any]) -> Iterator[str]:
    """The keys of some records, as they stand in a survey."""
    for record in records:
        if issubclass(record, Struct):
            yield from (field.encode_name for field in structs.fields(record))
        else:
            yield from record.__dataclass_fields__


@pytest.mark.parametrize(
    ("part", "records"),
    [
        (SCHEMA["properties"]["classifier"], [ClassifierChoice]),
        (SOURCE, list(SOURCES.values())),
        (SOURCE["properties"]["search"], [Search]),
        (SOURCE["properties"]["search"]["properties"]["photo_date"], [PhotoDate]),
        (SOURCE["properties"]["search"]["properties"]["last_annotated"], [PhotoDate]),
        (SOURCE["properties"]["filters"], [Filters]),
        (SOURCE["properties"]["filters"]["properties"]["where"]["additionalProperties"], [Range]),
        (SAMPLING["images"], [ImageSampling]),
        (POINTS["properties"]["annotation_area"], [AnnotationArea]),
        (POINTS["properties"]["revisit"], [Revisit]),
        (SCHEMA["properties"]["metadata"], [Metadata]),
        (SCHEMA["properties"]["cover"], [CoverOptions]),
        (SCHEMA["properties"]["run"], [RunOptions]),
        (SCHEMA["properties"]["outputs"], [Outputs]),
    ],
)
def test_a_part_of_a_survey_has_the_keys_that_its_records_have(part: Mapping[str, Any], records: list[Any]) -> None:
    of_services = {path.rpartition(".")[2] for terms in all_terms() for path in terms.options}
    assert set(keys_of(*records)) - of_services == set(part["properties"]) - of_services


def test_the_points_of_a_survey_have_the_keys_of_all_ways_to_say_them() -> None:
    assert {*keys_of(PointDesign, PointsFile), "revisit"} == set(POINTS["properties"]) - SHORT_FORMS


def test_filters_are_applied_in_the_order_in_which_the_schema_has_them() -> None:
    assert list(keys_of(Filters)) == list(SOURCE["properties"]["filters"]["properties"])
