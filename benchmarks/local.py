"""What classification on this computer costs beside computing, how it grows with workers, and what kills do to it.

    python -m benchmarks.local overhead --photos 20000
    python -m benchmarks.local workers --photos 40
    python -m benchmarks.local kills --photos 200 --runs 20 --workers 20
    python -m benchmarks.local kept --photos 500 --folder FOLDER

Rule: everything that a user's run has is in it: processes, TLS, scheduler, spool with its syncs, journal. `overhead`
has a classifier that takes no time, so that all that is left is ours; `workers` the real one. `kept` is how many
results a second one disk takes, each durable before it counts. CPU seconds are those of
the process and of all its workers, as the kernel counts them; memory is the process's own, the most at any moment.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tests.local.hands import Hands, service_at
from tests.local.instant import photos as instant_photos
from tests.local.killing import ROOT, carried_out, survey_in

from coralrun.errors import EXIT_COMPLETE
from coralrun.planning.images import Point
from coralrun.ports import Entry

CPU_MS_A_PHOTO = 5.0
SPEED_UP = 1.75
_SHOWN_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process with its workers took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def measured(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a process, and say what it took."""
    before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak_kb = 0
    while process.poll() is None:
        peak_kb = max(peak_kb, _resident_kb(process.pid))
        time.sleep(0.2)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0, process.returncode
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(time.monotonic() - began_s, cpu_s, peak_kb * 1024)


def _resident_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def overhead(folder: Path, photos: int) -> Cost:
    """The run of a plan, with a classifier that takes no time."""
    survey_in(folder, photos, batch_size=100)
    instant = ("-m", "tests.local.process", "0")
    measured([*instant, "plan", "survey.yaml", "--out", "plan.json"], folder)
    return measured([*instant, "apply", "plan.json", "--yes", "--offline"], folder)


def tell_overhead(photos: int) -> None:
    """Print what a photo costs, and whether memory grows with the survey."""
    few = max(200, photos // 10)
    with tempfile.TemporaryDirectory(prefix="coralrun-local-") as root:
        small, large = (overhead(Path(root) / str(count), count) for count in (few, photos))
    each_ms = 1000 * (large.cpu_s - small.cpu_s) / (photos - few)
    print(f"{photos:,} photos of 10 points: {large.wall_s:.0f} s, {large.cpu_s:.1f} s CPU, {each_ms:.2f} ms a photo")
    print(f"  beyond those of {few:,} (goal {CPU_MS_A_PHOTO:g} ms); the most memory of the process:")
    print(f"  {small.peak_bytes / 1e6:.0f} MB with {few:,} photos, {large.peak_bytes / 1e6:.0f} MB with {photos:,}")


def tell_workers(photos: int, points: int, model: Path) -> None:
    """Print how much faster two workers are than one, with the real classifier on photos of noise."""
    chance = np.random.default_rng(1)
    with tempfile.TemporaryDirectory(prefix="coralrun-local-") as root:
        taken: dict[int, Cost] = {}
        for workers in (1, 2):
            folder = Path(root) / str(workers)
            survey_in(folder, 0)
            for number in range(photos):
                noise = chance.integers(0, 256, (750, 1000, 3), dtype=np.uint8)
                Image.fromarray(noise).save(folder / "photos" / f"{number:03d}.jpg")
            survey = (folder / "survey.yaml").read_text().replace("workers: 2", f"workers: {workers}")
            survey = survey.replace("folder: model}", f"folder: {model.resolve()}}}").replace("800MB", "2GB")
            survey = survey.replace("number_of_points: 10", f"number_of_points: {points}")
            (folder / "survey.yaml").write_text(survey)
            taken[workers] = measured(["-m", "coralrun", "apply", "survey.yaml", "--yes", "--offline"], folder)
            print(f"{workers} workers: {taken[workers].wall_s:.1f} s, {taken[workers].cpu_s:.1f} s CPU")
    print(f"speed-up {taken[1].wall_s / taken[2].wall_s:.2f} (goal {SPEED_UP})")


def tell_kills(photos: int, runs: int, workers: int, takes_s: float) -> None:
    """Print whether a run that is killed so often has the tables of one that is not."""
    with tempfile.TemporaryDirectory(prefix="coralrun-local-") as root:
        undisturbed = carried_out(survey_in(Path(root) / "undisturbed", photos), takes_s)
        killed = carried_out(survey_in(Path(root) / "killed", photos), takes_s, runs=runs, workers=workers)
        rows = killed.tables.get("predictions.csv", b"\n").count(b"\n") - 1
        left = (Path(root) / "killed" / "run" / "spool").exists()
    print(
        f"{killed.runs_killed} kills of coralrun and {killed.workers_killed} of workers, {photos} photos of 10 points:"
    )
    print(f"  exit code {killed.code}, {rows:,} points, equal tables: {killed.tables == undisturbed.tables}")
    if killed.code != EXIT_COMPLETE:
        print(killed.said[-_SHOWN_CHARS:])
    print(f"  anything left of its jobs: {left}")


def tell_kept(photos: int, beside: Path | None) -> None:
    """Print how many results a second are kept on the disk of a folder, from workers that take no time."""
    with tempfile.TemporaryDirectory(prefix="coralrun-local-", dir=beside) as root:
        folder, chance = Path(root), np.random.default_rng(1)
        paths = instant_photos(folder, 1)
        service = service_at(folder, Hands(threads=16), most_jobs=photos)
        for first in range(0, photos, 100):
            name = f"b{first // 100:05d}.a1"
            points = tuple(Point(int(row), int(column)) for row, column in chance.integers(0, 30, (200, 2)))
            service.submit(name, [Entry(f"r.{first + number}", paths[0], points) for number in range(100)])
        began_s = time.monotonic()
        while service.listing().active:  # type: ignore[union-attr]
            service.turn(0.0)
        each_ms = 1000 * (time.monotonic() - began_s) / photos
    print(f"{photos:,} results of 200 points: {each_ms:.2f} ms each, {1000 / each_ms:,.0f} a second")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.local", description=__doc__)
    parser.add_argument("what", choices=("overhead", "workers", "kills", "kept"))
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--model", type=Path, default=Path("models/local"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--takes", type=float, default=0.3, metavar="SECONDS")
    parser.add_argument("--folder", type=Path, help="of `kept`: a folder on the disk that is measured")
    given = parser.parse_args()
    if given.what == "overhead":
        tell_overhead(given.photos)
    elif given.what == "workers":
        tell_workers(given.photos, given.points, given.model)
    elif given.what == "kept":
        tell_kept(given.photos, given.folder)
    else:
        tell_kills(given.photos, given.runs, given.workers, given.takes)


if __name__ == "__main__":
    main()
