"""Asks R once more for what is kept of it, and tells how far coralrun is from it: `make r-check`.

Ends with 1 where R is missing, or where it says something else than the kept tables.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

from tests.statistics.samples_of_r import R, Row, distance, estimates_of_r, samples, table

SAME: Final = 1e-12
"""As a share: how far R may be from itself, on another machine."""
NO_R: Final = (
    "r-check: R with its package survey is not here. On Debian: apt-get install r-base-core r-cran-survey.\n"
    "The tests need neither: they read what R said, tests/statistics/r/*.csv."
)
NAMES: Final = ("set", "class")
"""The columns that say what a row is of."""
SCRIPTS: Final = ("accuracy", "two_phase", "population")
"""Scripts that draw points and estimate from them, each run in a folder of its own: NAME_points.csv, NAME.csv. The
tests of these names hold coralrun to the kept tables."""


def main() -> int:
    """Compare, and print a line for each sample and each table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            subprocess.run(["Rscript", "-e", "library(survey)"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print(NO_R, file=sys.stderr)
            return 1
        subprocess.run(["Rscript", str(R / "cover.R"), str(folder / "cover.csv")], check=True)
        changed = changes(R / "cover.csv", folder / "cover.csv")
        for script in SCRIPTS:
            shutil.copy(R / f"{script}.R", folder)
            subprocess.run(["Rscript", f"{script}.R"], check=True, cwd=folder, capture_output=True)
            for made in (f"{script}_points.csv", f"{script}.csv"):
                found = changes(R / made, folder / made)
                print(f"{made}: {'R says otherwise now' if found else 'R says the same'}")
                changed += found
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
    return [
        f"{kept.name}: {said}"
        for before, after in zip_longest(table(kept), table(fresh))
        for said in (_row(before, after) if before and after else ["the samples are others"])
    ]


def _row(before: Row, after: Row) -> Iterator[str]:
    if [before.get(name) for name in NAMES] != [after.get(name) for name in NAMES] or before.keys() != after.keys():
        yield "the samples are others"
        return
    of = ", ".join(before[name] for name in NAMES if before.get(name))
    for column in before:
        if _differ(before[column], after[column]):
            yield f"{of}, {column}: {after[column]} and not {before[column]}"


def _differ(before: str, after: str) -> bool:
    try:
        return abs(float(before) - float(after)) > SAME * max(1.0, abs(float(before)))
    except ValueError:
        return before != after


if __name__ == "__main__":
    sys.exit(main())
