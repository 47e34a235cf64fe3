"""A run's points and people's labels are shown beside what CoralNet deletes, written, and read back."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.crash.uploading_runs import SENT, SURVEY, THERE, Killed, Laptop
from typer.testing import CliRunner

from coralrun.app.applying import annotate as annotating
from coralrun.app.applying.annotate import annotate
from coralrun.app.applying.annotations import AnnotateOptions
from coralrun.app.reviewing import review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.coralnet.writing.points_upload import CoralNetAnnotations
from coralrun.emulator.site import Annotation, Photo
from coralrun.errors import InvalidInput, ServiceError, UsageError
from coralrun.review.whose_labels import Word

POINTS = AnnotateOptions(to=2, with_labels=False, yes=True)
LABELS = AnnotateOptions(to=2, with_labels=True, yes=True)
RUN = Path("run")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    """A finished run of three photos that were sent and one that was there, with three points each."""
    with pytest.MonkeyPatch.context() as patched:
        return finished(tmp_path_factory.mktemp("once"), patched, SURVEY)


@pytest.fixture
def run(once: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    """The same, a copy of which the source is put back after the test."""
    source = once.faults.service.site.sources_by_id[2]
    shutil.copytree(once.folder / "run", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(annotating, "reach", lambda *asked, **wanted: once.connect())
    yield once
    once.faults.service.site.put(source)


def finished(folder: Path, monkeypatch: pytest.MonkeyPatch, survey: str) -> Laptop:
    laptop = Laptop(folder)
    (folder / "survey.yaml").write_text(survey)
    laptop.finish(monkeypatch)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(annotating, "reach", lambda *asked, **wanted: laptop.connect())
    return laptop


def put(options: AnnotateOptions = POINTS) -> int:
    return annotate(RUN, options, Printer())


def photo_of(run: Laptop, name: str) -> Photo:
    return next(one for one in run.faults.service.site.sources_by_id[2].photos if one.name == name)


def there(run: Laptop, name: str) -> list[tuple[int, int, int | None]]:
    return [(point.row, point.column, point.label) for point in photo_of(run, name).annotations()]


def of_run(name: str) -> list[tuple[int, int]]:
    opened = open_run(RUN)
    points = {opened.plan.images[number].name: listed for number, listed in opened.points()}
    return [(point.row, point.column) for point in points[name]]


def change(run: Laptop, name: str, **values: object) -> None:
    site = run.faults.service.site
    site.put_photo(site.sources_by_id[2], replace(photo_of(run, name), **values))  # type: ignore[arg-type]


def people_annotate(run: Laptop, name: str, points: int = 2) -> None:
    """Somebody labels points at the source."""
    label = run.faults.service.site.sources_by_id[2].labels[0].id
    listed = [Annotation(number, number, label) for number in range(points)]
    change(run, name, status="confirmed", annotator="annotation_tool", annotations=lambda: listed)


def reviewed(labels: dict[str, list[str]]) -> OpenRun:
    """The run after people labelled the first points of photos."""
    rows = [
        (name, *place, code) for name, codes in labels.items() for place, code in zip(of_run(name), codes, strict=False)
    ]
    with Path("filled.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("Name", "Row", "Column", "Label"), *rows])
    review_import.take(open_run(RUN), Path("filled.csv"), SystemClock(), word=Word("people"))
    return open_run(RUN)


def codes(run: Laptop) -> list[str]:
    """The labels that the run's classifier gave, which the source has too."""
    return [label.code for label in run.faults.service.site.sources_by_id[2].labels]


