"""Completion: the runs that are there, the formats, the fields of a run; and nothing where nothing is known."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
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


CLEAR_LINE = b"\x15"
PROGRAM = Path(sys.executable).parent / "coralrun"
ASKED = """
program=$1; shift
eval "$(_CORALRUN_COMPLETE=source_bash "$program")"
for asked; do
  COMP_WORDS=($asked); [[ $asked == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _coralrun_completion "$program"; echo "${COMPREPLY[@]}"
done
"""


def asked_of_bash(*asked: str) -> list[str]:
    """What a real bash offers for the last word of each line, which ends with a blank where it is not begun."""
    command = ["bash", "-c", ASKED, "bash", str(PROGRAM), *asked]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_offers_commands_runs_formats_and_fields() -> None:
    offered = {
        "coralrun sta": "status",
        "coralrun verify ": "runs/reef-2025 runs/reef-2024",
        "coralrun export --format mat": "matrix",
        "coralrun cover runs/reef-2024 --by ": "site depth Size",
        "coralrun cover --by z": "zone",
    }
    assert asked_of_bash(*offered) == list(offered.values())


LEARN_IN_ZSH = """
autoload -U compinit; compinit -u -D; eval "$(_CORALRUN_COMPLETE=source_zsh coralrun)"; echo REA""DY
"""


def typed_in_zsh(folder: Path, typed: Mapping[str, str]) -> None:
    """Let a real zsh complete what is typed, and wait for the line that it should come to."""
    environment = {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "% ", "HOME": str(folder)}
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)

    def wait_for(words: str) -> None:
        came, until_s = "", time.monotonic() + 60
        while words not in came:
            assert time.monotonic() < until_s, came
            if select.select([terminal], [], [], 1)[0]:
                came += os.read(terminal, 65_536).decode("utf-8", "replace")

    try:
        os.write(terminal, LEARN_IN_ZSH.encode())
        wait_for("READY\r\n")
        for line, completed in typed.items():
            os.write(terminal, f"{line}\t".encode())
            wait_for(completed)
            os.write(terminal, CLEAR_LINE)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_completes_commands_runs_and_formats(folder: Path) -> None:
    typed_in_zsh(
        folder,
        {
            "coralrun sta": "coralrun status ",
            "coralrun verify ": "coralrun verify runs/reef-202",
            "coralrun export --format matr": "--format matrix ",
        },
    )


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_offers_commands_runs_and_formats(folder: Path) -> None:
    asked = "".join(f'complete -C "coralrun {words}";' for words in ("sta", "verify runs/", "export --format matr"))
    told = subprocess.run(
        ["fish", "-c", f"_CORALRUN_COMPLETE=source_fish coralrun | source; {asked}"],
        env={"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    offered = [line.partition("\t")[0] for line in told.stdout.splitlines()]
    assert offered == ["status", "runs/reef-2024", "runs/reef-2025", "matrix"]


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
