"""The next plan of a run: shown, refused where it is another run, and brought into force whole or not at all."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from tests.unit.results.finished_runs import AT, Photo, finished_run, sure

from coralrun.app.answers.verify import verify
from coralrun.app.applying.apply import ApplyOptions, apply
from coralrun.app.applying.difference_text import difference_lines, unseen_lines, withdrawn_lines
from coralrun.app.applying.next_plan import (
    asks_nothing,
    bring_into_force,
    check_same_run,
    foresee,
)
from coralrun.app.beforehand.planned import priced
from coralrun.app.beforehand.so_far import history, with_pinned
from coralrun.app.reviewing import review
from coralrun.app.run.run_directory import OpenRun, make_run, open_run, reanalyse
from coralrun.app.survey.kept_survey import survey_form
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import EXIT_COMPLETE, SurveyChanged
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import Difference, reconcile
from coralrun.planning.model import Classifier, FunnelStep, Plan
from coralrun.review.drawing import SampleRequest
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

SURVEY = """\
version: 1
name: reef
classifier: {{source: 1}}
sources: [{{coralnet: 2}}]
sampling: {{points: {{from: coralnet}}}}
outputs: {{directory: '{directory}'}}
"""
PHOTOS = [Photo(f"{name}.jpg", sure("AB")) for name in "abc"]


class Stopped(Exception):
    """The process ended here."""


class StoppingDisk(Disk):
    """A disk on which the process ends before a change of a given number, from 0."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __getattribute__(self, name: str) -> Any:
        if name in ("replace", "make_directory", "remove", "remove_tree", "appender"):
            if self.left == 0:
                raise Stopped
            self.left -= 1
        return super().__getattribute__(name)


def changed(opened: OpenRun) -> Plan:
    """A plan without the first image, with a new one before the others."""
    new = structs.replace(opened.plan.images[0], key="coralnet:2/9", name="new.jpg", image_id=9)
    return replace(opened.plan, images=(new, *opened.plan.images[1:]), survey_digest="1" * 64)


def difference(opened: OpenRun, plan: Plan, *retried: Reason) -> Difference:
    return reconcile(history(opened), opened.state, plan, set(retried).__contains__)


def test_a_stop_at_any_moment_leaves_the_old_plan_or_the_new_one_whole(tmp_path: Path) -> None:
    whole = finished_run(tmp_path / "whole", PHOTOS)
    seen: list[int] = []
    for stop in range(100):
        shutil.copytree(whole.layout.root, tmp_path / "run")
        opened = replace(open_run(tmp_path / "run"), disk=StoppingDisk(stop))
        with suppress(Stopped):
            bring_into_force(opened, changed(opened), difference(opened, changed(opened)), None, AT)
        found = open_run(tmp_path / "run")
        seen.append(found.state.plan)
        names = [image.name for image in found.plan.images]
        assert names == (["a.jpg", "b.jpg", "c.jpg"] if found.state.plan == 1 else ["new.jpg", "b.jpg", "c.jpg"])
        if found.state.plan == 1:  # what was left behind is no hindrance
            bring_into_force(found, changed(found), difference(found, changed(found)), None, AT)
            assert open_run(tmp_path / "run").state.plan == 2
        shutil.rmtree(tmp_path / "run")
        if found.state.plan == 2 and seen.count(2) > 1:
            break
    assert seen == sorted(seen)
    assert seen.count(1) > 8


def test_a_run_is_sound_while_what_is_new_is_still_to_be_sent(tmp_path: Path) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    bring_into_force(opened, changed(opened), difference(opened, changed(opened)), None, AT)
    found = open_run(tmp_path / "run")
    assert found.state.finished_at == ""
    assert list(found.state.never_taken()) == [3]
    assert found.plan_state.counts() == (2, 0, 0)
    assert verify(found).damage == ()