def test_points_take_the_place_of_those_of_the_source(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    assert put() == 0
    for name in (*SENT, *THERE):
        assert there(run, name) == [(*place, None) for place in of_run(name)]
    said = capsys.readouterr().out
    assert "Points of 4 photos for source 2: 12 points\n" in said
    assert "CoralNet DELETES all points and annotations that these photos have" in said
    later = "those of 4 can be read once they have labels, of the source's classifier if it has one, or of people"
    assert f"4 photos written, and 0 read back as sent; {later}." in said
    run.faults.service.classifying.advance(float("inf"))
    put()
    again = capsys.readouterr().out
    assert "Points of 0 photos" in again
    assert "there already, as the run has them: 4 photos" in again


def test_what_people_did_at_the_source_stays_unless_it_is_given_up(
    run: Laptop, capsys: pytest.CaptureFixture[str]
) -> None:
    people_annotate(run, "new 0.jpg")
    put()
    assert len(there(run, "new 0.jpg")) == 2
    assert "left out, for people have annotated them there" in capsys.readouterr().out
    put(replace(POINTS, replace=True))
    assert there(run, "new 0.jpg") == [(*place, None) for place in of_run("new 0.jpg")]
    assert "    new 0.jpg: 2 annotations of people's DELETED\n" in capsys.readouterr().out


def test_only_labels_that_people_gave_are_confirmed_ones(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    code = codes(run)[0]
    reviewed({"new 0.jpg": [code, code]})
    put(LABELS)
    label = run.faults.service.site.sources_by_id[2].labels[0].id
    places = of_run("new 0.jpg")
    assert there(run, "new 0.jpg") == [(*places[0], label), (*places[1], label), (*places[2], None)]
    assert there(run, "new 1.jpg") == []
    said = capsys.readouterr().out
    assert "Points of 1 photo for source 2: 3 points, 2 labels" in said
    assert "the labels become CONFIRMED annotations: the source's next classifiers are trained on them" in said
    put(LABELS)
    assert "there already, as the run has them: 1 photo: new 0.jpg" in capsys.readouterr().out


def test_a_label_that_the_source_does_not_have_is_named_before(run: Laptop) -> None:
    code = codes(run)[0]
    reviewed({"new 0.jpg": [code]})
    site = run.faults.service.site
    source = site.sources_by_id[2]
    site.put(replace(source, labels=source.labels[1:]))
    with pytest.raises(InvalidInput) as refused:
        put(LABELS)
    assert [problem.message for problem in refused.value.problems] == [
        f"its labelset has no `{code}`, which people gave 1 point"
    ]
    site.put(replace(source, labels=()))
    with pytest.raises(UsageError, match="source 2 has no labelset"):
        put()


def test_a_label_goes_by_the_code_that_the_source_has_for_it(run: Laptop) -> None:
    reviewed({"new 0.jpg": [codes(run)[0]]})
    site = run.faults.service.site
    source = site.sources_by_id[2]
    site.put(replace(source, labels=(replace(source.labels[0], code="Own"), *source.labels[1:])))
    put(LABELS)
    assert there(run, "new 0.jpg")[0][2] == source.labels[0].id


def test_photos_that_the_source_no_longer_has_are_named(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    site = run.faults.service.site
    other = photo_of(run, "new 1.jpg")
    for name in ("new 0.jpg", "new 1.jpg"):
        site.remove_photo(site.sources_by_id[2], photo_of(run, name))
    site.put_photo(site.sources_by_id[2], replace(other, id=999))
    put()
    assert "left out, for the source no longer has them: 2 photos: new 0.jpg, new 1.jpg" in capsys.readouterr().out
    assert there(run, "new 1.jpg") == []


def test_a_run_without_photos_of_the_source_is_refused(run: Laptop) -> None:
    with pytest.raises(UsageError, match="no photo of the run that is known to be in source 1 has a point"):
        put(replace(POINTS, to=1))
    with pytest.raises(UsageError, match="has a point with a label that people gave"):
        put(LABELS)


def test_nothing_is_written_that_nobody_agreed_to(
    run: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Printer, "agrees", lambda printer, question, is_lasting: False)
    put(replace(POINTS, yes=False))
    assert "Nothing was written." in capsys.readouterr().out
    assert there(run, "new 0.jpg") == []


@pytest.mark.parametrize("at", ["upload_preview", "upload_confirm"])
def test_a_request_that_never_arrived_leaves_all_as_it_was_until_the_next_call(run: Laptop, at: str) -> None:
    reviewed({"new 0.jpg": [codes(run)[0]]})
    run.faults.lost_requests_of.append(at)
    with pytest.raises(ServiceError):
        put(LABELS)
    assert there(run, "new 0.jpg") == []
    put(LABELS)
    assert len(there(run, "new 0.jpg")) == 3


def test_a_lost_confirmation_is_settled_by_reading_back(run: Laptop, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed({"new 0.jpg": [codes(run)[0]]})
    run.faults.lost_replies_of.append("upload_confirm")
    put(LABELS)
    assert "1 photo written, and 1 read back as sent." in capsys.readouterr().out


def test_annotations_that_came_since_it_was_looked_are_not_deleted(run: Laptop) -> None:
    options = replace(POINTS, yes=False)

    class Agreeing(Printer):
        def agrees(self, question: str, *, is_lasting: bool = False) -> bool:
            people_annotate(run, "new 2.jpg")
            return True

    with pytest.raises(ServiceError, match="people have annotated other photos since"):
        annotate(RUN, options, Agreeing())
    assert len(there(run, "new 2.jpg")) == 2


def test_a_process_that_dies_between_two_parts_is_gone_on_with_by_the_next(
    run: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(annotating, "POINTS_AT_ONCE", 7)
    real, calls = CoralNetAnnotations.put, iter(range(9))

    def dies(place: CoralNetAnnotations, *given: Any) -> tuple[str, ...]:
        if next(calls) == 1:
            raise Killed
        return real(place, *given)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(CoralNetAnnotations, "put", dies)
        put()
    assert sum(bool(there(run, name)) for name in (*SENT, *THERE)) == 2
    run.faults.service.classifying.advance(float("inf"))
    capsys.readouterr()
    put()
    assert "Points of 2 photos for source 2: 6 points" in capsys.readouterr().out


def test_what_goes_is_said_by_name() -> None:
    for said in ([], ["--points", "--labels"]):
        done = CliRunner().invoke(app, ["annotate", "run", "--to", "2", *said])
        assert (done.exit_code, "--points for the points alone" in done.output) == (2, True)


def test_a_run_of_a_sources_own_photos_knows_them_by_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    survey = SURVEY.replace("{folder: photos/, upload_to: {coralnet: 2, exif: keep}}", "{coralnet: 2}")
    run = finished(tmp_path, monkeypatch, survey)
    put()
    assert "left out" not in capsys.readouterr().out
    assert there(run, "there.jpg") == [(*place, None) for place in of_run("there.jpg")]
