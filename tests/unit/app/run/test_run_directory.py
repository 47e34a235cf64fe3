"""Run directories: where they may go, and which one is meant."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.plans import PLAN
from tests.unit.states import planned

from coralrun.app.applying.difference_text import survey_lines
from coralrun.app.run.places import check_disk, check_place
from coralrun.app.run.run_directory import holding, make_run, open_run
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.clock import SystemClock
from coralrun.errors import DiskError, RunDamaged, UsageError
from coralrun.files.sealed import seal
from coralrun.machine import units
from coralrun.planning.model import Classifier
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import Identity


def make(folder: Path, name: str, created_at: str, *, damaged: bool = False, number: int = 0) -> Path:
    layout = Layout(folder / name)
    identity = Identity(
        run=f"{number:010}",
        name=name,
        created_at=created_at,
        coralrun="0.1.0",
        python="3.11",
        service="emulator",
        account="demo",
        survey_file="",
    )
    run.make(layout, Disk(), identity, {}, planned(1))
    if damaged:
        layout.identity.write_text("{")
    return layout.root


def test_a_run_does_not_mix_its_files_with_others(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("")

    with pytest.raises(UsageError, match=r"holds other files \(thesis\.doc\)"):
        check_place(Layout(tmp_path))


def interrupted_start(folder: Path) -> Path:
    layout = Layout(folder / "run")
    with holding(layout):
        root = make(folder, "run", "2026-01-01T00:00:00Z")
    layout.journal(0).unlink()
    return root


def test_what_an_interrupted_start_left_behind_is_no_hindrance(tmp_path: Path) -> None:
    root = interrupted_start(tmp_path)
    for name in (
        ".run.json.0123456789abcdef.new",
        "plans/001/plan.json",
        "plans/001/inputs/01-survey.yaml",
        "plans/001/inputs/.02-names.txt.0123456789abcdef.new",
        "state/torn-1.txt",
    ):
        (root / name).write_text("{")

    check_place(Layout(root))


FOREIGN = (
    "state/fieldnotes.txt",
    "outputs/predictions.csv",
    "results/mine.json.gz",
    "plans/001/inputs/names.txt",
    ".notes.0123456789abcdef.new",
)


@pytest.mark.parametrize("name", [*FOREIGN, "survey.json", "run.owner", "state/journal-0.jsonl"])
def test_where_no_start_was_interrupted_a_file_of_any_name_is_somebody_elses(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("a year of work")

    with pytest.raises(UsageError, match=rf"holds other files \({re.escape(name)}\)"):
        check_place(Layout(tmp_path))


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_put_into_what_an_interrupted_start_left_is_not_written_over(tmp_path: Path, name: str) -> None:
    root = interrupted_start(tmp_path)
    (root / name).write_text("a year of work")

    with pytest.raises(UsageError, match=rf"holds other files \({re.escape(name)}\)"):
        check_place(Layout(root))


def test_only_the_first_three_of_the_other_files_are_named(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_text("")

    with pytest.raises(UsageError, match=r"holds other files \(a, b, c, \.\.\.\)"):
        check_place(Layout(tmp_path))


def test_a_file_is_no_place_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="a file, not a directory"):
        check_place(Layout(tmp_path / "file"))


def test_a_disk_that_is_too_small_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"need some 52\.00 MB and 10\.00 MB are free"):
        check_disk(Layout(tmp_path / "not" / "yet"), 52_000_000, lambda _: 10_000_000)
    check_disk(Layout(tmp_path), 52_000_000, lambda _: 53_000_000)


def test_a_directory_without_a_run_is_a_mistyped_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        open_run(tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


def planned_run(folder: Path, file: SurveyFile | None = None) -> Layout:
    digest = PLAN.survey_digest if file is None else file.digest
    plan = replace(PLAN, classifier=Classifier(id="7"), survey_digest=digest)
    layout = Layout(folder / "run")
    make_run(layout, plan, file, account="ann", clock=SystemClock())
    return layout


def forge(layout: Layout, **other: object) -> None:
    body = {**json.loads(layout.identity.read_bytes()), **other}
    del body["sha256"]
    layout.identity.write_bytes(seal(json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "kelp"),
        ("service", "https://coralnet.example"),
    ],
)
def test_a_run_whose_identity_tells_another_story_than_its_plan_is_damaged(
    tmp_path: Path, field: str, value: object
) -> None:
    layout = planned_run(tmp_path)
    assert open_run(layout.root).plan.classifier.id == "7"
    forge(layout, **{field: value})
    with pytest.raises(RunDamaged, match=rf"run\.json: it does not agree with the plan on `{field}`"):
        open_run(layout.root)


def test_a_start_that_was_interrupted_before_its_plan_came_into_force_is_made_again(tmp_path: Path) -> None:
    layout = planned_run(tmp_path)
    layout.journal(0).unlink()
    with pytest.raises(UsageError, match="holds no run: its start was interrupted"):
        open_run(layout.root)
    again = planned_run(tmp_path)
    assert open_run(again.root).state.plan == 1


def test_what_is_not_the_plan_in_force_is_refused(tmp_path: Path) -> None:
    layout = planned_run(tmp_path)
    plan, first = layout.plan(1), layout.journal(0).read_bytes()
    for data in (units.encode(((0, 1),)), units.encode(((0, 0), (2, 2)))):
        plan.units.write_bytes(data)
        with pytest.raises(RunDamaged, match="it is not the plan that this run was started with"):
            open_run(layout.root)
    plan.units.unlink()
    with pytest.raises(RunDamaged, match=r"units\.json: missing"):
        open_run(layout.root)
    layout.journal(0).write_bytes(first[:-9])
    with pytest.raises(RunDamaged, match="its first record, that of the plan, is missing"):
        open_run(layout.root)


def test_a_kept_survey_that_is_broken_is_damage_and_not_a_changed_survey(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    text = """version: 1
name: reef
classifier: {id: 7}
sources: [{coralnet: 1}]
sampling: {points: {method: simple_random, number_of_points: 2, seed: 1}}
"""
    path.write_text(text)
    layout = planned_run(tmp_path, read_survey(path))
    opened = open_run(layout.root)
    assert survey_lines(opened, read_survey(path)) == []
    path.write_text(text.replace("seed: 1", "seed: 2"))
    assert survey_lines(opened, read_survey(path)) == ["  survey      sampling.points.seed: 1 -> 2"]
    whole = layout.plan(1).survey.read_bytes()
    for broken in (whole[:-9], b"[]", b"\xff", b"", b"[" * 100_000, whole.replace(b'"seed":1', b'"seed":3')):
        layout.plan(1).survey.write_bytes(broken)
        with pytest.raises(RunDamaged, match=r"survey\.json: damaged"):
            survey_lines(opened, read_survey(path))
