"""What a survey becomes, and how two of them are told apart."""

from __future__ import annotations

import copy
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coralrun.errors import InvalidInput
from coralrun.services import all_terms
from coralrun.spec.compare import difference
from coralrun.spec.grid import cells_for, nearest_that_work
from coralrun.spec.model import Survey
from coralrun.spec.named import files_read
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.survey import MOST_PROBLEMS, load_survey
from coralrun.values.ids import canonical_json

loaded = partial(load_survey, services=all_terms())
ROOT = Path(__file__).resolve().parents[3]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "survey.v1.json").read_bytes())
HEAD = "version: 1\nname: reef\nclassifier: {source: 3420}\n"
TAIL = "sources: [{coralnet: 3420}]\nsampling: {points: {method: simple random, number_of_points: 30}}\n"


def no_bases(path: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", path)


def read(text: str, file: str = "survey.yaml") -> Survey:
    return loaded(file, text.encode(), SCHEMA, no_bases)


def with_points(points: str) -> Survey:
    return read(HEAD + f"sources: [{{coralnet: 3420}}]\nsampling: {{points: {points}}}\n")


@pytest.mark.parametrize(
    ("points", "cells"), [(200, (10, 20)), (30, (5, 6)), (100, (10, 10)), (1, (1, 1)), (3, (1, 3)), (10, (2, 5))]
)
def test_a_number_of_points_becomes_the_grid_nearest_to_a_square(points: int, cells: tuple[int, int]) -> None:
    design = with_points(f"{{method: stratified random, points: {points}}}").points
    assert isinstance(design, PointDesign)
    assert (design.cell_rows, design.cell_columns) == cells
    assert design.points_per_image == points


@pytest.mark.parametrize(("points", "nearest"), [(13, [12]), (7, [6, 8]), (199, [198, 200]), (997, [999])])
def test_a_number_that_makes_no_grid_names_the_nearest_that_does(points: int, nearest: list[int]) -> None:
    assert cells_for(points) is None
    assert nearest_that_work(points) == nearest


def test_every_grid_has_exactly_the_points_asked_for_and_is_the_squarest_there_is() -> None:
    grids = {points: cells_for(points) for points in range(1, 1001)}
    assert sum(cells is not None for cells in grids.values()) > 400
    for points, cells in grids.items():
        squarest = max(rows for rows in range(1, points + 1) if points % rows == 0 and rows <= points // rows)
        if cells is None:
            assert points // squarest > 3 * squarest
        else:
            assert cells == (squarest, points // squarest)


@pytest.mark.parametrize("word", ["Stratified Random", "STRATIFIED RANDOM", "stratified", "stratified_random"])
def test_a_point_design_is_named_in_any_case_or_by_its_first_word(word: str) -> None:
    design = with_points(f"{{method: {word}, points: 200}}").points
    assert isinstance(design, PointDesign)
    assert design.method is Method.STRATIFIED_RANDOM


@pytest.mark.parametrize(("written", "said"), [("75s", "75s"), ("5m", "300s"), ("1h", "3600s"), ("1.5m", "90s")])
def test_a_length_of_time_is_read_with_its_unit(written: str, said: str) -> None:
    assert read(HEAD + TAIL + f"run: {{patience: {written}}}\n").options["run.patience"] == said


def test_what_is_left_out_has_the_defaults_of_the_service() -> None:
    survey = read(HEAD + TAIL)
    assert survey.service == "https://coralnet.ucsd.edu"
    assert (survey.run.batch_size, survey.run.concurrency, survey.run.attempts) == (100, 5, 3)
    assert survey.outputs.directory == "runs/reef"
    assert survey.outputs.formats == ("csv",)


def test_two_ways_to_write_a_survey_are_one_survey() -> None:
    one = read(HEAD + TAIL + "run: {patience: 75s, web_rate: 4.0}\nservice: https://coralnet.ucsd.edu/\n", "a.yaml")
    other = read("# another\n" + TAIL + HEAD + "run: {patience: 1.25m}\n", "b/c.yaml")
    assert canonical_json(one.canonical) == canonical_json(other.canonical)
    assert difference(one.canonical, other.canonical) == []


def test_a_difference_names_what_changed_and_from_what_to_what() -> None:
    old = dict(read(HEAD + TAIL).canonical)
    new = copy.deepcopy(old)
    new["sampling"]["points"]["seed"] = 43
    new["sampling"]["images"]["count"] = 5
    new["sources"][0]["filters"]["include"] = ["*.jpg"]
    new["sources"].append({"manifest": "images.csv"})
    old["files"] = {"sites.csv": "1" * 64, "kept.csv": "3" * 64}
    new["files"] = {"sites.csv": "2" * 64, "kept.csv": "3" * 64, "images.csv": "4" * 64}
    assert difference(old, new) == [
        'sources[1].filters.include: [] -> ["*.jpg"]',
        "sampling.points.seed: 0 -> 43",
        'sources[2].manifest: not set -> "images.csv"',
        "sampling.images.count: not set -> 5",
        "sites.csv: changed",
    ]
    assert "sampling.images.count: 5 -> not set" in difference(new, old)
    assert difference(old, {**old, "survey_file": "x", "design": {"unit": "site"}}) == [
        'design.unit: not set -> "site"'
    ]


def test_a_run_that_a_survey_builds_on_is_told_by_its_name() -> None:
    old, new = {"runs": {"runs/2023": "84a7", "2022": "00"}}, {"runs": {"runs/2023": "fbdd", "2022": "00"}}
    assert difference(old, new) == ["the run runs/2023: changed"]


def test_a_default_that_held_before_is_no_difference() -> None:
    old, new = (read(HEAD + TAIL + cover).canonical for cover in ("", "cover: {diversity: true, unclear: []}\n"))
    assert difference(old, new) == ["cover.diversity: not set -> true"]
    assert difference(new, old) == ["cover.diversity: true -> not set"]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("points: 48", "points: 60", "points: 48 -> 60"),
        ("cell_rows: 2, cell_columns: 3", "points: 8", "points: 6 -> 8"),
        ("points: 6", "cell_rows: 4, cell_columns: 3", "cell_rows: 2 -> 4"),
    ],
)
def test_a_number_of_points_is_told_by_the_key_that_it_is_written_under(before: str, now: str, told: str) -> None:
    old, new = (on_base(f"{{method: uniform grid, {cells}}}") for cells in (before, now))
    assert difference(old.canonical, new.canonical, new.wording) == [f"sampling.points.{told} ({IN_BASE})"]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            "{method: simple random, number_of_points: 9}",
            ['method: "uniform grid" -> "simple random"', "points: 42 -> not set", "number_of_points: not set -> 9"],
        ),
        (
            "{from: coralnet}",
            ['method: "uniform grid" -> not set', "points: 42 -> not set", 'from: not set -> "coralnet"'],
        ),
    ],
)
def test_another_way_to_lay_points_names_no_key_that_nobody_wrote(now: str, told: list[str]) -> None:
    old, new = on_base("{method: uniform grid, points: 42}"), on_base(now)
    assert difference(old.canonical, new.canonical, new.wording) == [
        f"sampling.points.{one} ({IN_BASE})" for one in told
    ]


