"""What `validate` and `plan` foretell of a survey's addresses, at a given hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.app.beforehand.address_life import foreseen, of_inputs
from coralrun.app.beforehand.planned import priced
from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import read_survey
from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import InvalidInput
from coralrun.planning.compile import compile_plan
from coralrun.planning.model import Classifier
from coralrun.sources.outlook import SIGN_ANEW

NOW = 1_780_315_200.0  # 2026-06-01 12:00 UTC
HOUR = 3600
SURVEY = """\
version: 1
name: signed
classifier: {id: 1}
sources: [%s]
sampling: {points: {method: uniform grid, cell_rows: 2, cell_columns: 2}}
"""


def survey(folder: Path, ends: dict[str, float], sources: str = "{manifest: m.csv}", more: str = "") -> Path:
    rows = "".join(f"{name},https://h.test/{name}?Signature=S&Expires={end:.0f}\n" for name, end in ends.items())
    (folder / "m.csv").write_text(f"name,url\n{rows}")
    (folder / "survey.yaml").write_text(SURVEY % sources + more)
    return folder / "survey.yaml"


def validated(path: Path) -> tuple[str, ...]:
    file = read_survey(path)
    return of_inputs(file, read_inputs(file), NOW).warnings


def test_signatures_are_held_against_the_least_time_of_the_run(tmp_path: Path) -> None:
    # 1,001 images are 11 jobs, so three rounds of five at a time
    ends = {f"{number}.jpg": NOW + 365 * 24 * HOUR for number in range(1000)}
    (said,) = validated(survey(tmp_path, ends | {"soon.jpg": NOW + 300}))
    assert said.startswith("m.csv: the signature of 1 image ends before the run can be over, at 2026-06-01 ")
    assert "`soon.jpg` at 2026-06-01 12:05 UTC" in said
    assert validated(survey(tmp_path, ends)) == ()


def test_only_the_images_that_the_survey_takes_count(tmp_path: Path) -> None:
    ends = {"a.jpg": NOW + 24 * HOUR, "b.jpg": NOW - HOUR, "c.mov": NOW + 24 * HOUR}
    assert len(validated(survey(tmp_path, ends))) == 2
    assert validated(survey(tmp_path, ends, "{manifest: m.csv, filters: {include: [a.jpg]}}")) == ()


def test_a_survey_whose_every_signature_has_ended_is_refused(tmp_path: Path) -> None:
    path = survey(tmp_path, {"a.jpg": NOW - HOUR, "b.jpg": NOW - 2 * HOUR})
    with pytest.raises(InvalidInput) as refusal:
        validated(path)
    assert [str(problem) for problem in refusal.value.problems] == [
        "m.csv: the signatures of all 2 addresses have ended, so that their hosts refuse them (it is 2026-06-01 12:00 "
        "UTC by this computer's clock): `a.jpg` at 2026-06-01 11:00 UTC, `b.jpg` at 2026-06-01 10:00 UTC"
    ]
    assert refusal.value.remedy == SIGN_ANEW
    with_others = survey(tmp_path, {"a.jpg": NOW - HOUR}, "{manifest: m.csv}, {coralnet: 1}")
    assert len(validated(with_others)) == 1


def test_a_survey_that_cannot_be_planned_yet_is_still_told_of_its_signatures(tmp_path: Path) -> None:
    path = survey(tmp_path, {"a.jpg": NOW - HOUR}, "{manifest: m.csv, filters: {include: [x.jpg]}}, {coralnet: 1}")
    (said,) = validated(path)
    assert said.startswith("m.csv: the signature of its only address has ended, so that its host refuses it")


def test_a_plan_is_the_same_at_any_hour_and_what_it_foretells_is_not(tmp_path: Path) -> None:
    file = read_survey(survey(tmp_path, {"a.jpg": NOW + 60, "b.jpg": NOW + 600}))
    inputs = read_inputs(file)
    (source,) = file.survey.sources
    images = inputs.manifests["m.csv"].images
    plan = compile_plan(file.survey, [(source, images)], Classifier(id="1"), "", {}, None, allowed=LIMITS)
    planned = priced(plan, LIMITS, None)
    assert len(foreseen(planned, NOW).warnings) == 1
    assert foreseen(planned, NOW).plan == planned.plan
    assert foreseen(planned, NOW - 24 * HOUR) == planned
    with pytest.raises(InvalidInput, match="the signatures of all 2 addresses have ended"):
        foreseen(planned, NOW + HOUR)