def test_a_difference_names_a_few_images_of_each_kind_and_says_what_it_costs(tmp_path: Path) -> None:
    opened = finished_run(tmp_path / "run", [*PHOTOS, Photo("d.jpg", None)])
    kept = opened.plan.images[3]
    new = tuple(structs.replace(kept, key=f"coralnet:2/{n}", name=f"{n}.jpg", image_id=n) for n in range(10, 17))
    moved = structs.replace(opened.plan.images[1], image_id=99)
    kept = structs.replace(kept, name="e.jpg")
    there = FunnelStep(source="coralnet:2", step="found", removed=0, left=9)
    plan = replace(opened.plan, images=(moved, *new, kept), funnel=(there, replace(there, step="exclude", removed=1)))
    planned = priced(plan, LIMITS, None)
    found = difference(opened, plan, Reason.NOT_AN_IMAGE)
    why = ["    coralnet:2: found 0, now 9", "    coralnet:2: exclude left out 0, now 1"]
    lines = list(difference_lines(found, opened.plan, planned, None, all_names=False))
    assert lines[0] == "  + 7 images new"
    assert lines[1:7] == [*(f"      {n}.jpg" for n in range(10, 15)), "      and 2 more (--names shows all)"]
    assert lines[7:-1] == [
        "  ~ 1 image changed",
        "      b.jpg: another photo under the same name",
        "  - 2 images no longer named",
        "      a.jpg",
        "      c.jpg",
        *why,
        "  > 1 image renamed",
        "      d.jpg -> e.jpg",
        "  = 1 image as before",
        "  1 image that failed to be tried again",
    ]
    assert lines[-1].startswith("  to send     9 images in 1 job")
    assert "      16.jpg" in difference_lines(found, opened.plan, planned, None, all_names=True)
    assert list(unseen_lines(found, opened, plan, None)) == [
        "  sent anew, with another photo under the same name: 1 (b.jpg)",
        "  called otherwise in the tables now: 1 (d.jpg -> e.jpg)",
        "  not in the tables any more, though what they came to is kept: 2 (a.jpg, c.jpg)",
        *why,
        "  images      4 -> 9, 7 of them new",
    ]


@pytest.mark.parametrize(("what", "value"), [("name", "other"), ("service", "https://coralnet.example")])
def test_a_run_never_becomes_one_of_another_name_or_service(tmp_path: Path, what: str, value: str) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    with pytest.raises(SurveyChanged, match=f"the {what} of .* cannot become `{value}`"):
        check_same_run(opened, replace(opened.plan, **{what: value}), None)  # type: ignore[arg-type]


def run_of(path: Path, tmp_path: Path) -> OpenRun:
    """A finished run that a survey made, or one in Python where it has no path."""
    opened = finished_run(tmp_path / "run", PHOTOS)
    path.write_text(SURVEY.format(directory=opened.layout.root), encoding="utf-8")
    file = read_survey(path)
    made = replace(opened, plan=replace(opened.plan, survey_digest=file.digest))
    Disk().replace(opened.folder.survey, survey_form(file, opened.layout))
    return made


