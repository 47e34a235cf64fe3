"""What a run says of itself, as tables: read from its directory whenever it is asked, also while it goes on.

Rule: nothing here changes a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.api.judged import Accuracy, judged
from coralrun.api.shown import Shown
from coralrun.app.answers import frames
from coralrun.app.answers.accuracy import judge, judge_beside, truth_of
from coralrun.app.answers.cover import fields_of, reader_of
from coralrun.app.answers.kept_reviews import notes_of_labels
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.app.run.run_outline import outline_of
from coralrun.app.run.status import Summary, summarise
from coralrun.app.run.summary import summary_lines
from coralrun.app.survey.label_files import reading_of
from coralrun.console.notebook import cell
from coralrun.errors import CoralrunError
from coralrun.review.whose_labels import Word
from coralrun.spec.model import IMAGE
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.phrases import count

if TYPE_CHECKING:
    import pandas as pd


class ReadRun(Shown):
    """The part of `Run` that reads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._told_in: int | None = None
        self._opened()

    def __fspath__(self) -> str:
        """Its directory: a run stands for it wherever a path is taken."""
        return str(self.directory)

    @property
    def _is_of_arguments(self) -> bool:
        try:
            return not run.read_identity(Layout(self.directory), Disk()).survey_file
        except (CoralrunError, OSError):  # what is said is that there is none, or that it is damaged
            return False

    def _say(self, line: str) -> None:
        """What whoever asked for a table must know of it, which no table shows."""
        with self._telling() as reporter:
            reporter.say(line)

    def _told(self) -> Self:
        """The same run, once it was told how it stands: the cell that did so shows it in one line."""
        self._told_in = cell()
        return self

    @in_python
    def _opened(self) -> OpenRun:
        with reaching(self.directory):
            return open_run(self.directory)

    @property
    @in_python
    def summary(self) -> Summary:
        """How it stands, and which process works on it.

        Returns
        -------
        Summary
            The numbers that `coralrun status --json` gives: `standing`, `images`, `succeeded`, `failed`, `skipped`,
            `points` and more.

        Examples
        --------
        >>> summary = coralrun.open("runs/reef").summary
        >>> print(summary.standing, summary.succeeded, "of", summary.images)
        finished 6 of 6
        """
        with reaching(self.directory):
            return summarise(outline_of(self.directory), look=True)

    @property
    def predictions(self) -> pd.DataFrame:
        """The labels that the classifier gave.

        Returns
        -------
        DataFrame
            One row a point, in plan order, with the columns of `predictions.csv`: rows and columns in pixels from 0,
            scores from 0 to 1, best first. `attrs["partial"]` says whether images are still to come.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> run.predictions[["name", "row", "column", "label_code_1", "score_1"]].head(3)
                                        name  row  column label_code_1  score_1
        0  reef_site1_5m_t1_q01_20240612.jpg  143      28       Rubble     0.42
        1  reef_site1_5m_t1_q01_20240612.jpg   43     189        Porit     0.90
        2  reef_site1_5m_t1_q01_20240612.jpg   58     270        Porit     0.98
        """
        return frames.predictions(self._opened())

    @property
    def images(self) -> pd.DataFrame:
        """What is known of the images, and what became of them.

        Returns
        -------
        DataFrame
            One row an image, in plan order: `source`, `name`, `image_id`, `image_page`, `points` (how many), `standing`
            (`succeeded`, `failed`, `skipped`, `to do`), `reason`, and a column for each field of metadata.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> run.images[["name", "points", "standing", "site"]].head(2)
                                         name  points   standing   site
        0   reef_site1_5m_t1_q01_20240612.jpg      10  succeeded  site1
        1  reef_site1_10m_t1_q01_20240612.jpg      10  succeeded  site1
        """
        return frames.images(self._opened())

    @property
    def failures(self) -> pd.DataFrame:
        """The images that ended without predictions, and why.

        Returns
        -------
        DataFrame
            The rows of `images` that failed or were skipped.

        Examples
        --------
        >>> len(coralrun.open("runs/reef").failures)
        0
        """
        found = self.images
        return found[found["standing"].isin(["failed", "skipped"])].reset_index(drop=True)

    @in_python
    def cover(self, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Cover by label, and by every level of the label groups.

        Parameters
        ----------
        by
            A metadata field or several, in any case, or `"image"`; without it cover is that of the whole survey. The
            field of the design's strata gives each stratum.

        Returns
        -------
        DataFrame
            One row a label or group, of the survey or of each value of `by`: `mean`, `se`, `lo`, `hi` in percent, and
            more (docs/cover.md). There is an interval only where the survey names a design unit; `method` says how, or
            why there is none. `attrs["partial"]` says whether images are still to come, `attrs["notes"]` what else a
            reader must know.

        Raises
        ------
        UsageError
            The images have no such field, or a label is in no group.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> run.cover()[["group", "mean", "lo", "hi", "method"]].head(3).round(1)
            group  mean   lo    hi         method
        0    Sand  13.3  1.3  43.3  Korn-Graubard
        1  Rubble  18.3  4.0  44.5  Korn-Graubard
        2    Turf  16.7  0.6  61.1  Korn-Graubard
        >>> run.cover(by="site").query("group == 'Sand'")[["site", "group", "mean"]].head(2)
            site group  mean
        0  site1  Sand  20.0
        8  site2  Sand   5.0
        """
        opened = self._opened()
        reader = reader_of(opened)
        fields: list[str] = []
        if isinstance(by, str) and by.casefold() == IMAGE:
            found = reader.images()
        else:
            fields = fields_of(opened.plan, list(texts(by)))
            found = frames.told_by_numbers(reader.told_by(fields), reader.told_fields(fields), opened.plan)
        notes = (*notes_of_labels(opened), *reader.notes_by(fields))
        found.attrs.update(partial=not opened.state.finished_at, notes=(*map(self._said, notes),))
        if found.empty:
            self._say(f"no cover of {self.directory}: no image has predictions yet")
        elif found.attrs["partial"]:
            there = opened.plan_state.counts()[0]
            self._say(f"cover of {count(there, 'image')} of {len(opened.plan.images):,}: {self.directory} goes on")
        return found

    @in_python
    def accuracy(
        self,
        truth: str | Path | None = None,
        *,
        from_source: bool = False,
        allow_in_sample: bool = False,
        labelled_by: str = "",
        encoding: str = "",
        sheet: str = "",
        columns: Mapping[str, str] | None = None,
        annotations: str | Path | None = None,
        beside: str | Path | None = None,
    ) -> Accuracy:
        """Judge the machine by labels that people gave; nothing is changed.

        Parameters
        ----------
        truth
            Labelled points: a table with name, row, column and label, a file of CPCe, a folder of them, a pattern;
            without it the run's own reviews.
        from_source
            Fetch what is labelled in the photos' CoralNet source, and when; it is kept beside the run. What people
            labelled judges, unless `truth` is given or the run has an audit of its own; the dates say which images may
            have trained the classifier.
        allow_in_sample
            Take labels that may have trained the classifier too; every figure is then stamped as in-sample.
        labelled_by
            `"people"` says who gave the labels of a table without a column that does.
        encoding
            Of a table that is not in UTF-8, as in a survey.
        sheet
            The sheet of a workbook that has several.
        columns
            Columns that have headings of their own, by our names, such as `{"label": "Taxon"}`.
        annotations
            CoralNet's export of the annotations of the classifier's source, with dates: labels on its images judge
            where these were annotated after the training.
        beside
            The directory of another run of the same points, to compare the two classifiers.

        Returns
        -------
        Accuracy
            Shown as the command prints it. Its tables are `cover` (the bias), `units` (the same at each design unit),
            `points` (recall and precision by class), `confusion`, `images` (which may have trained it), `beside`. What
            is estimated in them is a share from 0 to 1, and not in percent as in `cover()`: a bias of 0.05 is 5
            percentage points. `help` of what is returned says which are counts.

        Raises
        ------
        UsageError
            Nobody says who gave the labels, none of them may judge the run, or there are none.
        InvalidInput
            The table cannot be read.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> points = run.predictions[["name", "row", "column"]].head(20)
        >>> points.assign(label="CCA").to_csv("labels.csv", index=False)  # as if a person saw nothing else
        >>> found = run.accuracy("labels.csv", labelled_by="people", allow_in_sample=True)
        >>> found.points.query("`class` == 'CCA'")[["people", "machine", "both"]]
           people  machine  both
        3      20        2     2
        """
        opened, compared = self._opened(), None
        with self._telling() as reporter:
            file = truth_of(opened, None if truth is None else Path(truth), from_source, reporter)
        ask = partial(
            judge,
            truth=file,
            allow_in_sample=allow_in_sample,
            word=Word(labelled_by),
            reading=reading_of(encoding, sheet, columns),
            annotations=None if annotations is None else Path(annotations),
        )
        found = ask(opened)
        if beside is not None:
            with reaching(Path(beside)):
                other = open_run(Path(beside))
            compared = judge_beside(opened, found, other, ask(other))
        return judged(str(self.directory), found, compared)

    def __repr__(self) -> str:
        lines = [*map(self._said, summary_lines(self.summary))]
        return lines[0] if self._told_in is not None and self._told_in == cell() else "\n".join(lines)
