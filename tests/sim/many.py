"""Many seeds and what they came to."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .draw import draw
from .faults import FAULTS
from .knobs import told
from .lab import Change
from .lives import live
from .marks import BRANCHES, Mark
from .points_file import Edit
from .witness import Violation

REGRESSIONS = Path(__file__).with_name("regressions.txt")
DRAWN = " | "
TO_HIT: tuple[str, ...] = (*FAULTS, *Mark, *BRANCHES, *Change, *Edit)
"""What the worlds must have met, all together."""


@dataclass(slots=True)
class Summary:
    """What some seeds came to."""

    seeds: int = 0
    violations: dict[int, str] = field(default_factory=dict)
    processes: int = 0
    hits: Counter[str] = field(default_factory=Counter)

    def add(self, other: Summary) -> None:
        """Both together."""
        self.seeds += other.seeds
        self.violations |= other.violations
        self.processes += other.processes
        self.hits += other.hits

    def to_json(self, elapsed_s: float) -> str:
        """One line."""
        return json.dumps(
            {
                "seeds": self.seeds,
                "violations": len(self.violations),
                "failing": dict(sorted(self.violations.items())[:20]),
                "crashes": self.hits["deaths"],
                "restarts": self.processes - self.seeds,
                "seconds": round(elapsed_s, 1),
                "seeds_per_minute": round(self.seeds / max(elapsed_s, 1e-9) * 60),
                "hits": dict(sorted({**dict.fromkeys(TO_HIT, 0), **self.hits}.items())),
            }
        )


def regressions() -> list[int]:
    """The seeds that once failed."""
    lines = REGRESSIONS.read_text(encoding="utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]


def failed(violation: Violation, seed: int) -> str:
    """What a seed that failed broke, and what it draws, in one line."""
    return f"{str(violation)[:300].replace(chr(10), ' ')}{DRAWN}{told(draw(seed))}"


def keep(seed: int, what: str) -> None:
    """Have every later run replay a seed that failed now."""
    if seed not in regressions():
        with REGRESSIONS.open("a", encoding="utf-8") as file:
            file.write(f"{seed} {what.partition(DRAWN)[0]}\n")


def run_seeds(seeds: Iterable[int]) -> Summary:
    """Live through each seed's world; a few dozen at a time, for what they leave is swept away at the end."""
    summary = Summary()
    with _sweeping_afterwards():
        for seed in seeds:
            summary.seeds += 1
            try:
                world = live(draw(seed))
            except Violation as violation:
                summary.violations[seed] = failed(violation, seed)
            else:
                summary.processes += world.processes
                summary.hits += world.hits + world.witness.happenings
    return summary


@contextmanager
def _sweeping_afterwards() -> Iterator[None]:
    """Look for garbage once: to look while worlds are alive takes a sixteenth of all their time, and finds little."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
