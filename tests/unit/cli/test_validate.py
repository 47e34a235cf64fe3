"""`coralrun validate` takes surveys and folders of them, and says everything that is wrong with any."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from tests.contract.uploading import photo
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.cli.main import app
from coralrun.files.training_photos import encode_photos

VALID = """\
version: 1
name: {name}
classifier: {{source: 1}}
sources: [{{coralnet: 1}}]
sampling: {{points: {{method: simple random, number_of_points: 5}}}}
"""


@pytest.fixture(autouse=True)
def surveys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for place in ("north.yaml", "years/2024.yml", ".git/old.yaml"):
        Path(place).parent.mkdir(exist_ok=True)
        Path(place).write_text(VALID.format(name=f"at-{Path(place).stem}"), encoding="utf-8")
    Path("years/base.yaml").write_text("version: 1\n", encoding="utf-8")
    finished_run(Path("runs/at-north"), [Photo("a.jpg", sure("A"))])
    shutil.copy("north.yaml", "runs/at-north/plans/001/inputs/01-north.yaml")
    return tmp_path


def validated(*paths: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *paths])
    return result.exit_code, result.output


def test_every_survey_of_a_folder_is_checked_once_and_no_base_or_copy_in_a_run() -> None:
    code, said = validated("north.yaml", ".")
    assert code == 0
    assert [line.partition(":")[0] for line in said.splitlines()] == ["north.yaml", "years/2024.yml"]


def test_what_is_wrong_with_any_is_said_beside_those_that_are_valid() -> None:
    Path("years/torn.yaml").write_text("sources: [", encoding="utf-8")
    Path("south.yaml").write_text(VALID.format(name="a b"), encoding="utf-8")
    code, said = validated(".")
    assert code == 2
    assert "north.yaml: valid" in said
    assert "south.yaml:2:7: `name` must be" in said
    assert "years/torn.yaml:" in said


def test_no_survey_is_passed_over_because_it_says_itself_no_images() -> None:
    base = VALID.format(name="x").replace("name: x\n", "")
    Path(".git/base.yaml").write_text(base, encoding="utf-8")
    Path("dense.yaml").write_text("version: 1\nname: dense\nextends: .git/base.yaml\n", encoding="utf-8")
    Path("sparse.yaml").write_text("version: 1\nname: sparse\nextends: dense.yaml\n", encoding="utf-8")
    slips = {
        "slip.yaml": VALID.format(name="slip").replace("sources", "source"),
        "slip-2.yaml": "name: s2\nextends: dense.yaml\nSources: [{coralnet: 1}]\n",
        "slip-3.yaml": "nmae: s3\nextends: dense.yaml\nsource: [{coralnet: 1}]\n",
        "slip-4.yaml": "version: 1\nname: s4\nsource: [{coralnet: 1}]\n",
    }
    for file, text in slips.items():
        Path(file).write_text(text, encoding="utf-8")
    Path("groups.yaml").write_text(
        "version: 1\nname: groups\nsource: ours\nlevels: [a]\ngroups: []\n", encoding="utf-8"
    )
    Path("conda.yaml").write_text("name: reef\ndependencies: [python]\n", encoding="utf-8")
    Path("compose.yaml").write_text("version: '3'\nname: reef\nservices: {}\n", encoding="utf-8")
    Path("dense-base.yaml").write_text("extends: .git/base.yaml\nsampling: {points: {seed: 2}}\n", encoding="utf-8")
    code, said = validated(".")
    assert code == 2
    valid = [line.partition(":")[0] for line in said.splitlines() if ": valid" in line]
    assert valid == ["dense.yaml", "north.yaml", "sparse.yaml", "years/2024.yml"]
    for place in ("slip.yaml:4:1", "slip-2.yaml:3:1", "slip-3.yaml:3:1", "slip-4.yaml:3:1"):
        assert f"{place}: unknown key `" in said
    assert said.count(": did you mean `sources`?") == len(slips)
    assert not any(file in said for file in ("groups", "conda", "compose", "dense-base"))


def test_a_base_with_images_is_no_survey_beside_those_that_extend_it() -> None:
    nameless = VALID.format(name="x").replace("name: x\n", "")
    Path("years/reef.yaml").write_text(nameless, encoding="utf-8")
    Path("alone.yaml").write_text(nameless, encoding="utf-8")
    Path("2025.yaml").write_text("version: 1\nname: at-2025\nextends: [years/reef.yaml]\n", encoding="utf-8")
    Path("2026.yaml").write_text("version: 1\nname: at-2026\nextends: 2025.yaml\n", encoding="utf-8")
    code, said = validated(".")
    assert code == 2
    valid = [line.partition(":")[0] for line in said.splitlines() if ": valid" in line]
    assert valid == ["2025.yaml", "2026.yaml", "north.yaml", "years/2024.yml"]
    assert "alone.yaml:1:1: " in said, "nobody extends it: it may be a survey whose name was forgotten"
    assert "years/reef.yaml" not in said
    code, said = validated("2025.yaml", "years/reef.yaml", "2026.yaml")
    assert (code, said.count("valid")) == (0, 2), "a shell names all files of a folder, and its base with them"


def test_what_is_wrong_in_a_base_is_said_once_and_by_one_path() -> None:
    Path("years/base.yaml").write_text("version: 1\nsampling: {pionts: 1}\n", encoding="utf-8")
    for survey, base in (("north.yaml", "years/base.yaml"), ("years/2024.yml", "../years/base.yaml")):
        Path(survey).write_text(f"extends: {base}\n" + Path(survey).read_text("utf-8"), encoding="utf-8")
    code, said = validated(".")
    assert code == 2
    assert said.count("pionts") == said.count("years/base.yaml:2:12: unknown key `pionts`") == 1


def test_several_surveys_are_one_document_and_one_is_its_own() -> None:
    one = json.loads(validated("north.yaml", "--json")[1])
    both = json.loads(validated("north.yaml", "years", "--json")[1])
    assert (one["valid"], one["file"]) == (True, "north.yaml")
    assert [survey["file"] for survey in both["surveys"]] == ["north.yaml", "years/2024.yml"]


def test_surveys_that_would_take_each_others_images_are_wrong_each_at_its_line() -> None:
    Path("south.yaml").write_text(VALID.format(name="at-north"), encoding="utf-8")
    Path("east.yaml").write_text(VALID.format(name="east") + "outputs: {directory: ./runs/at-north/}\n", "utf-8")
    code, said = validated(".")
    assert code == 2
    assert "north.yaml:2:7: its run goes to runs/at-north, as that of east.yaml and south.yaml does" in said
    assert "south.yaml:2:7: its run goes to runs/at-north" in said
    assert "east.yaml:6:22: its run goes to ./runs/at-north/" in said
    assert said.count("give it an `outputs.directory` of its own") == 1
    assert said.count("give it a `name` of its own") == 2
    assert "2024.yml:2" not in said
    assert validated("north.yaml", "years")[0] == 0


def test_what_is_to_be_known_of_a_file_that_surveys_share_is_said_once() -> None:
    Path("groups.csv").write_text("Short Code,Category,Genus\nPoc,Coral,Pocillopora\n", encoding="utf-8")
    for survey, groups in (("north.yaml", "groups.csv"), ("years/2024.yml", "../groups.csv")):
        Path(survey).write_text(Path(survey).read_text("utf-8") + f"cover: {{groups: {groups}}}\n", encoding="utf-8")
    assert validated(".")[1].count("labels are grouped by") == 1


def test_what_is_not_here_is_named_and_all_else_is_checked() -> None:
    survey = (
        "version: 1\nname: lacking\nclassifier: {same_as: runs/none}\n"
        'metadata: "${REEF_NOWHERE}/sites.csv"\ndesign: {unit: site}\ncover: {groups: groups.csv}\n'
        "sources: [{manifest: images.csv, filters: {names_from: names.txt, not_in: runs/2020}}]\n"
        "sampling: {points: {from: 'points/*.csv'}}\n"
    )
    Path("lacking.yaml").write_text(survey, encoding="utf-8")
    assert validated("lacking.yaml")[0] == 2
    code, said = validated("--skip-missing", "lacking.yaml")
    assert code == 0
    lines = said.splitlines()[1:]
    assert [line.removeprefix("  not checked: ").split(": ")[0] for line in lines] == [
        "points/*.csv", "images.csv", "names.txt", "${REEF_NOWHERE}/sites.csv", "groups.csv",
        "runs/2020 holds no run", "runs/none holds no run",
    ]  # fmt: skip
    assert "${REEF_NOWHERE}/sites.csv: the environment has no variable `REEF_NOWHERE`\n" in said
    assert len(json.loads(validated("--skip-missing", "lacking.yaml", "--json")[1])["not_checked"]) == len(lines)
    Path("images.csv").write_text("nothing,here\n", encoding="utf-8")
    assert "images.csv:1: there is no column" in validated("--skip-missing", "lacking.yaml")[1]
    Path("lacking.yaml").write_text(survey.replace("metadata", "metadate"), encoding="utf-8")
    assert "lacking.yaml:4:1: unknown key `metadate`" in validated("--skip-missing", "lacking.yaml")[1]


def test_a_folder_without_a_survey_is_refused() -> None:
    Path("empty").mkdir()
    assert validated("empty") == (2, "empty: no survey is in it\n-> Name a survey, or a folder with some.\n")


@pytest.mark.parametrize("behind", [".txt", "~", ".BAK", " (1)", "_old"])
def test_a_survey_that_is_called_otherwise_is_named_unless_it_is_a_copy(behind: str) -> None:
    text = Path("years/2024.yml").read_text("utf-8")
    Path(f"years/2024.yml{behind}").write_text(text, encoding="utf-8")
    Path(f"years/2025.YAML{behind}").write_text("- a list", encoding="utf-8")
    assert "passed over" not in validated("years")[1]
    Path(f"years/2025.YAML{behind}").write_text(text, encoding="utf-8")
    said = f"passed over, because the name of a survey ends in .yaml or .yml: years/2025.YAML{behind}\n"
    assert validated("years") == (0, said + validated("years/2024.yml")[1])
    Path("years/2025.YAML").write_text(text.replace("name: ", "name: x"), encoding="utf-8")
    assert validated("years")[1].count("valid") == 2


LOCAL = """\
version: 1
name: local
service: local
classifier: {{folder: {folder}}}
sources: [{{folder: photos, filters: {{{filters}}}}}]
sampling: {{points: {{method: simple random, number_of_points: 5}}}}
"""


@pytest.mark.parametrize(
    ("filters", "learnt", "said"),
    [
        ("not_trained_on: reef", "ab", "each photo that was left trained the classifier that `not_trained_on` names"),
        ("not_trained_on: reef", "a", ""),
        ("not_trained_on: reef, exclude: [b*]", "a", "exclude removes 1, not_trained_on removes 1"),
        ("include: ['*.png']", "", "no image is left to plan: folder:photos has 2 images, include removes 2"),
        ("include: ['*.png'], where: {site: x}", "", "include removes 2"),
        ("where: {site: x}", "", ""),
    ],
)
def test_filters_that_leave_no_photo_are_a_problem(filters: str, learnt: str, said: str) -> None:
    Path("photos").mkdir()
    digests = {}
    for number, name in enumerate("ab"):
        Path(f"photos/{name}.jpg").write_bytes(photo(side=20 + number))
        digests[name] = hashlib.sha256(photo(side=20 + number)).hexdigest()
    Path("reef").mkdir()
    Path("reef/photos.sha256").write_bytes(encode_photos([digests[name] for name in learnt]))
    Path("local.yaml").write_text(LOCAL.format(folder="reef", filters=filters))
    code, told = validated("local.yaml")
    assert (code, said in told) == (2 if said else 0, True), told
    assert ("is left to plan" in told) is bool(said)


@pytest.mark.parametrize(("template", "is_told"), [("{site}_{day:%Y}.jpg", True), ("{site}_{n}.jpg", False)])
def test_a_template_that_no_name_in_a_folder_follows_is_told(template: str, is_told: bool) -> None:
    Path("photos").mkdir()
    for name in ("Cap_n_2023.jpg", "Cap.jpg"):
        Path("photos", name).write_bytes(photo(side=20))
    Path("reef").mkdir()
    Path("local.yaml").write_text(LOCAL.format(folder="reef", filters="") + f"metadata: {{from_names: '{template}'}}\n")
    code, told = validated("local.yaml")
    assert (code, "does not follow `metadata.from_names`" in told) == (0, is_told), told


@pytest.mark.parametrize(
    ("named", "filters", "said"),
    [
        (
            "north/c.jpg",
            "",
            "folder:photos has 2 images, points removes 2\nlocal.yaml: 1 of the names that were given is",
        ),
        ("A.jpg", "", ""),
        ("b.jpg", "exclude: [b*]", "exclude removes 1, points removes 1"),
    ],
)
def test_points_of_no_photo_at_all_are_a_problem(named: str, filters: str, said: str) -> None:
    Path("photos").mkdir()
    for name in "ab":
        Path(f"photos/{name}.jpg").write_bytes(photo(side=20))
    Path("reef").mkdir()
    Path("points.csv").write_text(f"Name,Row,Column\n{named},3,4\n")
    text = LOCAL.format(folder="reef", filters=filters).replace(
        "{method: simple random, number_of_points: 5}", "{from: points.csv}"
    )
    Path("local.yaml").write_text(text)
    code, told = validated("local.yaml")
    assert (code, said in told) == (2 if said else 0, True), told
