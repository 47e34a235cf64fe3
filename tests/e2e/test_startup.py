"""A command line that answers at once: nothing heavy is loaded to print a help text or to check a survey.

Counted in modules, not in seconds, which say more about the machine than about coralrun.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import big_run

SURVEY = Path(__file__).resolve().parents[2] / "examples" / "quickstart" / "survey.yaml"
HEAVY = {
    "pandas",
    "requests",
    "numpy",
    "PIL",
    "selectolax",
    "sklearn",
    "pyarrow",
    "jsonschema",
    "werkzeug",
    "boto3",
    "botocore",
}


def loaded(tmp_path: Path, *arguments: str) -> set[str]:
    """The top-level packages that a command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "coralrun", *arguments]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    modules = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines() if line.startswith("import time:")}
    assert "coralrun.cli.main" in modules
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("apply", "--help"), ("emulator", "--help")])
def test_a_help_text_loads_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert loaded(tmp_path, *arguments) & HEAVY == set()


def test_checking_a_survey_loads_neither_pandas_nor_requests(tmp_path: Path) -> None:
    assert loaded(tmp_path, "validate", str(SURVEY)) & {"pandas", "requests", "sklearn", "pyarrow", "boto3"} == set()


def test_planning_on_the_demo_loads_nothing_that_learns_or_analyses(tmp_path: Path) -> None:
    assert loaded(tmp_path, "plan", str(SURVEY)) & {"pandas", "scipy", "sklearn", "pyarrow", "boto3"} == set()


@pytest.mark.parametrize("arguments", [("runs",), ("status", "run")])
def test_saying_how_runs_stand_loads_nothing_that_counts_points(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    big_run.make(tmp_path / "run", 100)
    assert loaded(tmp_path, *arguments) & {"numpy", "pandas", "scipy", "sklearn", "pyarrow", "boto3"} == set()
