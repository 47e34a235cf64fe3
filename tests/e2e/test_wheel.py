"""What people install: the wheel holds the program and its schemas, and works in an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NO_REGISTRY = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ProxyError",
    "Network is unreachable",
)
"""What pip says when it cannot reach a package registry at all; any other failure is ours."""


@dataclass(frozen=True)
class Installed:
    """coralrun from its wheel, in an environment that holds nothing else but what it needs."""

    programs: Path
    elsewhere: Path

    def run(self, *arguments: str | Path, code: int = 0) -> str:
        """Run it away from the checkout; what it printed comes back."""
        ran = run([self.programs / "coralrun", *arguments], self.elsewhere)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr


def run(command: Sequence[object], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--retries", "1", "--no-compile"]
    done = run([*pip, "--constraint", ROOT / "constraints.txt", wheel], folder)
    if done.returncode and any(word in done.stderr for word in NO_REGISTRY):
        pytest.skip("no package registry can be reached, so what coralrun needs cannot be installed")
    assert done.returncode == 0, done.stderr
    return Installed(programs, folder)


def test_the_wheel_holds_every_schema_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        for path in (ROOT / "schemas").glob("*.json"):
            assert opened.read(f"coralrun/schemas/{path.name}") == path.read_bytes()
    assert "coralrun/__main__.py" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"coralrun"}


def test_an_installed_coralrun_works_and_says_how_to_get_the_emulator(
    installed: Installed,
) -> None:
    """One test, because installing takes longer than all of it and tests may run in several processes."""
    survey = ROOT / "examples" / "quickstart" / "survey.yaml"
    assert "valid" in installed.run("validate", survey)
    wrong = installed.elsewhere / "wrong.yaml"
    wrong.write_text(survey.read_text(encoding="utf-8").replace("sampling:", "sampeling:"), encoding="utf-8")
    assert "sampling" in installed.run("validate", wrong, code=2)
    printed = json.loads(installed.run("schema"))
    assert printed == json.loads((ROOT / "schemas" / "survey.v1.json").read_text(encoding="utf-8"))
    assert 'pip install "coralrun[emulator]"' in installed.run("apply", survey, "--yes", code=2)