IN_BASE = "base.yaml:4, and so for each survey that is built on it"


def on_base(design: str) -> Survey:
    """A survey whose points a base says."""
    base = f"version: 1\nclassifier: {{source: 3420}}\nsampling:\n  points: {design}\n"
    text = b"extends: base.yaml\nname: reef\nsources: [{coralnet: 1}]\n"
    return loaded("a.yaml", text, SCHEMA, lambda path: base.encode())


def test_a_difference_names_the_base_that_other_surveys_may_be_built_on() -> None:
    def survey(number: int) -> Survey:
        base = f"version: 1\nclassifier: {{source: 3420}}\nsources:\n- coralnet: 1\n  filters: {{limit: {number}}}\n"
        points = f"{{method: simple random, number_of_points: {number}}}"
        text = f"extends: ../base.yaml\nname: reef\nsampling: {{points: {points}}}\n"
        return loaded("years/a.yaml", text.encode(), SCHEMA, lambda path: base.encode())

    new = survey(30)
    assert difference(survey(20).canonical, new.canonical, new.wording) == [
        "sources[1].filters.limit: 20 -> 30 (base.yaml:5, and so for each survey that is built on it)",
        "sampling.points.number_of_points: 20 -> 30",
    ]
    assert [new.wording.in_base(path) for path in ("sources[1].search[2].x", "sampling.images", "run")] == [
        "base.yaml:3", "", "",
    ]  # fmt: skip


def test_the_files_that_a_survey_reads_are_listed_once_each() -> None:
    survey = read(
        HEAD
        + "sources:\n  - {manifest: a.csv, filters: {names_from: names.txt}}\n"
        + "  - {coralnet: 1, filters: {names_from: names.txt}}\n"
        + "sampling: {points: {from: points.csv}}\n"
    )
    assert files_read(survey) == ["a.csv", "names.txt", "points.csv"]
    assert files_read(read(HEAD + TAIL)) == []


def test_a_file_with_thousands_of_problems_ends_in_a_count() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(HEAD + TAIL + "".join(f"unknown{n}: 1\n" for n in range(3000)))
    assert len(refused.value.problems) == MOST_PROBLEMS + 1
    assert refused.value.problems[-1].message == f"and {3000 - MOST_PROBLEMS} more problems"


@pytest.mark.parametrize(
    "rest",
    [
        "outputs: {formats: [" + ",".join(f"{{a: {n}}}" for n in range(3200)) + "]}\n",
        "".join(f"{'k' * 190}{n}: 1\n" for n in range(4900)),
        "".join(f"samplng{n}: 1\n" for n in range(4900)),
    ],
    ids=["formats", "long keys", "mistyped keys"],
)
def test_thousands_of_problems_are_found_within_seconds(rest: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput) as refused:
        read(HEAD + TAIL + rest)
    assert len(refused.value.problems) == MOST_PROBLEMS + 1
    assert time.process_time() - started < 4


def test_a_problem_in_a_base_that_is_read_twice_is_told_once() -> None:
    text = "extends: [base.yaml, base.yaml]\n" + HEAD + TAIL
    with pytest.raises(InvalidInput) as refused:
        loaded(
            "survey.yaml",
            text.encode(),
            SCHEMA,
            lambda path: b"run: {attempts: 2}\nrun: {attempts: 3}\n",
        )
    assert [str(problem) for problem in refused.value.problems] == [
        "base.yaml:2:1: the key `run` stands twice: it is already in line 1"
    ]


def test_a_mistyped_key_is_not_also_reported_as_missing() -> None:
    with pytest.raises(InvalidInput) as refused:
        read((HEAD + TAIL).replace("classifier", "clasifier").replace("method", "metod"))
    assert [problem.message for problem in refused.value.problems] == [
        "unknown key `clasifier`: did you mean `classifier`?",
        "unknown key `metod`: did you mean `method`?",
    ]
