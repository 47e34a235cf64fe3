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
from typing import Final

from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.values.classified import Classification, Label, ScoredPoint

_RANKS: Final = 5
_COLUMNS: Final = frozenset({"Name", "Row", "Column", "Machine suggestion 1", f"Machine confidence {_RANKS}"})
_PERCENT = re.compile(r"100|[0-9]{1,2}")
_PIXEL = re.compile(r"[0-9]{1,7}")


def read_machine_labels(table: bytes, labels: Sequence[Label]) -> Mapping[str, list[ScoredPoint]]:
    """The points of each photo of an export; one has no scores where the machine gave none. `labels` are the source's.
    Raises NotUnderstood."""
    known = {label.code: label for label in labels}
    points: dict[str, list[ScoredPoint]] = defaultdict(list)
    try:
        rows = csv.DictReader(io.StringIO(table.decode("utf-8"), newline=""), strict=True)
        if not set(rows.fieldnames or ()) >= _COLUMNS:  # a table without rows has them too
            raise NotUnderstood("export of annotations: other columns")
        for row in rows:
            if None in row.values():
                raise NotUnderstood("export of annotations: a line that was cut")
            points[row["Name"]].append(_point(row, known))
    except (UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise NotUnderstood("export of annotations: not its table") from error
    return points


def _point(row: Mapping[str, str], known: Mapping[str, Label]) -> ScoredPoint:
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
    return ScoredPoint(int(row["Row"]), int(row["Column"]), tuple(scores))
