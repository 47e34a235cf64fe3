"""`coralrun plan` of several surveys: each as if it were alone."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from coralrun.app import reach
from coralrun.cli.main import app
from coralrun.errors import AccountRefused

SURVEY = """\
version: 1
name: {name}
classifier: {{source: 1}}
sources: [{{coralnet: 1}}]
sampling: {{points: {{method: simple random, number_of_points: 5}}}}
"""


@pytest.fixture(autouse=True)
def surveys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("surveys").mkdir()
    Path("surveys/a.yaml").write_text(SURVEY.format(name="a"))
    Path("surveys/b.yaml").write_text(SURVEY.format(name="b").replace("version", "versoin"))
    Path("surveys/c.yaml").write_text(SURVEY.format(name="c"))
    return tmp_path


def test_each_survey_of_a_folder_is_planned_and_a_refused_account_offered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(service: str, *_: object) -> NoReturn:
        asked.append(service)
        raise AccountRefused(f"{service} refuses the account")

    monkeypatch.setattr(reach, "with_account_if_need_be", refuse)
    done = CliRunner().invoke(app, ["plan", "surveys"])
    assert (done.exit_code, len(asked)) == (3, 1)
    assert [line for line in done.stdout.splitlines() if line] == ["surveys/a.yaml", "surveys/b.yaml", "surveys/c.yaml"]
    assert done.stderr.count("refuses the account") == 2
    assert done.stderr.count("unknown key `versoin`") == 1


def test_one_plan_is_saved_and_not_several() -> None:
    done = CliRunner().invoke(app, ["plan", "surveys", "--out", "plan.json"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--out is for one survey" in done.stderr
