"""`matrix`: a row for each design unit, a column for each label, percent cover in the cells, for vegan and its like.

Rule: the numbers are the means of the `cover` format, with its decimals. The first columns name the row (in R:
`row.names = 1` for one field); every other column is a label's code. A label that two ids share the code of bears its
id too, but a service may have labels without ids. `--by` sums up by other fields. A unit without a usable image has no
row, and is noted: a row of zeros would say that nothing grows there.
"""

from __future__ import annotations

from coralrun.exports.cover import rows_by
from coralrun.exports.model import Export, ExportOptions, Results
from coralrun.files.written import Csv
from coralrun.results.groupings import LABEL

TABLE = Csv("matrix", is_for_people=False)


def make(results: Results, options: ExportOptions) -> Export:
    """Write the matrix of a run."""
    frame, notes = rows_by(results, options)
    frame = frame[frame["grouping"] == LABEL]
    keys = list(frame.columns[: frame.columns.get_loc("grouping")])
    ids = frame["label_id"].astype(object).where(frame["label_id"].notna(), None)
    labels = list(dict.fromkeys(zip(ids, frame["group"], strict=True)))
    codes = [code for _, code in labels]
    heading = [code if codes.count(code) == 1 else f"{code} ({number})" for number, code in labels]
    cells: dict[tuple[object, ...], dict[tuple[object, str], float]] = {}
    for number, row in zip(ids, frame.to_dict("records"), strict=True):
        cells.setdefault(tuple(row[key] for key in keys), {})[number, row["group"]] = row["mean"]
    kept = {key: means for key, means in cells.items() if all(mean == mean for mean in means.values())}
    if len(kept) < len(cells):
        empty = ", ".join(" / ".join(str(part) or "(not known)" for part in key) for key in cells if key not in kept)
        notes.append(f"without any usable image, and so without a row: {empty}")
    rows = [(*key, *(f"{means[label]:.6f}" for label in labels)) for key, means in kept.items()]
    return Export(iter([TABLE.lines([(*keys, *heading), *rows])]), notes)
