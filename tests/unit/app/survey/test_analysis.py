"""A survey's words on its design become the analysis of a plan, or are refused for what the plan has."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cover.samples import Photo, plan_of

from coralrun.app.survey.analysis import analysis_of
from coralrun.app.survey.survey_file import survey_of
from coralrun.errors import InvalidInput

SURVEY = b"""\
version: 1
name: reef
classifier: {source: 1}
sources: [{coralnet: 1}]
sampling: {images: {count: 1, by: reef}, points: {method: simple random, number_of_points: 2}}
design: {unit: transect, chosen: random, units_in_all: 44}
"""


def test_units_of_unequal_chances_are_not_drawn_from_so_many(tmp_path: Path) -> None:
    known = (("North", "1", 0.5), ("North", "2", 0.5), ("South", "3", 1.0))
    photos = [Photo((reef, transect), ("coral",), inclusion=chance) for reef, transect, chance in known]
    file = survey_of("survey.yaml", SURVEY, tmp_path)
    with pytest.raises(InvalidInput, match="photos were drawn by `reef`, so units were not equally"):
        analysis_of(file, plan_of(photos, ("reef", "transect")))
    alike = plan_of([Photo(photo.where, photo.points) for photo in photos], ("reef", "transect"))
    assert analysis_of(file, alike).design.units_in_all == 44
