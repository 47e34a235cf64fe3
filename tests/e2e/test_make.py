"""The Makefile's promise: two commands from a fresh clone, and nothing is installed twice.

Real installations take minutes, so `make` runs here with a Python that only writes down what it is asked: which
commands make chooses to run, and when, is real.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make")

STAND_IN = """\
#!/bin/sh
echo "${{CORALRUN_BRANCHES:+branches: }}$(basename "$0") $*" >> "{diary}"
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  for name in python coralrun ruff mypy lint-imports pytest; do cp "$0" "$3/bin/$name"; done
fi
"""

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not on this machine (Windows works with pip install)")


@dataclass(frozen=True)
class Clone:
    """The files that make looks at, in a folder of their own, and a diary of the commands that it ran."""

    folder: Path

    def make(self, *arguments: str) -> list[str]:
        """Run make; the commands that it ran come back."""
        diary = self.folder / "diary"
        diary.write_text("")
        assert MAKE is not None
        variables = [f"PYTHON={self.folder / 'stand-in'}"]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "CORALRUN"))}
        ran = subprocess.run(
            [MAKE, *variables, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        return diary.read_text().splitlines()

    def touch_later(self, name: str) -> None:
        """Change a file after everything that stands there now."""
        latest = max(path.stat().st_mtime for path in self.folder.rglob("*"))
        os.utime(self.folder / name, (latest + 10, latest + 10))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, tmp_path / name)
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(STAND_IN.format(diary=tmp_path / "diary"))
    stand_in.chmod(0o755)
    return Clone(tmp_path)


def installations(commands: list[str]) -> list[str]:
    """But for that of pip itself."""
    return [command for command in commands if " install " in command and not command.endswith(" pip")]


def test_the_first_quickstart_installs_the_tested_versions_and_runs(
    clone: Clone,
) -> None:
    commands = clone.make("quickstart")
    assert commands[0].startswith("stand-in -c")  # the version of Python is looked at before anything is made
    assert commands[1] == "stand-in -m venv .venv"
    assert len(installations(commands)) == 1
    assert "--constraint constraints.txt --editable .[emulator]" in installations(commands)[0]
    assert commands[-1] == "coralrun apply examples/quickstart/survey.yaml --yes"


def test_the_second_quickstart_installs_nothing(clone: Clone) -> None:
    clone.make("quickstart")
    assert clone.make("quickstart") == ["coralrun apply examples/quickstart/survey.yaml --yes"]


def test_a_quickstart_after_the_tests_installs_nothing(clone: Clone) -> None:
    assert len(installations(clone.make("test"))) == 1
    assert installations(clone.make("quickstart")) == []


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_is_installed(clone: Clone, changed: str) -> None:
    clone.make("quickstart")
    clone.touch_later(changed)
    assert len(installations(clone.make("quickstart"))) == 1


def test_make_test_is_the_whole_check(clone: Clone) -> None:
    ran = [command.split(" -m ")[0] for command in clone.make("test") if not command.startswith(("stand-in", "python"))]
    checks = {"ruff check .", "ruff format --check .", "mypy ", "lint-imports --no-cache", "pytest -qq --collect-only"}
    assert set(ran[:5]) == checks  # side by side, in any order
    assert ran[5:] == ["branches: pytest -n 6 --dist worksteal"]


def test_the_tests_can_be_chosen(clone: Clone) -> None:
    assert clone.make("pytest", "PYTEST_ARGS=-x -k resume")[-1] == "pytest -n 6 --dist worksteal -x -k resume"


def test_the_environment_can_stand_elsewhere(clone: Clone) -> None:
    commands = clone.make("VENV=elsewhere/venv", "quickstart")
    assert "stand-in -m venv elsewhere/venv" in commands
    assert not (clone.folder / ".venv").exists()


def test_make_alone_shows_every_target_and_runs_nothing(clone: Clone) -> None:
    assert MAKE is not None
    shown = subprocess.run([MAKE], cwd=clone.folder, capture_output=True, text=True, check=True).stdout
    targets = {"quickstart", "test", "lint", "types", "layers", "branches", "pytest", "clean"}
    assert targets <= {line.split()[1] for line in shown.splitlines() if line.startswith("  make ")}
    assert not (clone.folder / ".venv").exists()