def test_a_run_of_one_survey_becomes_that_of_another_only_where_that_is_said(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    run = run_of(first, tmp_path)
    second.write_bytes(first.read_bytes())
    with pytest.raises(SurveyChanged, match=r"first\.yaml, which says the same as .*second\.yaml$") as refused:
        check_same_run(run, run.plan, read_survey(second))
    assert refused.value.remedy.startswith("Carry it out there alone.")
    second.write_bytes(first.read_bytes().replace(b"coralnet: 2", b"coralnet: 3"))
    other = read_survey(second)
    check_same_run(run, run.plan, read_survey(first))
    check_same_run(run, run.plan, None)  # a saved plan
    with pytest.raises(SurveyChanged, match=r"is the run of .*first\.yaml; .*second\.yaml would take") as refused:
        check_same_run(run, run.plan, other)
    assert "--take-over" in refused.value.remedy
    check_same_run(run, run.plan, other, take_over=True)
    with pytest.raises(SurveyChanged, match="; a plan that was made in Python would take"):
        check_same_run(run, run.plan, replace(other, path=None))


def test_a_survey_that_was_renamed_or_moved_with_its_run_keeps_the_run(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    first = tmp_path / "here" / "first.yaml"
    run = run_of(first, tmp_path / "here")
    moved = replace(run, layout=Layout((tmp_path / "here").rename(tmp_path / "there") / "run"))
    survey = tmp_path / "there" / "first.yaml"
    check_same_run(moved, run.plan, read_survey(survey))
    renamed = read_survey(survey.rename(survey.with_name("2024.yaml")))
    check_same_run(moved, run.plan, renamed)
    assert not reanalyse(moved, run.plan, renamed)
    survey.write_bytes(survey.with_name("2024.yaml").read_bytes())
    with pytest.raises(SurveyChanged, match=r"is the run of .*2024\.yaml"):
        check_same_run(moved, run.plan, read_survey(survey))


def test_a_finished_run_of_tables_alone_is_known_to_be_what_its_survey_says(tmp_path: Path) -> None:
    path, disk = tmp_path / "survey.yaml", Disk()
    (tmp_path / "images.csv").write_text("name,url\na.jpg,https://h.test/a.jpg\n")
    said = (
        "version: 1\nname: reef\nclassifier: {CLASSIFIER}\nsources: [SOURCE]\n"
        "sampling: {points: {method: simple random, number_of_points: 2}}\n"
    )

    def survey(classifier: str = "id: 1", source: str = "{manifest: images.csv}") -> SurveyFile:
        path.write_text(said.replace("CLASSIFIER", classifier).replace("SOURCE", source))
        return read_survey(path)

    run = finished_run(tmp_path / "run", PHOTOS)
    assert not asks_nothing(run.layout, disk, survey()), "it keeps no survey"
    disk.replace(run.folder.survey, survey_form(survey(), run.layout))
    assert asks_nothing(run.layout, disk, survey())
    assert not asks_nothing(run.layout, disk, survey("source: 1"))
    assert not asks_nothing(run.layout, disk, survey(source="{coralnet: 1}"))
    (tmp_path / "images.csv").write_text("name,url\nb.jpg,https://h.test/b.jpg\n")
    assert not asks_nothing(run.layout, disk, survey()), "its table is another"


def test_a_finished_run_is_left_alone_where_the_service_is_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, path = finished_run(tmp_path / "run", PHOTOS), tmp_path / "survey.yaml"
    (tmp_path / "images.csv").write_text("name,url\na.jpg,https://h.test/a.jpg\n")
    path.write_text(
        "version: 1\nname: reef\nservice: http://127.0.0.1:1\nclassifier: {id: 1}\nsources: [{manifest: images.csv}]\n"
        "sampling: {points: {method: simple random, number_of_points: 2}}\n"
    )
    Disk().replace(run.folder.survey, survey_form(read_survey(path), run.layout))
    assert apply(path, run.layout.root, ApplyOptions(yes=True), Printer()) == EXIT_COMPLETE
    assert "there is nothing to do" in capsys.readouterr().out


def test_a_plan_shows_what_it_would_change_in_the_run_that_is_there(tmp_path: Path) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    (tmp_path / "survey.yaml").write_text(SURVEY.format(directory=opened.layout.root))
    file = read_survey(tmp_path / "survey.yaml")
    whole = priced(changed(opened), LIMITS, None)
    planned, lines = foresee(opened.layout.root, file, whole)
    assert lines[0] == f"The run is there already; `apply` would change it: {opened.layout.root}"
    assert lines[1:3] == ["  + 1 image new", "      new.jpg"]
    assert (planned.plan, planned.estimate.images, whole.estimate.images) == (whole.plan, 1, 3)
    assert open_run(opened.layout.root).state.plan == 1
    planned, (same,) = foresee(opened.layout.root, file, priced(opened.plan, LIMITS, None))
    assert planned.estimate.images == 0
    assert same.endswith(f"coralrun status {opened.layout.root}")
    planned, (refused,) = foresee(opened.layout.root, file, priced(replace(opened.plan, name="other"), LIMITS, None))
    assert planned.estimate.images == 3, "it may be saved for another folder"
    assert refused.startswith("  warning: `apply` would refuse: the name of ")
    _, (begun,) = foresee(tmp_path / "none", file, priced(opened.plan, LIMITS, None))
    assert begun == f"No run is at {tmp_path / 'none'}: `apply` would begin one, with all of these images."


@pytest.mark.parametrize("search", ["annotation_status: confirmed", "last_annotated: {year: 2024}", "image_name: a"])
def test_images_that_a_search_by_labels_finds_no_more_are_told_apart(tmp_path: Path, search: str) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    survey = SURVEY.format(directory=opened.layout.root).replace("coralnet: 2", f"coralnet: 2, search: {{{search}}}")
    (tmp_path / "survey.yaml").write_text(survey)
    file = read_survey(tmp_path / "survey.yaml")
    shown = foresee(opened.layout.root, file, priced(changed(opened), LIMITS, None)).lines
    warned = [line for line in shown if line.startswith("  warning")]
    key = search.partition(":")[0]
    said = f"  warning: coralnet:2: images that its search finds no more leave the tables. `{key}` goes by the labels"
    assert [line.startswith(said) for line in warned] == ([] if key == "image_name" else [True])
    gone = list(withdrawn_lines(difference(opened, changed(opened)), opened.plan, changed(opened), file))
    assert gone == ["  not in the tables any more, though what they came to is kept: 1 (a.jpg)", *warned]


def test_a_plan_is_shown_though_a_review_of_its_run_is_damaged(tmp_path: Path) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    (tmp_path / "survey.yaml").write_text(SURVEY.format(directory=opened.layout.root))
    review.draw(opened, SampleRequest(sample="100%"), SystemClock())
    opened.layout.drawn(1).write_bytes(b"touched")
    planned = priced(changed(opened), LIMITS, None)
    _, (refused,) = foresee(opened.layout.root, read_survey(tmp_path / "survey.yaml"), planned)
    assert refused.startswith("  warning: `apply` would refuse: ")


def test_a_plan_shows_that_a_run_would_be_read_otherwise(tmp_path: Path) -> None:
    path, place = tmp_path / "survey.yaml", tmp_path / "run"
    path.write_text(SURVEY.format(directory=place))
    file, plan = read_survey(path), finished_run(tmp_path / "other", PHOTOS).plan
    plan = replace(plan, name="reef", survey_digest=file.digest)
    make_run(Layout(place), plan, file, account="demo", clock=SystemClock())
    path.write_text(SURVEY.format(directory=place) + "cover: {unclear: [UNK]}\n")
    otherwise = priced(replace(plan, formats=("csv", "parquet")), LIMITS, None)
    first, *changes = foresee(place, read_survey(path), otherwise).lines
    assert first == f"The run is there already; `apply` would write its tables anew, and go on with it: {place}"
    assert '  survey      cover.unclear: not set -> ["UNK"]' in changes
    assert changes[-1].startswith("  to send     3 images in 1 job, at least ")


def test_a_newer_classifier_of_the_same_source_is_told_and_passed_by(tmp_path: Path) -> None:
    opened = finished_run(tmp_path / "run", PHOTOS)
    ours = opened.plan.classifier
    newer = replace(opened.plan, classifier=Classifier(id="2", source=1))
    kept = with_pinned(newer, ours, by_id=False)
    assert kept.classifier == ours
    assert kept.warnings == ("the run keeps classifier 1; 2 would be picked now (--upgrade-classifier)",)
    assert with_pinned(newer, ours, by_id=True) == newer
    of_another = replace(newer, classifier=Classifier(id="2", source=7))
    assert with_pinned(of_another, ours, by_id=False) == of_another
