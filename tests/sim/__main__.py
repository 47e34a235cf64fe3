"""`python -m tests.sim --seeds 10000 [--start N] [--minutes M] [--jobs 2]`, or `--seed N --trace` to replay one.

With `--only uploads` all seeds are such whose photos are uploaded first, and so on (`KINDS`).
Violations are told as they are found, with what their seed draws. Their seeds are added to `regressions.txt`, with
which every later run of many seeds begins. The last line is one JSON object; its `hits` names what was never reached.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import count, islice
from multiprocessing import get_context

from .draw import draw
from .knobs import Kind, Knobs
from .lives import live
from .many import Summary, failed, keep, regressions, run_seeds
from .witness import Violation

CHUNK = 40
"""Seeds that a process takes at a time: few, because a world with the real codec takes as long as six others."""

KINDS: dict[str, Callable[[Knobs], bool]] = {
    "changed": lambda knobs: bool(knobs.changes_s),
    "uploads": lambda knobs: knobs.uploads,
    "local": lambda knobs: knobs.kind is Kind.LOCAL,
    "source": lambda knobs: knobs.kind is Kind.SOURCE,
}
"""The seeds that can be asked for alone."""


def seeds_of(kind: str | None, start: int) -> Iterator[int]:
    """The seeds from this one on, all of them or of one kind alone."""
    return count(start) if kind is None else (seed for seed in count(start) if KINDS[kind](draw(seed)))


def run_many(seeds: Iterator[int], *, jobs: int, minutes: float) -> Summary:
    """The regressions, then the seeds, on so many processes, beginning no more of them after so many minutes."""
    until_s = time.monotonic() + minutes * 60
    summary = run_seeds(regressions())
    chunks = iter(lambda: list(islice(seeds, CHUNK)), [])
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        running = {pool.submit(run_seeds, chunk) for chunk in islice(chunks, 2 * jobs)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                lived = future.result()
                for seed, violation in lived.violations.items():
                    print(f"seed {seed}: {violation}", file=sys.stderr, flush=True)
                    keep(seed, violation)
                summary.add(lived)
            if time.monotonic() < until_s:
                running |= {pool.submit(run_seeds, chunk) for chunk in islice(chunks, len(done))}
    return summary


def replay(seed: int, *, trace: bool) -> Summary:
    """One seed, told event by event if asked."""
    told: list[str] | None = [] if trace else None
    summary = Summary(seeds=1, processes=1)
    try:
        world = live(draw(seed), trace=told)
        summary = Summary(1, {}, world.processes, world.hits + world.witness.happenings)
    except Violation as violation:
        summary.violations[seed] = failed(violation, seed)
    for line in told or ():
        print(line)
    return summary


def main() -> int:
    """Run; exit 1 on any violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds to run")
    parser.add_argument("--only", choices=sorted(KINDS), help="seeds of this kind alone")
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
        seeds = islice(seeds_of(options.only, options.start), options.seeds)
        summary = run_many(seeds, jobs=options.jobs, minutes=options.minutes)
    print(summary.to_json(time.monotonic() - began_s))
    return 1 if summary.violations else 0


if __name__ == "__main__":
    sys.exit(main())
