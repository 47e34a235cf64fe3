"""What coralrun costs this machine: seconds of computing and memory, each measured in a process of its own.

    python -m benchmarks.scale --json FILE      all tasks, each in a process of its own
    python -m benchmarks.scale TASK             one of them

Rule: CPU seconds of the process beside those on the wall, and the peak of its memory; a busy machine tells about the
same of the first and the last. The service is in memory and answers at once; everything else is the real thing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from coralrun.cli.help import COMMANDS

from . import big_run, costs

MILLION = 1_000_000
HELD_OF = 100_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One task: seconds of computing and on the wall, the peak of the process's memory in bytes, the goal in words."""

    task: str
    cpu_s: float
    wall_s: float
    peak_bytes: int
    goal: str


def to_markdown(figures: list[Figure], held: costs.Held) -> str:
    """The figures as a Markdown table, and what an image takes of the memory in a sentence."""
    lines = ["| task | CPU s | wall s | peak memory, MB | goal |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {one.task} | {one.cpu_s:.2f} | {one.wall_s:.2f} | {one.peak_bytes / 1e6:.0f} | {one.goal} |"
        for one in figures
    ]
    total = held.line + held.plan + held.setup
    told = (
        "CPU seconds are the measure; on the wall, a task also waits for whatever else the machine is busy with.\n\n"
        f"An image of an open run takes {total:.0f} bytes of memory: {held.line:.0f} are its line in the plan, "
        f"{held.plan:.0f} say where that stands and of what kind it is, {held.setup:.0f} are the machine's own."
    )
    return "\n".join([*lines, "", told])


def measure() -> tuple[list[Figure], costs.Held]:
    """Every task, each in a fresh process; then the commands themselves, and what is held of an image."""
    return [*map(_apart, TASKS), *_commands()], costs.held(HELD_OF)


def write(path: Path, figures: list[Figure], held: costs.Held) -> None:
    """Keep what was measured."""
    path.write_text(json.dumps({"figures": [asdict(one) for one in figures], "held": asdict(held)}, indent=1) + "\n")


def read(path: Path) -> tuple[list[Figure], costs.Held]:
    """What `write` kept."""
    value = json.loads(path.read_bytes())
    return [Figure(**one) for one in value["figures"]], costs.Held(**value["held"])


def _apart(task: str) -> Figure:
    done = subprocess.run([sys.executable, "-m", "benchmarks.scale", task], check=True, capture_output=True, text=True)
    value = json.loads(done.stdout.splitlines()[-1])
    return Figure(task, value["cpu_s"], value["wall_s"], value["peak_bytes"], TASKS[task][1])


def _commands() -> Iterator[Figure]:
    """The commands as a person calls them, start of Python and all."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        big_run.make_apart(large, MILLION)
        big_run.make_apart(small, 1_000)
        yield _command("`coralrun resume`, a finished run of 1,000,000 images", "5 s", "resume", str(large))
        yield _command("`coralrun status`, the same run", "stated", "status", str(large))
        yield _command("`coralrun status`, a run of 1,000 images", "0.8 s", "status", str(small))
    yield _command("`coralrun --help`", "0.4 s", "--help")
    starts = [(name, _command("", "", name, "--help")) for name in COMMANDS]
    slowest, figure = max(starts, key=lambda start: start[1].cpu_s)
    task = f"`coralrun {slowest} --help`, the slowest of {len(starts)} commands to start"
    yield Figure(task, figure.cpu_s, figure.wall_s, figure.peak_bytes, "0.4 s")


def _command(task: str, goal: str, *arguments: str) -> Figure:
    began_s = time.monotonic()
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen([sys.executable, "-m", "coralrun", *arguments], stdout=nowhere, stderr=nowhere)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 7), (arguments, process.returncode)  # 7: some images failed
    return Figure(task, used.ru_utime + used.ru_stime, time.monotonic() - began_s, _peak_bytes(used), goal)


def _peak_bytes(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


TASKS: Mapping[str, tuple[costs.Task, str]] = {
    "plan 1,000,000 images with sizes": (costs.plan(MILLION), "30 s, 1 GB"),
    "let a run of 1,000,000 images become one of 1,000,100: plan, difference, commit": (
        costs.change(MILLION, 100),
        "40 s, 1.3 GB",
    ),
    "go on with a run of 1,000,000 images of which one batch is left": (costs.go_on(MILLION), "5 s"),
    "the engine's own work for 10,000 images": (costs.run(10_000), "stated"),
    "the engine's own work for 100,000 images": (costs.run(100_000), "10 times that"),
    "the engine's own work for 1,000,000 images": (costs.run(MILLION), "100 times that"),
    "10,000 facts to the journal, each synced, with their snapshots": (costs.journal(2_500), "stated"),
    "a result of 100 x 200 points, from the reply to what is stored": (costs.collect(100, 200), "stated"),
    "a result of 100 x 200 points, from what is stored to the tables": (costs.fold(100, 200), "stated"),
    "the tables of 400,000 points": (costs.fold(2_000, 200), "stated"),
    "the tables of 1,000,000 points": (costs.fold(5_000, 200), "60 s, 500 MB"),
}


def main() -> None:
    """Measure all, or one task."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("task", nargs="?", choices=TASKS)
    parser.add_argument("--json", type=Path, help="measure all, and write the figures here")
    given = parser.parse_args()
    if given.json is not None:
        write(given.json, *measure())
        return
    if given.task is None:
        parser.error("name a task, or give --json")
    task, _ = TASKS[given.task]
    with task() as work:
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        work()
        took = {"cpu_s": time.process_time() - began_cpu_s, "wall_s": time.monotonic() - began_s}
    print(json.dumps({**took, "peak_bytes": _peak_bytes(resource.getrusage(resource.RUSAGE_SELF))}))


if __name__ == "__main__":
    main()
