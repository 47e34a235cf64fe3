"""Every survey and table that the project shows is one that coralrun takes, and what it shows as wrong is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from tests.docs.markdown import CORALNET, GUIDES, KEYS, README, ROOT, Block, blocks

from coralrun.app.survey.resources import GROUPS_SCHEMA, SURVEY_SCHEMA, schema
from coralrun.app.survey.survey_file import read_survey
from coralrun.emulator.own_photos import COLUMNS as ANNOTATION_COLUMNS
from coralrun.errors import InvalidInput
from coralrun.services import all_terms
from coralrun.sources.manifest import read_manifest
from coralrun.sources.points_file import read_points
from coralrun.spec.groups_file import parse_groups
from coralrun.spec.load import load, plain
from coralrun.spec.validate import findings_in

GROUP_FOLDER = "groups"  # what stands there are label groups, not surveys
SURVEYS = [
    path
    for folder in ("examples", "configs")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
    if path.parent.name != GROUP_FOLDER
]
SHOWN = [block for path in (README, *GUIDES) for block in blocks(path, "yaml") if not block.note]


def is_base(path: Path) -> bool:
    """Whether a file is there to be extended: it names no images of its own."""
    return "sources" not in yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", [path for path in SURVEYS if not is_base(path)], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_every_survey_of_the_project_is_valid_and_named_after_its_file_or_folder(path: Path) -> None:
    survey = read_survey(path).survey
    assert survey.name in (path.stem, path.parent.name)


def test_every_base_of_the_project_is_extended_by_a_survey() -> None:
    bases = {path for path in SURVEYS if is_base(path)}
    assert bases
    for base in bases:
        extended = [path for path in SURVEYS if base in [path.parent / name for name in extends(path)]]
        assert extended, base


def extends(path: Path) -> list[str]:
    named = yaml.safe_load(path.read_text(encoding="utf-8")).get("extends", [])
    return [named] if isinstance(named, str) else list(named)


@pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_schema_that_a_survey_names_for_editors_is_there(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    if first.startswith("# yaml-language-server: $schema="):
        assert (path.parent / first.partition("$schema=")[2]).is_file()


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: str(yaml.safe_load(block.text)["name"]))
def test_every_survey_in_a_document_is_valid_and_lacks_at_most_an_earlier_run(block: Block, tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_text(block.text, encoding="utf-8")
    for folder in ("photos", "models/moorea-2026"):
        (tmp_path / folder).mkdir(parents=True)
    for table in blocks(KEYS, "csv"):
        name = "images.csv" if table.text.startswith("name,url") else "points.csv"
        (tmp_path / name).write_text(table.text, encoding="utf-8")
    try:
        read_survey(tmp_path / "survey.yaml")
    except InvalidInput as error:  # the run is made by the session that carries the survey out
        assert all(" holds no run" in problem.message for problem in error.problems), str(error)


FRAGMENTS = [block for path in (README, *GUIDES) for block in blocks(path, "yaml") if block.note == "fragment"]
GROUP_FILES = [block for path in (README, *GUIDES) for block in blocks(path, "yaml") if block.note == "groups"]


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: f"{block.section}:{block.line}")
def test_every_part_of_a_survey_in_a_document_fits_into_a_survey(block: Block) -> None:
    survey = plain(load("survey.yaml", (ROOT / "examples" / "quickstart" / "survey.yaml").read_bytes()).root)
    part = plain(load("part.yaml", block.text.encode()).root)
    assert isinstance(survey, dict) and isinstance(part, dict)
    assert findings_in({**survey, **part}, schema(SURVEY_SCHEMA), all_terms()) == []


@pytest.mark.parametrize("block", GROUP_FILES, ids=lambda block: f"{block.section}:{block.line}")
def test_every_group_file_in_a_document_is_valid(block: Block) -> None:
    parse_groups("groups.yaml", block.text.encode(), schema(GROUPS_SCHEMA))


def test_the_wrong_survey_in_a_guide_is_told_what_the_guide_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wrong,) = (block for block in blocks(KEYS, "yaml") if block.note == "invalid")
    (told,) = (block for block in blocks(KEYS, "text") if block.note == "validate")
    monkeypatch.chdir(tmp_path)
    Path("survey.yaml").write_text(wrong.text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_survey(Path("survey.yaml"))
    assert f"{caught.value.message}\n" == told.text


def test_every_table_in_the_guides_can_be_read() -> None:
    read = set()
    for block in (*blocks(KEYS, "csv"), *blocks(CORALNET, "csv")):
        heading, *rows = block.text.splitlines()
        if heading.startswith("name,url"):
            assert len(read_manifest("images.csv", block.text.encode()).images) == len(rows)
        elif heading == "Name,Row,Column":
            assert sum(
                len(points) for points in read_points("points.csv", {"points.csv": block.text.encode()}).values()
            ) == len(rows)
        else:
            assert tuple(heading.lower().split(",")) == ANNOTATION_COLUMNS
        read.add(heading)
    assert len(read) == 3


def test_the_points_and_the_manifest_in_a_guide_go_together() -> None:
    manifest, points = (block.text for block in blocks(KEYS, "csv"))
    names = {image.name for image in read_manifest("images.csv", manifest.encode()).images}
    assert set(read_points("points.csv", {"points.csv": points.encode()})) == names


def test_a_survey_of_the_project_needs_nothing_outside_its_folder_but_its_bases(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    for path in sorted((tmp_path / "configs").glob("*.yaml")):
        if not is_base(path):
            read_survey(path)
