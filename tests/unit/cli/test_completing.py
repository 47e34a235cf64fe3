"""Completion: the runs that are there, the formats, the fields of a run; and nothing where nothing is known."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from coralrun.cli import completing
from coralrun.cli.main import app

RUN_FIELDS = {"reef-2024": ["site", "depth", "Size"], "reef-2025": ["zone"]}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for age_s, (name, fields) in enumerate(reversed(RUN_FIELDS.items())):
        for number, known in (("001", []), ("002", fields)):
            plan = tmp_path / "runs" / name / "plans" / number / "plan.json"
            plan.parent.mkdir(parents=True)
            plan.write_text(json.dumps({"fields": known}))
        identity = tmp_path / "runs" / name / "run.json"
        identity.write_text("{}")
        os.utime(identity, (1e9 - age_s, 1e9 - age_s))
    monkeypatch.chdir(tmp_path)
    return tmp_path


PROGRAM = Path(sys.executable).parent / "coralrun"
ASKED = """
eval "$(_CORALRUN_COMPLETE=source_bash "$0")"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _coralrun_completion "$0"; echo "${COMPREPLY[@]}"
"""


def asked_of_bash(*words: str) -> list[str]:
    """What a real bash offers for the last of some words."""
    answer = subprocess.run(
        ["bash", "-c", ASKED, str(PROGRAM), *words], capture_output=True, text=True, check=True, timeout=60
    )
    return answer.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_offers_commands_runs_formats_and_fields() -> None:
    assert asked_of_bash("coralrun", "sta") == ["status"]
    assert asked_of_bash("coralrun", "verify", "") == ["runs/reef-2025", "runs/reef-2024"]
    assert asked_of_bash("coralrun", "export", "--format", "mat") == ["matrix"]
    assert asked_of_bash("coralrun", "cover", "runs/reef-2024", "--by", "") == ["site", "depth", "Size"]
    assert asked_of_bash("coralrun", "cover", "--by", "z") == ["zone"]


def test_zsh_is_told_the_formats_with_what_they_are() -> None:
    told = subprocess.run(
        [PROGRAM],
        env={
            **os.environ,
            "_CORALRUN_COMPLETE": "complete_zsh",
            "_TYPER_COMPLETE_ARGS": "coralrun export --format mer",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert '"mermaid":"' in told.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = CliRunner().invoke(app, env={"_CORALRUN_COMPLETE": f"source_{shell}"}, prog_name="coralrun").output
    assert "_CORALRUN_COMPLETE" in script


def test_runs_are_offered_newest_first_and_by_what_is_typed() -> None:
    assert completing.runs("") == ["runs/reef-2025", "runs/reef-2024"]
    assert completing.runs("runs/reef-2024") == ["runs/reef-2024"]
    assert completing.runs("elsewhere/") == []


def test_formats_are_offered_with_what_they_are() -> None:
    names = dict(completing.formats("c"))
    assert "carbonate" in names and "matrix" not in names
    assert all(names.values())


def test_what_cannot_be_read_offers_nothing(folder: Path) -> None:
    for plan in folder.glob("runs/*/plans/*/plan.json"):
        plan.write_text("[")
    context = typer.Context(get_command(app), resilient_parsing=True)
    assert completing.fields(context, "") == []
    shutil.rmtree("runs")
    context.params = {"run_dir": Path("runs/reef-2024")}
    assert (completing.runs(""), completing.fields(context, "")) == ([], [])
