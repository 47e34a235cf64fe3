"""What the machine says of a source's points: an export of annotations with its columns of scores, read into points.

Rule: pure. Only what the machine gave is read, whoever labelled the point since. Scores are whole percent, five at most
(upload, observed). Points stand by their photo's name, in the order of the export, which is theirs at the photo.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.coralnet.wire import NotUnderstood
from coralrun.values.classified import Classification, Label, ScoredPoint

MACHINE: Final = "robot"
"""Who is given as the annotator where that is no person."""

_RANKS: Final = 5
_PERCENT = re.compile(r"100|[0-9]{1,2}")
_PIXEL = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class LabelledPoint:
    """A point of an export; it has no scores where the machine gave none. `is_machines` says that no person, and no
    import, gave the label that it has."""

    scored: ScoredPoint
    is_machines: bool


def read_machine_labels(table: bytes, labels: Sequence[Label]) -> Mapping[str, list[LabelledPoint]]:
    """The points of each photo of an export; `labels` are the source's. Raises NotUnderstood."""
    known = {label.code: label for label in labels}
    points: dict[str, list[LabelledPoint]] = defaultdict(list)
    try:
        for row in csv.DictReader(io.StringIO(table.decode("utf-8"), newline=""), strict=True):
            points[row["Name"]].append(_point(row, known))
    except (UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise NotUnderstood("export of annotations: not its table") from error
    return points


def people_of(table: bytes) -> Mapping[str, bool]:
    """Each photo of an export by its name: whether anybody but the machine labelled a point of it."""
    found: dict[str, bool] = {}
    try:
        for row in csv.DictReader(io.StringIO(table.decode("utf-8"), newline=""), strict=True):
            found[row["Name"]] = found.get(row["Name"], False) or row["Annotator"] != MACHINE
    except (UnicodeDecodeError, csv.Error, KeyError) as error:
        raise NotUnderstood("export of annotations: not its table") from error
    return found


def _point(row: Mapping[str, str], known: Mapping[str, Label]) -> LabelledPoint:
    if not (_PIXEL.fullmatch(row["Row"]) and _PIXEL.fullmatch(row["Column"])):
        raise NotUnderstood("export of annotations: a point without a place")
    scores = []
    for rank in range(1, _RANKS + 1):
        code, percent = row[f"Machine suggestion {rank}"], row[f"Machine confidence {rank}"]
        if not code:
            break
        if not _PERCENT.fullmatch(percent):
            raise NotUnderstood("export of annotations: a score that is no percentage")
        label = known.get(code) or Label(None, code, code)
        scores.append(Classification(int(percent) / 100, label.id, label.code, label.name))
    point = ScoredPoint(int(row["Row"]), int(row["Column"]), tuple(scores))
    return LabelledPoint(point, row["Annotator"] == MACHINE)
