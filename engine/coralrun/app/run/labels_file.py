"""The file beside a run that keeps what people labelled on its photos in their sources: `NAME-labels-3420.csv`.

Rule: such a file is of the photos of the run that it is called after, and tells nothing of others. It tells when they
were annotated where it was kept after the plan in force was made, whose classifier was trained by then: an older one
does not know of all of its photos.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from coralrun.store.files import Disk
from coralrun.store.layout import Layout

_NAME: Final = re.compile(r"(.+)-labels-([0-9]+(?:-[0-9]+)*)\.csv")


def labels_file(run: Path, sources: Iterable[int]) -> Path:
    """Where the labels of a run's photos in these sources are kept; `run` is its folder."""
    return run.parent / f"{run.absolute().name}-labels-{'-'.join(map(str, sources))}.csv"


def is_of_another_run(file: Path, run: Path) -> bool:
    """Whether a file is called as the one of another run."""
    match = _NAME.fullmatch(file.name)
    return match is not None and match[1] != run.absolute().name


def kept_since(layout: Layout, disk: Disk, plan: int, source: int | None) -> list[Path]:
    """The files beside a run that tell when its photos in a source were annotated, as the plan of this number is the
    one in force."""
    made, name = disk.changed(layout.plan(plan).header), layout.root.absolute().name
    matches = filter(None, map(_NAME.fullmatch, disk.names(layout.root.parent)))
    named = [match[0] for match in matches if match[1] == name and str(source) in match[2].split("-")]
    return [path for path in map(layout.root.parent.joinpath, named) if disk.changed(path) > made]
