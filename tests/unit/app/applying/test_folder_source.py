"""A survey of a folder of photos, from the survey to the tables, through a service that reads files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests.photo_host import photo
from tests.ports.words import Words
from tests.ports.words_entry import entry
from typer.testing import CliRunner

from coralrun import services
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.run.run_directory import open_run
from coralrun.app.survey.survey_file import read_survey
from coralrun.cli.main import app
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED, UsageError
from coralrun.files.training_photos import encode_photos
from coralrun.machine.reasons import TEXTS, Reason
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.reaching import tells_nobody
from coralrun.values.ids import sha256_hex

EXIT_WRONG = UsageError.exit_code
MLC = Path(__file__).resolve().parents[5] / "shared" / "data" / "mlc"
SURVEY = """version: 1
name: words
service: words
classifier: {id: best-of-all}
sources: [{folder: photos/}]
sampling: {points: {method: simple random, number_of_points: 5}}
outputs: {directory: run}
"""


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setattr(services, "SERVICES", (*services.SERVICES, entry(Words(tmp_path))))
    project = tmp_path / "project"
    for number, name in enumerate(("a.jpg", "b/1.jpg", "b/2.jpg")):
        (project / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "photos" / name).write_bytes(photo(40, 30, seed=number))
    (project / "photos/empty.jpg").touch()
    (project / "survey.yaml").write_text(SURVEY)
    monkeypatch.chdir(project)
    return project / "survey.yaml"


def command(words: str, code: int = EXIT_COMPLETE) -> str:
    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == code, done.output
    return done.output


def test_a_folder_is_planned_saved_and_carried_out_from_elsewhere(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = command("plan survey.yaml --out plan.json")
    assert "folder:photos: found: 4" in said
    assert "will fail   1 of them" in said
    assert "folder:photos: will fail: files with nothing in them: copy them anew: 1 (empty.jpg)" in said
    elsewhere = survey.parent.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    said = command(f"apply {survey.with_name('plan.json')} --run-dir run --yes", EXIT_SOME_IMAGES_FAILED)
    assert "4 = 3 succeeded + 1 failed + 0 skipped" in said
    assert command("report run --thumbnails 2")
    assert len(list(Path("run/report").glob("photo-*-40x30.jpg"))) == 2


def planned(
    survey: Path, sources: str, more: str = "", points: str = "{method: simple random, number_of_points: 5}"
) -> Plan:
    """The plan of another survey of the same photos."""
    text = SURVEY.replace("{folder: photos/}", sources).replace("{method: simple random, number_of_points: 5}", points)
    survey.write_text(text + more)
    return make_plan(read_survey(survey), services.connect("words", {}), tells_nobody).plan


def names(plan: Plan) -> list[str]:
    return [image.name for image in plan.images]


def test_filters_samples_and_metadata_work_as_for_every_source(survey: Path) -> None:
    (survey.parent / "sites.csv").write_text("Name,site\na.jpg,N\nb/1.jpg,S\nb/2.jpg,S\n")
    (survey.parent / "names.txt").write_text("a.jpg\nb/1.jpg\n")
    sites, folder = "metadata: sites.csv\n", "{{folder: photos, filters: {}}}".format
    assert names(planned(survey, folder("{include: ['b/*'], limit: 1}"))) == ["b/1.jpg"]
    assert names(planned(survey, folder("{exclude: ['regex:^b/', '*empty*']}"))) == ["a.jpg"]
    assert names(planned(survey, folder("{names_from: names.txt}"))) == ["a.jpg", "b/1.jpg"]
    assert names(planned(survey, folder("{where: {site: S}}"), sites)) == ["b/1.jpg", "b/2.jpg"]
    template = 'metadata: {from_names: "{site}/{quadrat}.jpg"}\n'
    assert names(planned(survey, folder("{where: {site: b, quadrat: 2}}"), template)) == ["b/2.jpg"]
    sample = "{method: simple random, number_of_points: 5}, images: {count: 1, by: site}"
    drawn = planned(survey, folder("{exclude: ['*empty*']}"), sites, sample)
    assert [(image.name[0], image.inclusion) for image in drawn.images] == [("a", 1.0), ("b", 0.5)]


def test_points_come_from_a_file_or_an_earlier_run(survey: Path) -> None:
    (survey.parent / "points.csv").write_text("Name,Row,Column\nb/1.jpg,2,3\nb/1.jpg,29,39\na.jpg,0,0\n")
    given = planned(survey, "{folder: photos}", points="{from: points.csv}")
    assert {image.name: image.points for image in given.images} == {"a.jpg": 1, "b/1.jpg": 2}
    command("apply survey.yaml --run-dir earlier --yes")
    again = planned(survey, "{folder: photos}", points="{revisit: {run: earlier}}")
    assert {name: tuple(again.file_points[name]) for name in names(again)} == {
        name: tuple(given.file_points[name]) for name in names(given)
    }
    new = planned(survey, "{folder: photos, filters: {not_in: earlier}}")
    assert names(new) == ["b/2.jpg", "empty.jpg"]


def test_photos_that_trained_a_classifier_are_left_out_whatever_they_are_called(survey: Path) -> None:
    digest = sha256_hex((survey.parent / "photos/a.jpg").read_bytes())  # and so is that of b/1.jpg
    (survey.parent / "model").mkdir()
    file = survey.parent / "model/photos.sha256"
    file.write_bytes(encode_photos([digest, "ab" * 32]))
    (survey.parent / "photos/a.jpg").rename(survey.parent / "photos/renamed.jpg")
    plan = planned(survey, "{folder: photos, filters: {not_trained_on: model/}}")
    assert names(plan) == ["b/2.jpg", "empty.jpg"]
    assert ("not_trained_on", 2) in [(step.step, step.removed) for step in plan.funnel]
    filters = "{include: [renamed.jpg, b/1.jpg], not_trained_on: model}"
    survey.write_text(SURVEY.replace("photos/}", f"photos/, filters: {filters}}}"))
    assert "each photo that was left trained the classifier" in command("plan survey.yaml", EXIT_WRONG)
    survey.write_text(SURVEY.replace("photos/}", "photos/, filters: {not_trained_on: model}}"))
    file.write_text("ABC")
    assert "model/photos.sha256: not a list of SHA-256, one a line" in command("plan survey.yaml", EXIT_WRONG)
    file.unlink()
    said = command("plan survey.yaml", EXIT_WRONG)
    assert "survey.yaml:5:55: model/photos.sha256: No such file or directory" in said


def test_what_cameras_wrote_is_asked_for_by_the_survey(survey: Path) -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0x9003] = "2024:06:01 10:20:30"
    Image.new("RGB", (40, 30)).save(survey.parent / "photos/b/2.jpg", exif=tags)
    where = "{folder: photos, filters: {where: {date: {from: 2024-01-01}}}}"
    assert names(planned(survey, where, "metadata: {exif: true}\n")) == ["b/2.jpg"]
    assert planned(survey, "{folder: photos}").fields == ()


def test_a_photo_that_was_changed_or_is_gone_fails_by_its_own_reason(survey: Path) -> None:
    command("plan survey.yaml --out plan.json")
    photos = survey.parent / "photos"
    (photos / "a.jpg").write_bytes(photo(40, 30, seed=9))
    (photos / "b/1.jpg").unlink()
    command("apply plan.json --run-dir run --yes", EXIT_SOME_IMAGES_FAILED)
    opened = open_run(Path("run"))
    names = [image.name for image in opened.plan.images]
    assert {names[unit]: reason for unit, reason in opened.state.ended.items()} == {
        "a.jpg": Reason.CHANGED,
        "b/1.jpg": Reason.NOT_FOUND,
        "empty.jpg": Reason.EMPTY,
    }


def test_a_folder_that_was_moved_is_found_by_the_survey_beside_it(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)
    survey.parent.rename(survey.parent.with_name("moved"))
    monkeypatch.chdir(survey.parent.with_name("moved"))
    journal = Path("run/state/journal-0.jsonl")
    facts = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(facts[: next(n for n, fact in enumerate(facts) if b'"t":"intent"' in fact)]))
    assert "folder:photos: its photos are not at" in command("resume run", EXIT_WRONG)
    assert "3 succeeded" in command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)


def test_a_folder_that_is_not_there_is_a_problem_with_its_line(survey: Path) -> None:
    survey.write_text(SURVEY.replace("photos/", "pictures/"))
    assert "survey.yaml:5:20: pictures: no such folder" in command("validate survey.yaml", EXIT_WRONG)


def test_a_folder_is_examined_and_its_points_are_written(survey: Path) -> None:
    assert "folder:photos: it can be read: 4 files; which of them are photos, `coralrun plan` says" in " ".join(
        command("doctor survey.yaml").split()
    )
    command("points survey.yaml --out points --measure", EXIT_SOME_IMAGES_FAILED)
    assert (survey.parent / "points/left-out.csv").read_text().splitlines()[1:] == [
        "folder:photos,empty.jpg,there is nothing in the photo's file: copy it anew"
    ]
    command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)
    command("show run b/2.jpg --out shown.jpg")


def test_a_plan_of_a_stranger_shows_no_file_that_its_maker_does_not_have(survey: Path) -> None:
    secret = survey.parent.parent / "secret"
    secret.mkdir()
    (secret / "a.jpg").write_bytes(photo(40, 30, seed=99))
    made = planned(survey, "{folder: photos/}")
    forged = replace(made, folders={"folder:photos": str(secret)}, images=made.images[:1])
    Path("forged.json").write_bytes(codec.encode_single(forged))
    assert "0 succeeded + 1 failed" in command("apply forged.json --run-dir run --yes", EXIT_SOME_IMAGES_FAILED)
    assert TEXTS[Reason.CHANGED] in Path("run/outputs/failures.csv").read_text()
    command("report run --thumbnails 1")
    assert TEXTS[Reason.CHANGED] in command("show run a.jpg", EXIT_WRONG)
    assert list(Path("run/report").glob("*.jpg")) == []


def test_real_photos_whose_camera_was_a_year_behind_are_found_out(survey: Path) -> None:
    if not MLC.exists():
        pytest.skip("the shared data folder is not there")
    for path in MLC.glob("*.jpg"):
        (survey.parent / "photos" / path.name).write_bytes(path.read_bytes())
    names = "{_}lter{site}_{_}_{_}_{_}_{date:%Y%m%d}.jpg"
    real = planned(
        survey, "{folder: photos, filters: {include: ['mcr_*']}}", f"metadata: {{exif: true, from_names: '{names}'}}\n"
    )
    assert [dict(zip(real.fields, image.metadata, strict=True)) for image in real.images[:1]] == [
        {"site": "3", "date": "2008-04-04", "latitude": "", "longitude": "", "camera": "NIKON D70s"}
    ]
    (listing,) = [listing for listing in real.listings if listing.what.startswith("EXIF dates")]
    assert listing.names[0] == "mcr_lter3_out10m_pole4-5_qu5_20080404.jpg (2007:04:04 12:50:34)"
    assert len(listing.names) == 3


def test_photos_that_came_or_were_changed_are_sent_alone_by_a_second_apply(survey: Path) -> None:
    command("apply survey.yaml --yes", EXIT_SOME_IMAGES_FAILED)
    photos = survey.parent / "photos"
    (photos / "a.jpg").write_bytes(photo(40, 30, seed=77))
    (photos / "new.jpg").write_bytes(photo(40, 30, seed=78))
    (photos / "b/2.jpg").rename(photos / "b/3.jpg")
    (photos / "empty.jpg").unlink()
    said = command("apply survey.yaml --yes")
    assert "4 = 4 succeeded + 0 failed + 0 skipped" in said
    jobs = Path("run/outputs/jobs.csv").read_text().splitlines()[1:]
    assert sum(int(job.split(",")[3]) for job in jobs) == 3 + 3


@pytest.mark.parametrize("filters", ['{exclude: ["empty*"]}', "{limit: 1}"])
def test_a_photo_that_filters_leave_out_is_not_said_to_fail(survey: Path, filters: str) -> None:
    survey.write_text(SURVEY.replace("folder: photos/", f"folder: photos/, filters: {filters}"))
    said = command("plan survey.yaml")
    assert "folder:photos: found: 4" in said
    assert "will fail" not in said
