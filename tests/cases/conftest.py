"""Small inputs that once went wrong, each in a folder beside the project with a README; read in place, never copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coralrun.cli.main import app
from coralrun.emulator import demo

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """The folder of a kind of mistake; the working directory, where runs go, is another."""

    def folder(kind: str) -> Path:
        if not (CASES / kind).is_dir():
            pytest.skip(f"there is no {CASES / kind} here")
        monkeypatch.chdir(tmp_path)
        return CASES / kind

    return folder


@pytest.fixture
def coralrun(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in this process; the embedded CoralNet draws its scores, for to learn takes it seconds."""
    monkeypatch.setattr(demo, "demo_service", demo.drawn_service)
    monkeypatch.setenv("COLUMNS", "500")

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run
