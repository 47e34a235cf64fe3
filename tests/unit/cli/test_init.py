"""`coralrun init`: a first survey from options or answers, valid, commented, and written over nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun.app.survey.init import SCHEMA_FILE
from coralrun.app.survey.survey_file import read_survey
from coralrun.cli.commands import init
from coralrun.cli.main import app
from coralrun.spec.model import (
    PRODUCTION,
    BucketSource,
    CoralNetPoints,
    CoralNetSource,
    Design,
    ExifChoice,
    Filters,
    FolderSource,
    ManifestSource,
    Source,
    UploadTo,
)
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.starter import Answers, survey_text

TABLE = "name,url,site\na.jpg,https://reef.example/a.jpg,North\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "Récif: Île Nord (2024)"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def begin(*arguments: str, answers: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["init", *arguments], input=answers)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("arguments", "service"),
    [
        (("--images", "3"), "http://127.0.0.1:8123"),
        (("--images", "https://coralnet.ucsd.edu/source/3/"), PRODUCTION),
        (("--images", "https://reef.example/source/3/"), "https://reef.example"),
        (("--images", "3", "--service", "emulator"), "emulator"),
    ],
)
def test_the_environments_service_is_written_where_nothing_names_another(
    arguments: tuple[str, ...], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORALNET_SERVICE", "http://127.0.0.1:8123/")
    code, said = begin(*arguments)
    assert (code, read_survey(Path("survey.yaml")).survey.service) == (0, service)
    assert ("which CORALNET_SERVICE names" in said) is (service == "http://127.0.0.1:8123")


@pytest.mark.parametrize(
    ("line", "of_environment", "service"),
    [
        ("service = http://127.0.0.1:8124/", {}, "http://127.0.0.1:8124"),
        ("", {}, PRODUCTION),
        ("no line of an account", {}, PRODUCTION),
        ("service = http://127.0.0.1:8124", {"CORALNET_SERVICE": "http://127.0.0.1:8125"}, "http://127.0.0.1:8125"),
        ("service = http://127.0.0.1:8124", {"CORALNET_TOKEN": "abc"}, PRODUCTION),
    ],
)
def test_the_service_of_the_account_that_will_be_found_is_written(
    line: str, of_environment: dict[str, str], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coralrun.services.credentials_file", lambda: Path("credentials"))
    Path("credentials").write_text(f"username = fay\n{line}\npassword = x\n")
    Path("credentials").chmod(0o600)
    for name, value in of_environment.items():
        monkeypatch.setenv(name, value)
    code, said = begin("--images", "3")
    assert (code, read_survey(Path("survey.yaml")).survey.service) == (0, service)
    assert ("which credentials names; --service names another" in said) is service.endswith("8124")


def test_options_alone_make_a_survey_of_a_coralnet_source() -> None:
    code, said = begin("--images", "3420", "--unit", "site", "--count", "50", "--points", "100")
    assert code == 0
    assert said == (
        "Written: survey.yaml\n"
        "  and coralrun-survey.v1.json, by which editors know its keys\n"
        "  check it:      coralrun validate survey.yaml\n"
        "  what it costs: coralrun plan survey.yaml\n"
        "  carry it out:  coralrun apply survey.yaml\n"
    )
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.name, survey.service) == ("Recif-Ile-Nord-2024", PRODUCTION)
    assert survey.sources == (CoralNetSource(source=3420),)
    assert survey.classifier.source == 3420
    assert isinstance(survey.points, PointDesign)
    assert (survey.points.method, survey.points.points_per_image) == (Method.STRATIFIED_RANDOM, 100)
    assert survey.images.count == 50
    assert survey.design == Design(unit="site")
    assert survey.metadata.coralnet


def test_the_points_that_people_labelled_in_a_source_can_be_asked_for() -> None:
    assert begin("--images", "3420", "--points", "coralnet")[0] == 0
    assert read_survey(Path("survey.yaml")).survey.points == CoralNetPoints()


def test_a_manifest_is_named_relative_to_the_survey() -> None:
    Path("tables").mkdir()
    Path("surveys").mkdir()
    Path("tables/my images.csv").write_text(TABLE, encoding="utf-8")
    code, _ = begin(
        "surveys/one.yaml", "--images", "tables/my images.csv", "--classifier", "9", "--service", "emulator"
    )
    assert code == 0
    survey = read_survey(Path("surveys/one.yaml")).survey
    assert survey.sources == (ManifestSource(path="../tables/my images.csv"),)
    assert (survey.name, survey.service, survey.classifier.source) == ("one", "emulator", 9)


def test_what_is_not_given_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "at_terminal", lambda: True)
    code, said = begin("--count", "5", answers="my-reef\n17\n\n30\nSite\n")
    assert code == 0
    assert "A short name for the survey [Recif-Ile-Nord-2024]: " in said
    assert f"Where are the images: {init.WHERE}: " in said
    assert f"Whose classifier labels the points: {init.WHOSE} [17]: " in said
    assert f"Points on each image{init.OWN_POINTS} [200]: " in said
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.name, survey.sources[0].label, survey.classifier.source) == ("my-reef", "coralnet:17", 17)
    assert isinstance(survey.points, PointDesign)
    assert (survey.points.points_per_image, survey.images.count, survey.design.unit) == (30, 5, "Site")


def test_each_answer_is_checked_at_once_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "at_terminal", lambda: True)
    Path("images.csv").write_text(TABLE, encoding="utf-8")
    Path("empty").mkdir()
    answers = ("my reef", "reef", "nowhere", "empty", "images.csv", "mine", "0", "9", "many", "13", "12", "sit", "Site")
    code, said = begin(answers="\n".join(answers) + "\n")
    assert code == 0, said
    for refused in (
        "-> Take my-reef.",
        "nowhere: neither a CoralNet source, a bucket, a folder nor a file",
        "empty: no photo is in it",
        "mine: neither a CoralNet source nor the folder of a classifier",
        "many: not a number of points",
        "13 points cannot be cut into cells near to square",
        "images.csv has no column `sit`: did you mean `site`?",
    ):
        assert refused in said
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.name, survey.classifier.source, survey.design.unit) == ("reef", 9, "Site")


def test_a_unit_that_nothing_tells_yet_is_a_note_until_metadata_have_it() -> None:
    Path("photos/North").mkdir(parents=True)
    Path("photos/North/q1.jpg").write_bytes(b"")
    Path("sites.csv").write_text("Name,Site\nNorth/q1.jpg,North\n", encoding="utf-8")
    photos = ("--images", "photos", "--upload-to", "7", "--exif", "keep", "--unit", "site")
    code, said = begin("none.yaml", *photos)
    assert code == 0
    assert "  the unit `site` is a note in it: nothing says yet which one each image is of\n" in said
    assert '# design: {unit: "site"}\n' in Path("none.yaml").read_text(encoding="utf-8")
    assert read_survey(Path("none.yaml")).survey.design.unit is None
    for file, given in (("names.yaml", "{site}/{_}.jpg"), ("table.yaml", "sites.csv")):
        code, said = begin(file, *photos, "--metadata", given)
        assert (code, "is a note" in said) == (0, False)
        survey = read_survey(Path(file)).survey
        assert (survey.design.unit, survey.metadata.exif) == ("site", True)
        assert given in (survey.metadata.from_names, survey.metadata.table)
    begin("date.yaml", *photos[:-1], "date")
    assert read_survey(Path("date.yaml")).survey.design.unit == "date", "cameras write it"


def test_metadata_may_be_given_several_times_and_one_of_them_tells_the_unit() -> None:
    Path("photos/North").mkdir(parents=True)
    for name in ("North/q1.jpg", "South_q1.jpg"):
        Path("photos", name).write_bytes(b"")
    Path("depths.csv").write_text("Name,depth\nNorth/q1.jpg,5\n", encoding="utf-8")
    Path("more.csv").write_text("Name,site\nNorth/q1.jpg,5\n", encoding="utf-8")
    photos = ("--images", "photos", "--upload-to", "7", "--exif", "keep", "--unit", "site")
    names = ("--metadata", "{site}/{n}.jpg", "--metadata", "{site}_{n}.jpg")
    assert begin(*photos, *names, "--metadata", "depths.csv")[0] == 0
    metadata = read_survey(Path("survey.yaml")).survey.metadata
    assert (metadata.from_names, metadata.table) == (("{site}/{n}.jpg", "{site}_{n}.jpg"), "depths.csv")
    for more, said in (
        (("--metadata", "depths.csv", "--metadata", "more.csv"), "depths.csv and more.csv: a survey has one table of"),
        (("--metadata", "{n}/{m}.jpg", "--metadata", "{m}_{n}.jpg"), "{n}/{m}.jpg, {m}_{n}.jpg have no field `{site}`"),
        ((*names, "--metadata", "{site}-{n}.jpg"), "no name in photos follows {site}-{n}.jpg: in the first"),
    ):
        assert begin("other.yaml", *photos, *more)[1].startswith(said)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("sites.csv", "sites.csv has no column `zone`: did you mean `Zones`?"),
        ("none.csv", "none.csv: neither a table nor a template of names"),
        ("{site}/{_}.jpg", "{site}/{_}.jpg has no field `{zone}`"),
        ("{zone}-{_}.jpg", "no name in photos follows {zone}-{_}.jpg: in the first, `North/q1.jpg`, `{zone}` is"),
        ("{zone", "{zone is no template: the brace `{` has no partner"),
    ],
)
def test_metadata_that_do_not_tell_the_unit_are_refused_with_why(metadata: str, said: str) -> None:
    Path("photos/North").mkdir(parents=True)
    Path("photos/North/q1.jpg").write_bytes(b"")
    Path("sites.csv").write_text("Name,Zones\nNorth/q1.jpg,North\n", encoding="utf-8")
    photos = ("--images", "photos", "--upload-to", "7", "--exif", "keep", "--unit", "zone")
    code, refused = begin(*photos, "--metadata", metadata)
    assert (code, refused.startswith(said)) == (2, True), refused
    assert not Path("survey.yaml").exists()


@pytest.mark.parametrize(
    ("where", "source", "service"),
    [
        ("https://coralnet.ucsd.edu/source/3420/", CoralNetSource(source=3420), PRODUCTION),
        ("https://coralnet.ucsd.edu/source/12/browse/images/?page=2", CoralNetSource(source=12), PRODUCTION),
        ("http://127.0.0.1:8123/source/1/", CoralNetSource(source=1), "http://127.0.0.1:8123"),
        ("s3://reef/2024", BucketSource(address="s3://reef/2024/"), PRODUCTION),
    ],
)
def test_images_are_known_by_an_address(where: str, source: Source, service: str) -> None:
    code, said = begin("--images", where, "--classifier", "9")
    assert code == 0, said
    survey = read_survey(Path("survey.yaml")).survey
    assert (survey.sources, survey.service) == ((source,), service)


def test_a_folder_of_photos_is_classified_here_by_a_classifier_of_ones_own() -> None:
    for folder in ("surveys", "photos", "reef model"):
        Path(folder).mkdir()
    Path("photos/a.jpg").write_bytes(b"a photo")
    for file in ("model.json", "photos.sha256"):
        Path("reef model", file).write_text("{}")
    code, said = begin("surveys/one.yaml", "--images", "photos", "--classifier", "reef model")
    assert code == 0, said
    survey = read_survey(Path("surveys/one.yaml")).survey
    assert survey.sources == (FolderSource(path="../photos", filters=Filters(not_trained_on="../reef model")),)
    assert (survey.service, survey.classifier.folder) == ("local", "../reef model")
    assert begin("--images", "photos", "--classifier", "9")[1].startswith(
        "CoralNet classifies photos that it can fetch, and those of a folder on this computer it cannot\n"
    )
    assert begin("--images", "reef model")[1].startswith("reef model: the folder of a classifier, not of photos\n")


def test_photos_of_a_folder_may_be_uploaded_first() -> None:
    Path("photos").mkdir()
    Path("photos/a.jpg").write_bytes(b"a photo")
    where = "http://127.0.0.1:8123/source/7/"
    code, said = begin("--images", "photos", "--upload-to", where, "--exif", "strip-private")
    assert code == 0, said
    survey = read_survey(Path("survey.yaml")).survey
    to = UploadTo(source=7, exif=ExifChoice.STRIP_PRIVATE)
    assert survey.sources == (FolderSource(path="photos", upload_to=to),)
    assert (survey.service, survey.classifier.source) == ("http://127.0.0.1:8123", 7)
    assert begin("b.yaml", "--images", "photos", "--upload-to", "7")[1].endswith(
        "-> Say keep or strip-private (--exif).\n"
    )
    assert begin("b.yaml", "--images", "1", "--upload-to", "7")[1].startswith("photos of a folder are uploaded, ")


def test_at_a_terminal_a_folder_is_asked_whether_it_is_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "at_terminal", lambda: True)
    Path("photos").mkdir()
    Path("photos/a.jpg").write_bytes(b"a photo")
    code, said = begin("--name", "r", answers="photos\nelsewhere\n7\nno\nkeep\n\n\n\n")
    assert code == 0, said
    assert "elsewhere: not a CoralNet source" in said
    survey = read_survey(Path("survey.yaml")).survey
    assert survey.sources == (FolderSource(path="photos", upload_to=UploadTo(source=7, exif=ExifChoice.KEEP)),)


def test_the_schema_beside_a_survey_is_laid_anew_but_over_nothing_else() -> None:
    beside = Path(SCHEMA_FILE)
    assert begin("one.yaml", "--images", "1")[0] == begin("two.yaml", "--images", "1")[0] == 0
    assert json.loads(beside.read_text())["$id"] == "urn:coralrun:schema:survey:v1"
    for name in ("one.yaml", "two.yaml"):
        assert Path(name).read_text().startswith(f"# yaml-language-server: $schema={SCHEMA_FILE}\n")
    beside.write_text("{}")
    code, said = begin("three.yaml", "--images", "1")
    assert (code, said.splitlines()[0]) == (2, f"{SCHEMA_FILE}: is there already, and is no schema of coralrun's")
    assert not Path("three.yaml").exists()
    assert begin("three.yaml", "--images", "1", "--no-schema")[0] == 0
    assert beside.read_text() == "{}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            (),
            f"it is not said where the images are\n-> Give --images: {init.WHERE}.\n",
        ),
        (
            ("--images", "none.csv"),
            "none.csv: neither a CoralNet source, a bucket, a folder nor a file\n"
            "-> Give the number or address of a source (3420, https://coralnet.ucsd.edu/source/3420/), a folder of "
            "photos, the path of a table of images, or a bucket (s3://reef/2024/).\n",
        ),
        (
            ("--images", "there.csv"),
            f"it is not said whose classifier labels the points\n-> Give --classifier: {init.WHOSE}.\n",
        ),
        (
            ("--images", "1", "--points", "13"),
            "13 points cannot be cut into cells near to square\n-> Take 12.\n",
        ),
        (
            ("--images", "there.csv", "--classifier", "1", "--points", "coralnet"),
            "coralnet: the points that a CoralNet source has are of its own images\n-> Take 200, or another number.\n",
        ),
        (
            ("--images", "1", "--name", "my reef"),
            "the name `my reef` must be letters, digits, `-`, `_` and `.` (at most 100, not starting with a dot), "
            "because it names a folder\n-> Take my-reef.\n",
        ),
        (
            ("there.csv", "--images", "1"),
            "there.csv: is there already, and is not written over\n-> Give another name.\n",
        ),
        (("no/such.yaml", "--images", "1"), "no: no such folder\n-> Make the folder first, or give another.\n"),
    ],
)
def test_what_makes_no_survey_is_said_and_nothing_is_written(arguments: tuple[str, ...], said: str) -> None:
    Path("there.csv").write_text(TABLE, encoding="utf-8")
    assert begin(*arguments) == (2, said)
    assert [path.name for path in Path().iterdir()] == ["there.csv"]
    assert Path("there.csv").read_text(encoding="utf-8") == TABLE


def test_every_survey_that_can_be_asked_for_is_valid_and_so_is_what_its_notes_offer() -> None:
    Path("a: b.csv").write_text("name,url\nx,https://reef.example/x\n", encoding="utf-8")
    Path("photos").mkdir()
    Path("a: model").mkdir()
    Path("a: model/photos.sha256").touch()
    places: tuple[tuple[Source, int | str, str], ...] = (
        (CoralNetSource(source=7), 7, PRODUCTION),
        (ManifestSource(path="a: b.csv"), 7, "emulator"),
        (BucketSource(address="s3://reef/"), 7, PRODUCTION),
        (FolderSource(path="photos"), "a: model", "local"),
        (FolderSource(path="photos", upload_to=UploadTo(source=7, exif=ExifChoice.KEEP)), 7, PRODUCTION),
    )
    for (images, whose, service), count, unit in product(places, (None, 3), (None, "Zone #1")):
        answers = Answers(
            name="r", images=images, classifier=whose, points=200, count=count, unit=unit, service=service
        )
        text = survey_text(answers)
        Path("made.yaml").write_text(text, encoding="utf-8")
        survey = read_survey(Path("made.yaml")).survey
        assert (survey.design.unit, survey.images.count, survey.service) == (unit, count, service)
        told = replace(answers, names=("{zone}/{_}.jpg", "{zone}-{_}.jpg"), unit_is_known=False)
        Path("told.yaml").write_text(survey_text(told), encoding="utf-8")
        survey = read_survey(Path("told.yaml")).survey
        assert (survey.design.unit, survey.metadata.from_names) == (None, told.names)
        survey = read_survey(Path("made.yaml")).survey
        for line in text.splitlines():
            note = line.lstrip()
            if note.startswith(("# search: ", "# filters: ", "# images: ", "# cover: ", "# compute: ", "# endpoint: ")):
                Path("offered.yaml").write_text(text.replace(line, line.replace("# ", "", 1)), encoding="utf-8")
                assert read_survey(Path("offered.yaml")).survey != survey, note


@pytest.mark.parametrize("name", ["2024", "true", "NULL", "1e5", "-1", "no", "a.b-c_d"])
def test_any_name_that_a_survey_may_have_is_written_so_that_it_is_read_as_text(name: str) -> None:
    code, said = begin("--images", "1", f"--name={name}")
    assert code == 0, said
    assert read_survey(Path("survey.yaml")).survey.name == name
