"""Asks R once more for what is kept of it, and tells how far coralrun is from it: `make r-check`.

Ends with 1 where R is missing, or where it says something else than the kept table.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.statistics.samples_of_r import QUANTITIES, R, distance, estimates_of_r, samples, table

SAME: Final = 1e-12
"""As a share: how far R may be from itself, on another machine."""
NO_R: Final = (
    "r-check: R with its package survey is not here. On Debian: apt-get install r-base-core r-cran-survey.\n"
    "The tests need neither: they read what R said, tests/statistics/r/cover.csv."
)


def main() -> int:
    """Compare, and print a line for each sample."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "cover.csv"
        try:
            subprocess.run(["Rscript", "-e", "library(survey)"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print(NO_R, file=sys.stderr)
            return 1
        subprocess.run(["Rscript", str(R / "cover.R"), str(fresh)], check=True)
        changed = changes(R / "cover.csv", fresh)
    for line in changed:
        print(f"r-check: R now says otherwise: {line}", file=sys.stderr)
    if not changed:
        of_r = estimates_of_r()
        for sample in samples():
            far = distance(sample.cover(), of_r[sample.name])
            told = ", ".join(f"{quantity} {value:.0e}" for quantity, value in far.items() if value)
            print(f"{sample.name}: {told or 'the same'}")
    return 1 if changed else 0


def changes(kept: Path, fresh: Path) -> list[str]:
    """Where two tables of R's differ by more than rounding."""
    old, new = table(kept), table(fresh)
    if [(row["set"], row["class"]) for row in old] != [(row["set"], row["class"]) for row in new]:
        return ["the samples are others"]
    return [
        f"{before['set']}, {before['class']}, {quantity}: {after[quantity]} and not {before[quantity]}"
        for before, after in zip(old, new, strict=True)
        for quantity in QUANTITIES
        if _differ(before[quantity], after[quantity])
    ]


def _differ(before: str, after: str) -> bool:
    if not before or not after:
        return before != after
    return abs(float(before) - float(after)) > SAME * max(1.0, abs(float(before)))


if __name__ == "__main__":
    sys.exit(main())
