"""How long it takes to read what a large run found, and how much memory: what notebooks, cover, tables and report ask.

    python -m benchmarks.reading [--images 5000] [--points 200] [--what predictions rebuilt cover tables report]

A finished run is made first, in a folder that is removed at the end, with results as large as CoralNet's: five scores
a point with all their digits. Then each reading is done by a process of its own. Processor seconds are of the reading
alone and of its whole process, start-up included; memory is how far the peak of the resident memory rose, beside what
came of it where that is a frame. `rebuilt` reads the same predictions where the points are not kept as columns and
have to be made again.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.tables import BATCH, LABELS, plan_of
from coralrun.app.run.run_directory import make_run, open_run
from coralrun.clock import SystemClock
from coralrun.files.segment import encode, segment_of
from coralrun.files.stored_result import FORMAT, VERSION, Columns, StoredLabel, StoredResult
from coralrun.files.stored_result import encode as encode_result
from coralrun.machine.batches import ClosedJob
from coralrun.machine.durable import Durable
from coralrun.store import run, snapshot
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.journal import Position
from coralrun.store.layout import Layout

AT = "2026-01-01T00:00:00Z"
WHAT = ("predictions", "rebuilt", "cover", "tables", "report")


def result_of(images: range, points: int, chance: np.random.Generator) -> StoredResult:
    """A result of these images."""
    labels = [StoredLabel(number, f"L{number}", f"The label {number}") for number in range(1, LABELS)]
    entries = []
    for place, image in enumerate(images):
        scores = -np.sort(-chance.random((points, 5)) / 5, axis=1)
        best = chance.permuted(np.tile(np.arange(len(labels)), (points, 1)), axis=1)[:, :5]
        rows, columns = chance.integers(0, 3000, points), chance.integers(0, 4000, points)
        of_image = (rows.tolist(), columns.tolist(), best.tolist(), scores.tolist())
        entries.append(Columns(image, f"r.1.1.{place}", None, *of_image))
    return StoredResult(FORMAT, VERSION, None, labels, entries)


def make(root: Path, images: int, points: int) -> None:
    """Make the directory of a finished run, but for its tables."""
    layout, disk, chance = Layout(root), Disk(), np.random.default_rng(1)
    make_run(layout, plan_of(images, points), None, account="bench", clock=SystemClock())
    (plan,) = run.load(layout, disk).state.plans
    blobs, closed = BlobStore(layout, disk), []
    for number, first in enumerate(range(0, images, BATCH), start=1):
        batch = range(first, min(first + BATCH, images))
        result = result_of(batch, points, chance)
        sha256 = blobs._write(layout.blob(number, 1), encode_result(result))
        disk.note(layout.segment(number, 1), encode(segment_of(result), sha256))
        closed.append(ClosedJob(number, 1, str(number), ((batch[0], batch[-1]),), (), sha256, AT, AT))
    state = Durable(
        plans=[plan],
        cursor=images,
        next_batch=len(closed) + 1,
        succeeded=images,
        closed=closed,
        jobs={job.job for job in closed},
        finished_at=AT,
    )
    state.name_units(((0, images - 1),), images)
    at = Position(4 * len(closed), 1)
    disk.replace(layout.snapshot(at.number), snapshot.encode(state, at))


def read(root: Path, what: str) -> dict[str, float]:
    """Read the run in one way, and say what that took."""
    from coralrun.app.answers import cover, frames, outputs, report

    opened = open_run(root)
    if what == "rebuilt":
        shutil.rmtree(opened.layout.points)
    before, began_s = resource.getrusage(resource.RUSAGE_SELF), time.process_time()
    own_mb = 0.0
    if what in ("predictions", "rebuilt"):
        frame = frames.predictions(opened)
        own_mb = float(frame.memory_usage(deep=True).sum()) / 1e6
    elif what == "cover":
        cover.reader_of(opened).cover()
    elif what == "tables":
        outputs.write_outputs(opened)
    else:
        report.build(opened, None)
    took_s = time.process_time() - began_s
    after = resource.getrusage(resource.RUSAGE_SELF)
    rose_mb = (after.ru_maxrss - before.ru_maxrss) * 1024 / 1e6
    return {"processor_s": took_s, "whole_s": after.ru_utime + after.ru_stime, "rose_mb": rose_mb, "own_mb": own_mb}


def main() -> int:
    """Make a run and read it in every way, or do one of them in a process of its own."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--images", type=int, default=5_000)
    options.add_argument("--points", type=int, default=200)
    options.add_argument("--what", nargs="+", choices=WHAT, default=WHAT)
    options.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.make is not None:
        make(given.make, given.images, given.points)
        return 0
    if given.read is not None:
        print(json.dumps(read(given.read, given.what[0])))
        return 0
    own = [sys.executable, "-m", "benchmarks.reading"]
    with tempfile.TemporaryDirectory(prefix="coralrun-reading-") as folder:
        root, size = f"{folder}/run", ["--images", str(given.images), "--points", str(given.points)]
        subprocess.run([*own, "--make", root, *size], check=True)
        print(f"{given.images * given.points:,} points of {given.images:,} images")
        for what in given.what:
            ran = subprocess.run([*own, "--read", root, "--what", what], check=True, stdout=subprocess.PIPE)
            took = json.loads(ran.stdout)
            frame = f", {took['rose_mb'] / took['own_mb']:.1f} x the frame's own" if took["own_mb"] else ""
            print(f"  {what:12} processor {took['processor_s']:.1f} s ({took['whole_s']:.1f} in all), ", end="")
            print(f"memory {took['rose_mb']:.0f} MB{frame}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
