"""Cover of points that people labelled, as a table: of years before there was a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.app.answers.cover import fields_of
from coralrun.app.survey.label_files import reading_of
from coralrun.app.survey.labelled_survey import read_labelled_survey
from coralrun.review.whose_labels import Word

if TYPE_CHECKING:
    import pandas as pd


@in_python
def cover_of_labels(
    labels: str | Path,
    survey: str | Path | None = None,
    by: str | Sequence[str] | None = None,
    *,
    labelled_by: str = "",
    encoding: str = "",
    sheet: str = "",
    columns: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Cover of a file of points that people labelled, by the code that works out a run's.

    Parameters
    ----------
    labels
        A table with name, row, column and label, a file of CPCe, a folder of them, a pattern.
    survey
        A survey, of which `metadata`, `design` and `cover` are read; it need say no more.
    by
        A metadata field or several, in any case; without it cover is that of all photos.
    labelled_by
        `"people"` says who gave the labels of a table without a column that does.
    encoding
        Of a table that is not in UTF-8, as in a survey.
    sheet
        The sheet of a workbook that has several.
    columns
        Columns that have headings of their own, by our names, such as `{"label": "Taxon"}`.

    Returns
    -------
    DataFrame
        As `Run.cover`; `attrs["labelled_by"]` counts the points of each annotator, `attrs["notes"]` is what else a
        reader must know.

    Raises
    ------
    UsageError
        Nobody says who gave the labels, no person did, or a label is in no group.
    InvalidInput
        A file cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"Name": ["a.jpg", "a.jpg"], "Row": [5, 9], "Column": [5, 5], "Label": ["Sand", "Coral"]})
    >>> points.assign(Annotator="anna", site="North").to_csv("labels-2012.csv", index=False)
    >>> coralrun.cover_of_labels("labels-2012.csv", by="site")[["site", "group", "mean"]]
        site  group  mean
    0  North  Coral  50.0
    1  North   Sand  50.0
    """
    found = read_labelled_survey(
        Path(labels),
        None if survey is None else Path(survey),
        word=Word(labelled_by),
        reading=reading_of(encoding, sheet, columns),
    )
    fields = fields_of(found.plan, list(texts(by)))
    frame = found.reader.told_by(fields)
    frame.attrs.update(labelled_by=dict(found.points.annotators), notes=(*found.notes, *found.reader.notes_by(fields)))
    return frame
