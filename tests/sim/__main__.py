"""`python -m tests.sim --seeds 10000 [--start N] [--minutes M] [--jobs 2]`, or `--seed N --trace` to replay one.

The last line is one JSON object. Every run of many seeds first replays those of `regressions.txt`.
"""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context

from .knobs import draw
from .many import Summary, regressions, run_seeds
from .witness import Violation
from .world import live

CHUNK = 200  # seeds that a process takes at a time


def run_many(seeds: range, *, jobs: int, minutes: float) -> Summary:
    """The regressions, then the seeds, on so many processes, for at most so many minutes."""
    until_s = time.monotonic() + minutes * 60
    summary = run_seeds(regressions())
    with get_context("fork").Pool(jobs) as pool:
        for first in range(seeds.start, seeds.stop, CHUNK * jobs):
            if time.monotonic() >= until_s:
                break
            turn = seeds[first - seeds.start : first - seeds.start + CHUNK * jobs]
            for done in pool.imap_unordered(run_seeds, (turn[job::jobs] for job in range(jobs))):
                summary.add(done)
    return summary


def replay(seed: int, *, trace: bool) -> Summary:
    """One seed, told event by event if so wished."""
    told: list[str] | None = [] if trace else None
    summary = Summary(seeds=1, processes=1)
    try:
        world = live(draw(seed), trace=told)
        summary = Summary(1, {}, world.processes, world.hits, world.witness.happenings)
    except Violation as violation:
        summary.violations[seed] = str(violation)
    for line in told or ():
        print(line)
    return summary


def main() -> int:
    """Run; exit 1 on any violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds to run")
    parser.add_argument("--start", type=int, default=0, help="the first of them")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no more seeds after so long")
    parser.add_argument("--jobs", type=int, default=1, help="on so many processes")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every event")
    options = parser.parse_args()
    began_s = time.monotonic()
    if options.seed is not None:
        summary = replay(options.seed, trace=options.trace)
    else:
        seeds = range(options.start, options.start + options.seeds)
        summary = run_many(seeds, jobs=options.jobs, minutes=options.minutes)
    print(summary.to_json(time.monotonic() - began_s))
    return 1 if summary.violations else 0


if __name__ == "__main__":
    sys.exit(main())
