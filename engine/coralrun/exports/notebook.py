"""`notebook`: a CSV for each image, as the CoralNet notebook that coralrun supersedes wrote them.

Source of the columns: `peers` section 1a. The notebook cut a name at its first dot, so that DSC.001.jpg and DSC.002.jpg
wrote the same file. Here the ending alone is cut; where two names would still be one file, also when case does not
count, all of them keep their endings, and after that get a number. Names are made safe: nothing from outside is a path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from coralrun.exports.model import ExportOptions, FolderExport, Results
from coralrun.files.written import Csv
from coralrun.limits import TOP_SCORES
from coralrun.planning.model import Plan
from coralrun.values.classified import ScoredPoint

TABLE = Csv("notebook", is_for_people=False)

COLUMNS = (
    "image_name",
    "column",
    "row",
    *(
        f"{what}_{rank}"
        for rank in range(1, TOP_SCORES + 1)
        for what in ("score", "label_id", "label_code", "label_name")
    ),
)
_UNSAFE = re.compile(r"[^\w.()+ -]+")
_LONGEST_BYTES = 120  # file systems take 255, and an ending and a number may be added
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[\d¹²³]) *(\..*)?", re.IGNORECASE)  # no files on Windows


def make(results: Results, options: ExportOptions) -> FolderExport:
    """Write the points of a run, a file an image."""
    return FolderExport(_files(results))


def _files(results: Results) -> Iterator[tuple[str, bytes]]:
    names = file_names(results.plan)
    for number, points in results.points():
        rows = [_cells(results.plan.images[number].name, point) for point in points]
        yield names[number], TABLE.lines([COLUMNS, *rows])


def _cells(name: str, point: ScoredPoint) -> Sequence[object]:
    cells: list[object] = [name, point.column, point.row]
    for found in point.classifications:
        cells += [found.score, found.label_id, found.label_code, found.label_name]
    return cells + [""] * (len(COLUMNS) - len(cells))


def file_names(plan: Plan) -> list[str]:
    """The file of each image of a plan, by its number: safe, and each once whatever the case."""
    whole = [_safe(image.name) for image in plan.images]
    stems = [name.rpartition(".")[0].strip(". ") or name for name in whole]
    shared = Counter(stem.casefold() for stem in stems)
    chosen = [name if shared[stem.casefold()] > 1 else stem for name, stem in zip(whole, stems, strict=True)]
    taken: set[str] = set()
    for number, name in enumerate(chosen):
        while name.casefold() in taken:
            name = f"{name}-{number}"
        taken.add(name.casefold())
        chosen[number] = name
    return [f"{name}.csv" for name in chosen]


def _safe(name: str) -> str:
    safe = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    safe = safe.encode()[-_LONGEST_BYTES:].decode(errors="ignore").strip(". ")
    return f"_{safe}" if not safe or _RESERVED.fullmatch(safe) else safe
