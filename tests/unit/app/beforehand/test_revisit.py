"""An earlier run read from its directory: what was sent, whatever the run's fate, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.unit.results.finished_runs import Photo, finished_run, sure
from tests.unit.states import state_of

from coralrun.app.beforehand.revisit import read_earlier, sizes_sent
from coralrun.app.run.run_directory import OpenRun, holding
from coralrun.app.survey.survey_file import read_survey
from coralrun.errors import InvalidInput, RunDamaged
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import Extent, Size
from coralrun.planning.points import points_of
from coralrun.spec.model import PointsFile

AT = "2026-01-01T00:00:00Z"
A, B, UNKNOWN = Size(400, 300), Size(300, 400), Size(0, 0)
SURVEY = """\
version: 1
name: two
classifier: {{id: 1}}
sources: [{{coralnet: 2}}]
sampling: {{points: {{revisit: {{run: {run}, match: [{match}]}}}}}}
"""


def written(folder: Path, run: Path, match: str = "site") -> Path:
    path = folder / "survey.yaml"
    path.write_text(SURVEY.format(run=run.as_posix(), match=match), encoding="utf-8")
    return path


@pytest.fixture
def first(tmp_path: Path) -> OpenRun:
    photos = [Photo("a.jpg", sure(["CCA"]), ("A",)), Photo("b.jpg", None, ("B",))]
    return finished_run(tmp_path / "first", photos, fields=("Site",))


def after(*happened: facts.Fact, total: int = 4) -> PlanState:
    state = state_of(total)
    for fact in happened:
        apply(state, fact)
    return PlanState(state, PlanUnits(state.named))


def sent(batch: int, attempt: int, *sizes: Size) -> facts.Intended:
    return facts.Intended.of(AT, batch, attempt, len(sizes), "0", (), sizes)


def test_the_points_are_those_that_were_sent_also_of_photos_that_failed(tmp_path: Path, first: OpenRun) -> None:
    survey = read_survey(written(tmp_path, first.layout.root)).survey
    with holding(first.layout):
        photos = read_earlier(survey)
    assert photos is not None
    assert (photos.fields, [image.name for image in photos.images]) == (("Site",), ["a.jpg", "b.jpg"])
    design = first.plan.design
    assert design is not None
    for image in first.plan.images:
        assert photos.points[image.key] == points_of(design, image.key, Size(5000, 5000))
        assert photos.points.extent(image.key) == Extent(5000, 5000, whole_parts=True, exact=True)


def test_a_survey_that_revisits_nothing_reads_nothing(tmp_path: Path, first: OpenRun) -> None:
    survey = read_survey(written(tmp_path, first.layout.root)).survey
    assert read_earlier(replace(survey, points=PointsFile(path="points.csv"))) is None


def test_the_survey_is_another_when_the_earlier_run_is(tmp_path: Path, first: OpenRun) -> None:
    path = written(tmp_path, first.layout.root)
    before = read_survey(path)
    assert list(before.runs) == [first.layout.root.as_posix()]
    first.layout.root.rename(tmp_path / "kept")
    finished_run(tmp_path / "first", [Photo("c.jpg", sure(["CCA"]), ("A",))], fields=("Site",))
    assert read_survey(path).digest != before.digest


def test_a_field_that_the_earlier_photos_lack_is_told_before_anything_is_asked_for(
    tmp_path: Path, first: OpenRun
) -> None:
    survey = read_survey(written(tmp_path, first.layout.root, "site, depth")).survey
    with pytest.raises(InvalidInput) as caught:
        read_earlier(survey)
    where = survey.wording.places["match", "depth"]
    place = f"{tmp_path.as_posix()}/survey.yaml:5:{where.column}"
    assert where.line == 5
    assert str(caught.value) == (
        f"{place}: `sampling.points.revisit.match` names the field `depth`, and the photos "
        f"of {first.layout.root.as_posix()} have: `Site`"
    )


def test_a_damaged_run_is_named_with_the_file_that_is_damaged(tmp_path: Path, first: OpenRun) -> None:
    survey = read_survey(written(tmp_path, first.layout.root)).survey
    journal = first.layout.journal(0)
    journal.write_bytes(journal.read_bytes().replace(b'"job":"1"', b'"job":"2"', 1))
    with pytest.raises(RunDamaged) as caught:
        read_earlier(survey)
    run = first.layout.root.as_posix()
    assert caught.value.message == (
        f"{run}, which the survey revisits: {run}/state/journal-0.jsonl:4: the checksum does not fit"
    )


def test_the_size_with_which_an_image_was_sent_last_counts() -> None:
    state = after(
        facts.Batched.of(1, (0, 1)),
        sent(1, 1, A, A),
        facts.Submitted(AT, 1, 1, "7"),
        facts.Collected(AT, 1, 1, "7", "0" * 64, 1, {}, {1: Reason.URL_EXPIRED}),
        facts.Batched.of(2, (1, 2)),
        sent(2, 1, B, B),
        facts.Submitted(AT, 2, 1, "8"),
    )
    assert sizes_sent(state) == {0: A, 1: B, 2: B}


def test_a_batch_that_may_have_been_sent_counts_and_one_that_was_refused_does_not() -> None:
    intended = (facts.Batched.of(1, (0, 1)), sent(1, 1, A, B))
    assert sizes_sent(after(*intended)) == {0: A, 1: B}
    refused = facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {0: Reason.REJECTED})
    assert sizes_sent(after(*intended, refused)) == {}


def test_a_size_that_nobody_needed_is_not_known() -> None:
    assert sizes_sent(after(facts.Batched.of(1, (0, 1)), sent(1, 1, UNKNOWN, A))) == {1: A}


def test_jobs_of_an_older_snapshot_say_nothing_of_sizes() -> None:
    state = after(
        facts.Batched.of(1, (0,)),
        sent(1, 1, A),
        facts.Submitted(AT, 1, 1, "7"),
        facts.Collected(AT, 1, 1, "7", "0" * 64, 1),
    )
    state.run.closed = [structs.replace(job, sizes=()) for job in state.run.closed]
    assert sizes_sent(state) == {}
