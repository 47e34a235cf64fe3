"""A survey whose points are those that its source has itself, and the labels of people that come with them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from tests.e2e.rehearsal import Desk

from coralrun.emulator.reef import ANNOTATED_POINTS

SOURCE = "{coralnet: 1, search: {image_id_range: [1, 12]}}"
CONFIRMED, UNCONFIRMED, OTHERS = 2, 2, 8  # of the first twelve photos of the demo reef


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_on_a_sources_own_points_is_judged_by_their_labels(desk: Desk) -> None:
    survey = desk.survey(source=SOURCE, points="{from: coralnet}")
    planned = desk.report("plan", survey)
    assert len(planned["without_points"]) == OTHERS
    assert planned["points"] == (CONFIRMED + UNCONFIRMED) * ANNOTATED_POINTS
    assert any("`accuracy` counts them as in-sample" in warning for warning in planned["warnings"])

    desk.run("apply", survey)
    kept = desk.folder / "run" / "plans/001/inputs" / "annotations-1.csv"
    if os.name == "posix":
        assert kept.stat().st_mode & 0o777 == 0o600
    exported: dict[str, list[tuple[str, str]]] = {}
    predicted: dict[str, list[tuple[str, str]]] = {}
    for row in rows(kept):
        exported.setdefault(row["Name"], []).append((row["Row"], row["Column"]))
    for row in rows(desk.folder / "run" / "outputs" / "predictions.csv"):
        predicted.setdefault(row["name"], []).append((row["row"], row["column"]))
    assert predicted == exported

    _, said = desk.run("accuracy", "run", "--truth", kept, code=2)
    assert f"{CONFIRMED * ANNOTATED_POINTS} on an image of the classifier's own source" in said
    assert "--annotations" not in said, "the table has dates already"
    judged = desk.report("accuracy", "run", "--truth", kept, "--allow-in-sample")
    assert (judged["sample"], judged["judged"], judged["unmatched"]) == (
        "IN-SAMPLE",
        CONFIRMED * ANNOTATED_POINTS,
        [],
    )
    assert judged["left_out"] == {"labelled by a machine": UNCONFIRMED * ANNOTATED_POINTS}

    fetched = desk.report("accuracy", "run", "--from-source", "--allow-in-sample")
    labels = desk.folder / "run-labels-1.csv"
    assert labels.read_bytes() == kept.read_bytes(), "so that the figures can be had again"
    assert fetched["truth"] == labels.name
    assert [fetched[key] for key in ("judged", "left_out", "images")] == [
        judged[key] for key in ("judged", "left_out", "images")
    ]
    said, _ = desk.run("accuracy", "run", "--from-source", "--allow-in-sample")
    people = f"{CONFIRMED * ANNOTATED_POINTS} labels of people on {CONFIRMED} of "
    assert people in said
    assert "in place of those that were fetched before" in said
    assert list(desk.folder.glob("run-labels*")) == [labels]
    if os.name == "posix":
        assert labels.stat().st_mode & 0o777 == 0o600
    desk.extra = {"CORALNET_USERNAME": "", "CORALNET_PASSWORD": ""}
    _, said = desk.run("accuracy", "run", "--from-source", code=3)
    assert "there are no credentials for 127.0.0.1" in said


def test_a_saved_plan_says_that_it_holds_no_labels(desk: Desk) -> None:
    survey = desk.survey(source="{coralnet: 1, search: {image_id_list: [2]}}", points="{from: coralnet}")
    said = "".join(desk.run("plan", survey, "--out", "saved.json"))
    assert f"It holds the points and not their labels, which a run of {survey} itself keeps.\n" in said
    desk.run("apply", "saved.json")
    points = [(row["row"], row["column"]) for row in rows(desk.folder / "run" / "outputs" / "predictions.csv")]
    assert len(points) == ANNOTATED_POINTS
    assert list((desk.folder / "run" / "plans/001/inputs").iterdir()) == []


def test_a_finished_run_stays_what_it_is_when_the_points_have_changed_since(desk: Desk) -> None:
    survey = desk.survey(source="{coralnet: 1, search: {image_id_list: [2]}}", points="{from: coralnet}")
    desk.run("apply", survey)
    before = (desk.folder / "run" / "plans/001/inputs" / "annotations-1.csv").read_bytes()
    desk.run("apply", survey)
    assert (desk.folder / "run" / "plans/001/inputs" / "annotations-1.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("variables", "code", "message"),
    [
        (
            {"CORALNET_USERNAME": "", "CORALNET_PASSWORD": ""},
            3,
            "the points of CoralNet sources are for signed-in accounts alone, and there are no credentials\n",
        ),
        (
            {},
            2,
            "no image that is searched for in source 1 has a point with a label, so there are no points\n"
            "-> Lay the points with a design instead of `from: coralnet`, or search for other images.",
        ),
    ],
)
def test_a_survey_that_cannot_have_its_sources_points_says_why(
    desk: Desk, variables: dict[str, str], code: int, message: str
) -> None:
    desk.extra = variables
    survey = desk.survey(source="{coralnet: 1, search: {image_id_list: [3]}}", points="{from: coralnet}")
    _, said = desk.run("points", survey, "--out", "points", code=code)
    assert message in said
