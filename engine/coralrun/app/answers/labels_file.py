"""The file beside a run that keeps what people labelled on its photos in their sources: `NAME-labels-3420.csv`.

Rule: such a file is of the photos of the run that it is called after, and tells nothing of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(.+)-labels-[0-9]+(?:-[0-9]+)*\.csv")


def labels_file(run: Path, sources: Iterable[int]) -> Path:
    """Where the labels of a run's photos in these sources are kept; `run` is its folder."""
    return run.parent / f"{run.absolute().name}-labels-{'-'.join(map(str, sources))}.csv"


def is_of_another_run(file: Path, run: Path) -> bool:
    """Whether a file is called as the one of another run."""
    match = _NAME.fullmatch(file.name)
    return match is not None and match[1] != run.absolute().name
