"""Runs on this computer from the survey to the tables: in this process, and in processes that are killed."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.photo_host import photo, photo_host
from tests.storage import BUCKET, NAMES, storage
from typer.testing import CliRunner

from coralrun import services
from coralrun.cli.main import app
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED
from coralrun.results.tables import BY_CHANCE

from .hands import Hands
from .instant_entry import InstantConnection, entry_of
from .killing import ROOT, Ended, carried_out, survey_in


@contextmanager
def without_dask(monkeypatch: pytest.MonkeyPatch, hands: Hands) -> Iterator[None]:
    """Let `service: local` compute in this process."""

    def sign_in(connection: InstantConnection, progress: object = None) -> None:
        connection.cluster = hands

    with monkeypatch.context() as context:
        others = tuple(entry for entry in services.SERVICES if entry.terms.spelling != "local")
        context.setattr(services, "SERVICES", (*others, entry_of(0.0)))
        context.setattr(InstantConnection, "sign_in", sign_in)
        yield


def said(folder: Path, command: str, code: int = EXIT_COMPLETE) -> str:
    """What a command says in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(app, command.split())
    finally:
        os.chdir(before)
    assert done.exit_code == code, done.output
    return done.output


def tables(folder: Path) -> dict[str, bytes]:
    """The tables but those of chance."""
    paths = (folder / "run" / "outputs").glob("*.csv")
    return {path.name: path.read_bytes() for path in paths if path.name not in BY_CHANCE}


def audit(folder: Path) -> None:
    """Let people label an audit of the run: they find sand wherever it leads."""
    said(folder, "review run --sample 3 --out drawn.csv")
    header, *rows = csv.reader((folder / "drawn.csv").read_text().splitlines())
    label = header.index("label_code")
    with (folder / "filled.csv").open("w", newline="") as filled:
        csv.writer(filled).writerows([header, *([*row[:label], "Sand", *row[label + 1 :]] for row in rows)])
    said(folder, "review import run filled.csv")


def test_every_command_works_with_a_folder_of_photos_and_a_classifier_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = survey_in(tmp_path, 7, batch_size=2)
    with without_dask(monkeypatch, Hands()):
        plan = said(folder, "plan survey.yaml")
        assert "classifier  instant" in plan
        took = "  time        some 1 s, by estimate (10 ms a point, as EfficientNet-Lite0 takes as a rule; 2 at once)\n"
        assert took in plan
        checked = said(folder, "doctor survey.yaml")
        applied = said(folder, "apply survey.yaml --yes --offline")
        assert "7 = 7 succeeded" in applied
        of_run = [said(folder, command) for command in ("status run", "verify run", "report run")]
        for word in ("account ", "account'", "CoralNet", "request"):
            assert word not in "".join((plan, checked, applied, *of_run))
        assert "UNAUDITED" in said(folder, "cover run")
        first, *others = (folder / "run" / "outputs" / "cover_notes.txt").read_text().splitlines()
        assert first.startswith("UNAUDITED: nobody has compared these labels")
        assert "the classifier was trained on photos of Moorea" in "".join(others)
        page = (folder / "run" / "report" / "index.html").read_text()
        assert "<strong>UNAUDITED</strong>" in page
        assert "CoralNet" not in page
        assert "The classifier was trained on photos of Moorea." in page
        assert "CCA 7, Porit 7, Sand 7" in page
        audit(folder)
        assert "UNAUDITED" not in said(folder, "cover run")
        said(folder, "report run")
        assert "UNAUDITED" not in (folder / "run" / "report" / "index.html").read_text()
        assert "UNAUDITED" not in (folder / "run" / "outputs" / "cover_notes.txt").read_text()
    assert not (folder / "run" / "spool").exists()


def test_a_run_and_its_workers_are_killed_and_each_photo_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = survey_in(tmp_path / "undisturbed", 16, batch_size=5)
    with without_dask(monkeypatch, Hands()):
        said(undisturbed, "apply survey.yaml --yes --offline")
    ended = carried_out(survey_in(tmp_path / "killed", 16, batch_size=5), 0.3, runs=1, workers=1, seed=1)
    assert (ended.code, ended.runs_killed, ended.workers_killed) == (EXIT_COMPLETE, 1, 1), ended.said
    assert ended.tables == tables(undisturbed)
    assert not (tmp_path / "killed" / "run" / "spool").exists()


def test_a_run_joins_workers_that_were_started_as_on_slurm_wherever_its_photos_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"/{number}.jpg": photo(seed=number) for number in range(3)}
    with storage() as bucket, photo_host(files) as host:
        for name, value in bucket.variables().items():
            monkeypatch.setenv(name, value)
        folder = survey_in(tmp_path, 6)
        (folder / "images.csv").write_text("".join(["url\n", *(f"{host.url}{path}\n" for path in (*files, "/no.jpg"))]))
        survey = (folder / "survey.yaml").read_text()
        survey = survey.replace("{workers: 2, memory: 800MB}", "{scheduler_file: scheduler.json}")
        elsewhere = f"{{bucket: s3://{BUCKET}/2024, endpoint: '{bucket.url}'}}, {{manifest: images.csv}}"
        (folder / "survey.yaml").write_text(survey.replace("{folder: photos}", f"{{folder: photos}}, {elsewhere}"))
        ended = on_workers(folder)
        assert {key for key, signatures in bucket.read.items() if len(signatures) > 1} == {
            f"2024/{name}" for name in NAMES
        }
    assert ended.code == EXIT_SOME_IMAGES_FAILED, ended.said
    assert "has no TLS: whoever reaches its port can run code" in ended.said
    assert "14 = 13 succeeded + 1 failed + 0 skipped" in ended.said


def on_workers(folder: Path) -> Ended:
    """A run that joins a scheduler and a worker, which are processes of their own."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    commands = [
        [*dask, "scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        [*dask, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"],
    ]
    started = [
        subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        return carried_out(folder, 0.0)
    finally:
        for process in started:
            process.terminate()
            process.wait()
