"""Cover of points that people labelled, as a table: of years before there was a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.api.nameless import SURVEY
from coralrun.app.answers.cover import fields_of
from coralrun.app.survey.label_files import reading_of
from coralrun.app.survey.labelled_survey import read_labelled_survey
from coralrun.app.survey.said_in_python import in_arguments, of_arguments
from coralrun.app.survey.survey_file import design_of, read_design
from coralrun.app.survey.survey_tables import from_sections
from coralrun.errors import UsageError
from coralrun.review.whose_labels import Word

if TYPE_CHECKING:
    import pandas as pd


@in_python
def cover_of_labels(
    labels: str | Path,
    survey: str | Path | None = None,
    by: str | Sequence[str] | None = None,
    *,
    metadata: Mapping[str, Any] | str | Path | None = None,
    design: Mapping[str, Any] | None = None,
    cover: Mapping[str, Any] | None = None,
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
        The path of a survey, of which `metadata`, `design` and `cover` are read; then these are not given.
    by
        A metadata field or several, in any case; without it cover is that of all photos.
    metadata
        What is known of the photos, as for `coralrun.plan`: `{"from_names": "{site}_q{quadrat}.jpg"}`, or a table.
    design
        The design, as there: `{"unit": "site"}` gives intervals.
    cover
        How cover is read, as there: `{"groups": "groups.csv"}`.
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
        Nobody says who gave the labels, no person did, or a label is in no group; or a survey and sections.
    InvalidInput
        A file cannot be read, or something is wrong in the survey or the sections; all of it at once.

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
    sections = {"metadata": metadata, "design": design, "cover": cover}
    said = None if all(section is None for section in sections.values()) else from_sections(sections)
    if survey is not None and said is not None:
        raise UsageError(
            "a survey on disk says everything itself",
            remedy="Give metadata=, design= and cover=, or survey=, not both.",
        )
    with nullcontext() if said is None else of_arguments(SURVEY, said, {}):
        file = None if survey is None else read_design(Path(survey))
        found = read_labelled_survey(
            Path(labels),
            file if said is None else design_of(SURVEY, said, Path()),
            word=Word(labelled_by),
            reading=reading_of(encoding, sheet, columns),
        )
    fields = fields_of(found.plan, list(texts(by)))
    frame = found.reader.told_by(fields)
    notes = (*found.notes, *found.reader.notes_by(fields))
    frame.attrs.update(
        labelled_by=dict(found.points.annotators), notes=notes if survey is not None else (*map(in_arguments, notes),)
    )
    return frame
