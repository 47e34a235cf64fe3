"""The reviews of a run: handed out to people, and taken back.

Rule: what people handed in is only added to; a review on disk is never written over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun.accuracy.corrected_text import why_not_corrected
from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.api.read_run import ReadRun
from coralrun.app.answers import frames
from coralrun.app.answers.corrected_cover import correction_of
from coralrun.app.answers.kept_reviews import load
from coralrun.app.reviewing.handing_out import hand_out
from coralrun.app.reviewing.import_text import import_lines
from coralrun.app.reviewing.review_import import take
from coralrun.app.reviewing.undoing import undo
from coralrun.app.survey.label_files import reading_of
from coralrun.clock import SystemClock
from coralrun.review.drawing import Form, SampleRequest
from coralrun.review.text import drawn_lines, undone_lines
from coralrun.review.whose_labels import Word

if TYPE_CHECKING:
    import pandas as pd


class ReviewedRun(ReadRun):
    """The part of `Run` that people's labels go through."""

    @property
    @in_python
    def reviewed(self) -> pd.DataFrame:
        """The points that people reviewed, their label beside the machine's.

        Returns
        -------
        DataFrame
            One row a reviewed point, with the columns of `reviewed.csv`; `agree` is true or false.

        Examples
        --------
        >>> len(coralrun.open("runs/reef").reviewed)  # nobody has reviewed it yet
        0
        """
        opened = self._opened()
        return frames.reviewed(opened, load(opened))

    @property
    @in_python
    def corrected_cover(self) -> pd.DataFrame:
        """Cover corrected by the audit, whole and by stratum.

        Returns
        -------
        DataFrame
            One row a label or group: `cover_machine`, `cover_corrected`, `se`, `lo`, `hi` in percent, and more
            (docs/review.md). Why there is no corrected cover is printed, and stands in `attrs["notes"]`.

        Examples
        --------
        >>> found = coralrun.open("runs/reef").corrected_cover
        no corrected cover of runs/reef: no point of an audit is reviewed
        """
        opened = self._opened()
        reviews = load(opened)
        found = correction_of(opened, reviews)
        why = self._said(why_not_corrected(found, reviews.elsewhere))
        found.attrs["notes"] = (why,) if why else ()
        if why:
            self._say(f"no corrected cover of {self.directory}: {why}")
        return found

    @in_python
    def review(
        self,
        sample: str | int,
        *,
        to: str = "csv",
        out: str | Path | None = None,
        by: str = "",
        by_class: str = "",
        points: int | None = None,
        blind: bool = False,
        seed: int = 0,
        only: str = "",
        page_mb: float | None = None,
    ) -> Path:
        """Draw a sample for people to check, as `coralrun review` does: a table, or a page with photos.

        What was drawn is printed; what they filled in is taken back by `import_review`.

        Parameters
        ----------
        sample
            How much: `"5%"` of the images, or a number of them; with `by_class` a number of points.
        to
            `"csv"`, or `"html"` for a page.
        out
            The file to write; without it `NAME-review.csv` here, `NAME-review-2.csv` for review 2.
        by
            A metadata field over which the audit is spread.
        by_class
            `"label"` or a level of groups: points are drawn by what the machine calls them.
        points
            At most so many points of each audited image.
        blind
            Do not show what the machine said.
        seed
            Of the draw; another one draws further images.
        only
            `"audit"` or `"triage"`: hand out this set alone of what is drawn.
        page_mb
            How many megabytes a page may have; 25 by default, as mail takes.

        Returns
        -------
        Path
            What to hand out.

        Raises
        ------
        UsageError
            The run is not finished, nothing is left to draw, or a file is there already.

        Examples
        --------
        >>> path = coralrun.open("runs/reef").review(2, out="sample.csv")
        sample.csv: review 1 of runs/reef, seed 0
          audit   ...
        """
        request = SampleRequest(
            sample=str(sample), by=by, seed=int(seed), blind=blind, per_image=points, by_class=by_class, only=only
        )
        form = Form(to, None if out is None else Path(out), page_mb)
        with self._telling() as reporter:
            opened = self._opened()
            handed = hand_out(opened, request, form, reporter)
            reporter.lines(drawn_lines(opened.layout.root, request, handed))
        return handed.file

    @in_python
    def undo_review(self) -> int:
        """Take the last draw back, while nobody has labelled a point of it; what became of it is printed.

        Drawn again in the same words, the sample is the same.

        Returns
        -------
        int
            The number of the review that is undone.

        Raises
        ------
        UsageError
            Nothing is drawn, or a point of it is labelled.
        LockedError
            Another process works on the run.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> path = run.review(2, seed=7, out="one-more.csv")
        one-more.csv: review 2 of runs/reef, seed 7
        ...
        >>> number = run.undo_review()
        runs/reef: review 2 is undone: ...
        """
        opened = self._opened()
        undone = undo(opened, SystemClock())
        with self._telling() as reporter:
            reporter.lines(undone_lines(opened.layout.root, undone))
        return undone.number

    @in_python
    def import_review(
        self,
        path: str | Path,
        *,
        labelled_by: str = "",
        accept_labels: str | Sequence[str] = (),
        encoding: str = "",
        sheet: str = "",
        columns: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Take back what people filled in, as `coralrun review import` does, and write the tables anew.

        What came of it is printed. `reviewed`, `corrected_cover` and `accuracy` have it from then on.

        Parameters
        ----------
        path
            The table that was handed out, or that the page saved; also a file of CPCe, a folder of them, a pattern.
        labelled_by
            `"people"` says who gave the labels of a table without a column that does.
        accept_labels
            Labels of the file that count although the run does not know them.
        encoding
            Of a table that is not in UTF-8, as in a survey.
        sheet
            The sheet of a workbook that has several.
        columns
            Columns that have headings of their own, by our names, such as `{"label_code": "Taxon"}`.

        Returns
        -------
        DataFrame
            The rows that are held back, for the run does not know their labels: `file`, `line`, `name`, `label`,
            `meant` (a label like it, or ""). None where all were taken.

        Raises
        ------
        UsageError
            Nobody says who gave the labels, no person did, or no row has a label that is to be accepted.
        InvalidInput
            The file is no review.
        LockedError
            Another process works on the run.

        Examples
        --------
        >>> import pandas as pd
        >>> sample = pd.read_csv("sample.csv")
        >>> sample.assign(label_code="CCA").to_csv("filled-in.csv", index=False)  # as if a person saw nothing else
        >>> run = coralrun.open("runs/reef")
        >>> held_back = run.import_review("filled-in.csv")
        runs/reef: import 1: ...
        >>> len(held_back), len(run.reviewed) == len(sample)
        (0, True)
        """
        import pandas as pd

        opened, file = self._opened(), Path(path)
        taken = take(
            opened,
            file,
            SystemClock(),
            word=Word(labelled_by),
            reading=reading_of(encoding, sheet, columns),
            accept=texts(accept_labels),
        )
        with self._telling() as reporter:
            reporter.lines(import_lines(opened, file, taken))
        rows = [
            (row.row.file, row.row.line, row.row.name, row.code, row.meant or row.other or "")
            for row in taken.outcome.held
        ]
        return pd.DataFrame(rows, columns=["file", "line", "name", "label", "meant"])
