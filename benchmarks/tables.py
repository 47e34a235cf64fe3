"""How long the tables of a large survey take, and how much memory: 1,000,000 points by default.

    python benchmarks/tables.py [--images 5000] [--points 200]

Stored results as CoralNet gives them are made first, in a folder that is removed at the end, by a process of its own;
then one process writes `predictions.csv` and `predictions.parquet` as the end of a run does. Wall and processor
seconds and the peak of the resident memory are those of that second process, its start-up included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from coralrun.coralnet.codec import wire
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.ports import Entry
from coralrun.results import parquet, tables
from coralrun.results.stored_points import read_blocks
from coralrun.spec.point_design import Method, PointDesign
from coralrun.store import snapshot
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.journal import Position
from coralrun.store.layout import Layout
from coralrun.values.classified import StoredEntry

BATCH = 100
LABELS = 60
GOAL_S, GOAL_MB = 60, 500
AT = "2026-01-01T00:00:00Z"


def plan_of(images: int, points: int, *, url: bool = False) -> Plan:
    """A plan of images in two sources, with metadata; with `url`, none of them needs a page."""
    return Plan(
        name="tables",
        service="https://coralnet.ucsd.edu",
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        fields=("site", "habitat", "date"),
        images=tuple(
            PlannedImage(
                key=f"{number}",
                source="coralnet:1" if number < images // 2 else "coralnet:2",
                name=f"mcr_lter{number % 6}_out10m_pole{number // 6}_qu{number % 8}_20080415.jpg",
                points=points,
                image_id=number + 1,
                url=f"https://example.org/{number}.jpg" if url else None,
                size=Size(4000, 3000) if url else None,
                metadata=(f"LTER {number % 6}", "outer 10 m", "2008-04-15"),
            )
            for number in range(images)
        ),
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=points),
        batch_size=BATCH,
        concurrency=5,
        attempts=3,
    )


def asked(images: range, points: int, chance: random.Random) -> list[Entry]:
    """A batch of these images."""
    return [
        Entry(
            mark=f"r.1.1.{position}",
            place=f"https://coralnet-production.s3.amazonaws.com/media/images/{image:010d}.jpg",
            points=tuple(Point(chance.randrange(3000), chance.randrange(4000)) for _ in range(points)),
        )
        for position, image in enumerate(images)
    ]


def entries(images: range, points: int, chance: random.Random) -> list[StoredEntry]:
    """What a result says of these images, by way of a reply of CoralNet."""
    answered = wire.decode_result(reply(asked(images, points, chance), chance)).entries
    return [StoredEntry(image, entry.mark, entry.points) for image, entry in zip(images, answered, strict=True)]


def reply(entries: Iterable[Entry], chance: random.Random) -> bytes:
    """A reply to a batch, as large as a real one: five scores a point, with all their digits."""
    data = []
    for entry in entries:
        marked = f"{entry.place!s}#coralrun={entry.mark}"
        rows = []
        for point in entry.points:
            scores = sorted((chance.random() for _ in range(5)), reverse=True)
            labels = chance.sample(range(1, LABELS), 5)
            found = [
                {"score": score / 5, "label_id": label, "label_code": f"L{label}", "label_name": f"The label {label}"}
                for score, label in zip(scores, labels, strict=True)
            ]
            rows.append({"row": point.row, "column": point.column, "classifications": found})
        data.append({"type": "image", "id": marked, "attributes": {"url": marked, "points": rows}})
    return json.dumps({"data": data}, separators=(",", ":")).encode()


def make_apart(folder: Path, images: int, points: int) -> None:
    """Store results in a process of its own."""
    size = ["--images", str(images), "--points", str(points)]
    subprocess.run([sys.executable, __file__, *size, "--make", str(folder)], check=True)


def make(folder: Path, images: int, points: int) -> None:
    """Store the results of a finished run, and its state."""
    disk, layout, chance = Disk(), Layout(folder), random.Random(1)
    for made in (layout.results, layout.points):
        disk.make_directory(made)
    blobs, state = BlobStore(layout, disk), Durable()
    apply(state, facts.Planned(AT, 1, "0" * 64, images, ((0, images - 1),)))
    for number, first in enumerate(range(0, images, BATCH), start=1):
        batch = range(first, min(first + BATCH, images))
        sha256 = blobs.write(number, 1, entries(batch, points, chance), b"")
        happened: tuple[facts.Fact, ...] = (
            facts.Batched.of(number, tuple(batch)),
            facts.Intended.of(AT, number, 1, len(batch), "0", (), tuple(Size(4000, 3000) for _ in batch)),
            facts.Submitted(AT, number, 1, str(number)),
            facts.Collected(AT, number, 1, str(number), sha256, len(batch), {}, {}),
        )
        for fact in happened:
            apply(state, fact)
    disk.replace(folder / "state.json", snapshot.encode(state, Position(1, 1)))


def fold(folder: Path, images: int, points: int) -> dict[str, float]:
    """Write both tables, and say what that took."""
    began_s = time.monotonic()
    disk, layout = Disk(), Layout(folder)
    state, _ = snapshot.decode(disk.read(folder / "state.json"), name="state.json")
    plan, whole = plan_of(images, points), PlanState(state, PlanUnits(state.named))
    csv, columns = folder / "predictions.csv", folder / "predictions.parquet"
    disk.replace_from(csv, tables.predictions(plan, whole, read_blocks(plan, whole, BlobStore(layout, disk))))
    csv_s = time.monotonic() - began_s
    disk.replace_folder_by(columns, lambda target: parquet.write(csv, tables.metadata_columns(plan), target))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "csv_s": csv_s,
        "parquet_s": time.monotonic() - began_s - csv_s,
        "processor_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2),
        "csv_mb": csv.stat().st_size / 1e6,
        "parquet_mb": sum(path.stat().st_size for path in columns.rglob("*.parquet")) / 1e6,
    }


def main() -> int:
    """Run the benchmark, or one half of it in a process of its own."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--images", type=int, default=5_000)
    options.add_argument("--points", type=int, default=200)
    options.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--fold", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.make is not None:
        make(given.make, given.images, given.points)
        return 0
    if given.fold is not None:
        print(json.dumps(fold(given.fold, given.images, given.points)))
        return 0
    size = ["--images", str(given.images), "--points", str(given.points)]
    with tempfile.TemporaryDirectory(prefix="coralrun-tables-") as folder:
        make_apart(Path(folder), given.images, given.points)
        began_s = time.monotonic()
        folded = subprocess.run([sys.executable, __file__, *size, "--fold", folder], check=True, stdout=subprocess.PIPE)
        wall_s = time.monotonic() - began_s
    took = json.loads(folded.stdout)
    print(f"{given.images * given.points:,} points of {given.images:,} images; {os.cpu_count()} processors, ", end="")
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(f"  wall {wall_s:.1f} s (CSV {took['csv_s']:.1f}, Parquet {took['parquet_s']:.1f}), ", end="")
    print(f"processor {took['processor_s']:.1f} s, peak memory {took['peak_mb']:.0f} MB")
    print(f"  predictions.csv {took['csv_mb']:.0f} MB, predictions.parquet {took['parquet_mb']:.0f} MB")
    print(f"  goal for 1,000,000 points on 2 processors: {GOAL_S} s, {GOAL_MB} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
