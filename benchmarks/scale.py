"""What coralrun costs this machine: seconds of computing and memory, each measured in a process of its own.

Rule: CPU seconds of the process, not time on the wall, and the peak of its memory; so a busy machine tells about the
same. The service is in memory and answers at once.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

MILLION = 1_000_000
BATCH = 100
MISSED_EVERY = 5  # of the run that is resumed, every fifth image failed: the largest snapshot there is


@dataclass(frozen=True, slots=True)
class Figure:
    """One task: CPU seconds, the peak of the process's memory in bytes, and the goal in words."""

    task: str
    cpu_s: float
    peak_bytes: int
    goal: str


def to_markdown(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| task | CPU s | peak memory, MB | goal |", "|---|---:|---:|---|"]
    lines += [f"| {one.task} | {one.cpu_s:.2f} | {one.peak_bytes / 1e6:.0f} | {one.goal} |" for one in figures]
    return "\n".join(lines)


def measure() -> list[Figure]:
    """Every task, each in a fresh process."""
    return [_figure(name, goal) for name, (_, goal) in TASKS.items()]


def _figure(task: str, goal: str) -> Figure:
    done = subprocess.run([sys.executable, "-m", "benchmarks.scale", task], check=True, capture_output=True, text=True)
    value = json.loads(done.stdout.splitlines()[-1])
    return Figure(task, value["cpu_s"], value["peak_bytes"], goal)


def plan(images: int) -> float:
    """Read a manifest with sizes, compile it and encode the plan's files."""
    from coralrun.app.survey_file import read_survey
    from coralrun.plan import codec
    from coralrun.plan.compile import compile_plan
    from coralrun.plan.model import Classifier
    from coralrun.sources.manifest import read_manifest

    rows = (
        f"reef_{number:07d}.jpg,https://example.org/photos/site_{number % 100}/reef_{number:07d}.jpg,1600,1200\n"
        for number in range(images)
    )
    data = ("name,url,width,height\n" + "".join(rows)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.yaml"
        (path.parent / "images.csv").write_text("name,url\na,https://example.org/a\n")
        path.write_text(
            "version: 1\nname: scale\nclassifier: {id: 1}\nsources: [{manifest: images.csv}]\n"
            "sampling: {points: {method: simple random, number_of_points: 25}}\noutputs: {directory: run}\n"
        )
        survey = read_survey(path).survey
    began_s = time.process_time()
    inventory = [(survey.sources[0], read_manifest("images.csv", data).images)]
    files = codec.encode(compile_plan(survey, inventory, Classifier(id=1), "0" * 64, {}, None))
    assert files.images.count(b"\n") == images
    return time.process_time() - began_s


def resume(images: int) -> float:
    """Read the state of a run that is all but over, of whose images every fifth failed."""
    from coralrun.machine.durable import ClosedJob, Durable
    from coralrun.machine.reasons import Reason
    from coralrun.store import snapshot
    from coralrun.store.journal import Position

    closed = [
        ClosedJob(
            batch=number,
            attempt=1,
            job=number,
            images=((BATCH * (number - 1), BATCH * number - 1),),
            missed=tuple(range(BATCH * (number - 1), BATCH * number, MISSED_EVERY)),
            sha256="0" * 64,
            submitted_at="2026-01-01T00:00:00Z",
            closed_at="2026-01-01T00:05:00Z",
        )
        for number in range(1, images // BATCH + 1)
    ]
    missed = range(0, images, MISSED_EVERY)
    state = Durable(
        total=images,
        cursor=images,
        next_batch=len(closed) + 1,
        tries=dict.fromkeys(missed, 1),
        ended=dict.fromkeys(missed, Reason.NOT_AN_IMAGE),
        succeeded=images - len(missed),
        closed=closed,
        jobs={job.job for job in closed},
        last_job=len(closed),
    )
    data = snapshot.encode(state, Position(4 * len(closed), 1))
    began_s = time.process_time()
    read, _ = snapshot.decode(data, name="snapshot")
    took_s = time.process_time() - began_s
    assert read == state
    return took_s


def run(images: int) -> float:
    """Carry out a survey on a server whose jobs take a minute and whose requests take none of our time."""
    from .engine import coralrun
    from .world import Case

    began_s = time.process_time()
    coralrun(Case(model="1-2 min", images=images))
    return time.process_time() - began_s


TASKS: Mapping[str, tuple[Callable[[], float], str]] = {
    "plan 1,000,000 images with sizes": (lambda: plan(MILLION), "30 s, 1 GB"),
    "read the state of a run of 1,000,000 images, a fifth of them failed": (lambda: resume(MILLION), "5 s"),
    "the engine's own work for 10,000 images": (lambda: run(10_000), "stated"),
    "the engine's own work for 100,000 images": (lambda: run(100_000), "10 times that"),
    "the engine's own work for 1,000,000 images": (lambda: run(MILLION), "100 times that"),
}


if __name__ == "__main__":
    work, _ = TASKS[sys.argv[1]]
    cpu_s = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"cpu_s": cpu_s, "peak_bytes": peak}))
