"""`python -m tests.sim --seeds 10000 [--start N]`, or `--seed N --trace` to replay one, event by event."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .knobs import draw
from .witness import Violation
from .world import live


@dataclass(slots=True)
class Summary:
    """What a range of seeds came to."""

    seeds: int = 0
    violations: dict[int, str] = field(default_factory=dict)
    processes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)

    def to_json(self, elapsed_s: float) -> str:
        """One line."""
        return json.dumps(
            {
                "seeds": self.seeds,
                "violations": len(self.violations),
                "failing": dict(list(self.violations.items())[:20]),
                "crashes": self.faults["deaths"],
                "restarts": self.processes - self.seeds,
                "seconds": round(elapsed_s, 1),
                "seeds_per_minute": round(self.seeds / max(elapsed_s, 1e-9) * 60),
                "faults": dict(sorted(self.faults.items())),
                "facts": dict(sorted(self.facts.items())),
            }
        )


def run_seeds(seeds: Iterable[int]) -> Summary:
    """Live through each seed's world."""
    summary = Summary()
    for seed in seeds:
        summary.seeds += 1
        try:
            world = live(draw(seed))
        except Violation as violation:
            summary.violations[seed] = str(violation)[:300]
            continue
        summary.processes += world.processes
        summary.faults += world.hits
        summary.facts += world.witness.happenings
    return summary


def main() -> int:
    """Run; exit 1 on any violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds to run")
    parser.add_argument("--start", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="run this one alone")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every event")
    options = parser.parse_args()
    began_s = time.monotonic()
    if options.seed is None:
        summary = run_seeds(range(options.start, options.start + options.seeds))
    else:
        trace: list[str] | None = [] if options.trace else None
        summary = Summary(seeds=1, processes=1)
        try:
            live(draw(options.seed), trace=trace)
        except Violation as violation:
            summary.violations[options.seed] = str(violation)
        for line in trace or ():
            print(line)
    print(summary.to_json(time.monotonic() - began_s))
    return 1 if summary.violations else 0


if __name__ == "__main__":
    sys.exit(main())
