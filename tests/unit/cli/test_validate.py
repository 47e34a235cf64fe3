"""`coralrun validate` takes surveys and folders of them, and says everything that is wrong with any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun.cli.main import app

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
    return tmp_path


def validated(*paths: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *paths])
    return result.exit_code, result.output


def test_every_survey_of_a_folder_is_checked_once_and_no_base_or_hidden_file() -> None:
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


def test_several_surveys_are_one_document_and_one_is_its_own() -> None:
    one = json.loads(validated("north.yaml", "--json")[1])
    both = json.loads(validated("north.yaml", "years", "--json")[1])
    assert (one["valid"], one["file"]) == (True, "north.yaml")
    assert [survey["file"] for survey in both["surveys"]] == ["north.yaml", "years/2024.yml"]


def test_surveys_that_would_take_each_others_images_are_warned_of() -> None:
    Path("south.yaml").write_text(VALID.format(name="at-north"), encoding="utf-8")
    code, said = validated(".")
    assert code == 0
    assert said.splitlines()[-1].startswith("warning: north.yaml and south.yaml are one run, runs/at-north: ")
    assert "runs/at-north" in json.loads(validated(".", "--json")[1])["warnings"][0]


def test_a_folder_without_a_survey_is_refused() -> None:
    Path("empty").mkdir()
    assert validated("empty") == (2, "empty: no survey is in it\n-> Name a survey, or a folder with some.\n")
