"""A run of coralrun in processes that are killed: it and its workers, at moments that a seed draws."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coralrun.errors import ServiceError
from coralrun.results.tables import BY_CHANCE

from .instant import photos

ROOT = Path(__file__).parents[2]
SURVEY = """version: 1
name: local
service: local
classifier: {{folder: model}}
compute: {{workers: 2, memory: 800MB}}
sources: [{{folder: photos}}]
sampling: {{points: {{method: simple random, number_of_points: 10}}}}
run: {{batch_size: {batch_size}}}
outputs: {{directory: run}}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went: exit code of the last process, how often each was killed, and the tables but those of chance."""

    code: int
    said: str
    runs_killed: int
    workers_killed: int
    tables: dict[str, bytes]


def survey_in(folder: Path, count: int, batch_size: int = 10) -> Path:
    """A survey of so many photos."""
    (folder / "model").mkdir(parents=True)  # of which nothing is read
    (folder / "photos").mkdir()
    photos(folder / "photos", count)
    (folder / "survey.yaml").write_text(SURVEY.format(batch_size=batch_size))
    return folder


def start(folder: Path, takes_s: float) -> subprocess.Popen[str]:
    """A process that begins the run of the survey, or goes on with it."""
    command = [sys.executable, "-m", "tests.local.process", str(takes_s)]
    command += ["apply", "survey.yaml", "--yes", "--offline"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def carried_out(folder: Path, takes_s: float, *, runs: int = 0, workers: int = 0, seed: int = 0) -> Ended:
    """Carry a run out, while it is killed so often, and its workers."""
    chance = random.Random(seed)
    runs_killed = workers_killed = 0
    while True:
        process, killed_before = start(folder, takes_s), workers_killed
        while process.poll() is None and (runs_killed < runs or workers_killed < workers):
            left_runs, left_workers = runs - runs_killed, workers - workers_killed
            if not wait_for_workers(process):
                break
            time.sleep(chance.uniform(0.0, 1.0))
            if chance.random() * (left_runs + left_workers) < left_workers:
                victim = chance.choice(workers_of(process.pid) or [0])
                if victim:
                    with suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
                        workers_killed += 1
            else:
                orphans = workers_of(process.pid)
                process.kill()
                process.wait()
                runs_killed += 1
                wait_until_gone(orphans)
        said = process.communicate()[0]
        could_not_begin = process.returncode == ServiceError.exit_code and workers_killed > killed_before
        if process.returncode != -signal.SIGKILL and not could_not_begin:
            tables = (path for path in sorted((folder / "run" / "outputs").glob("*.csv")) if path.name not in BY_CHANCE)
            whole = {path.name: path.read_bytes() for path in tables}
            return Ended(process.returncode, said, runs_killed, workers_killed, whole)


def workers_of(pid: int) -> list[int]:
    """The workers of a process that are alive."""
    children: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += task.read_text().split()
    return [int(child) for child in children if _is_worker(int(child))]


def wait_for_workers(process: subprocess.Popen[str]) -> bool:
    """Wait until a process has workers; False where it ends before."""
    while process.poll() is None:
        if workers_of(process.pid):
            return True
        time.sleep(0.05)
    return False


def wait_until_gone(pids: list[int]) -> None:
    """Wait until orphans have noticed that they are."""
    while any(map(_is_worker, pids)):
        time.sleep(0.05)


def _is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
