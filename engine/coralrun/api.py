"""coralrun in Python and notebooks: runs as tables, and runs from tables.

    import coralrun

    images = coralrun.images(3420)                                  # what a CoralNet source has, as a DataFrame
    wanted = images[images["name"].str.contains("out10m")]          # any filter that pandas knows
    planned = coralrun.plan(images=wanted, points=200, classifier={"source": 3420})
    run = planned.apply("runs/moorea")                              # or coralrun.open("runs/moorea"), at any time
    run.predictions                                                 # a DataFrame, one row a point

Rule: everything here does what a command does, by the same code, with the same checks, messages and files. A run is its
directory; an object here holds nothing that is not on disk, and reads a run that is going on as well as one that is
over. Errors are those of `coralrun.errors`, each with its remedy.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from coralrun.accuracy.judgement import tables
from coralrun.app import frames, survey_tables
from coralrun.app.accuracy import judge
from coralrun.app.address_life import foreseen
from coralrun.app.carry_out import go_on_with, resume, start
from coralrun.app.corrected_cover import correction_of
from coralrun.app.cover import fields_of, reader_of
from coralrun.app.export import export
from coralrun.app.export_options import GivenOptions, options_of
from coralrun.app.kept_reviews import load
from coralrun.app.paths import reaching
from coralrun.app.places import check_place
from coralrun.app.plan import make_plan
from coralrun.app.planned import Planned
from coralrun.app.run_directory import OpenRun, open_run
from coralrun.app.run_outline import outline_of
from coralrun.app.status import Summary, summarise
from coralrun.app.survey_file import SurveyFile, read_survey, survey_of
from coralrun.app.text import plan_lines, summary_lines
from coralrun.connection import Connection
from coralrun.console.printer import Printer
from coralrun.errors import UsageError
from coralrun.exports.registry import format_named
from coralrun.planning.model import FoundImage
from coralrun.review.whose_labels import Word
from coralrun.services import about_of, connect
from coralrun.spec.image_search import Search
from coralrun.spec.model import IMAGE, PRODUCTION, CoralNetSource
from coralrun.store import run as run_store
from coralrun.store.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlannedRun", "Run", "images", "open", "plan"]

SURVEY = "survey.yaml"
"""What messages call a survey that was made here."""


def open(directory: str | Path) -> Run:  # noqa: A001 - `coralrun.open`, as people say it
    """Open a run; fine while another process works on it."""
    return Run(Path(directory))


def images(source: int, *, service: str = PRODUCTION, image_name: str = "") -> pd.DataFrame:
    """List the images of a CoralNet source: `name`, `image_id`, `image_page`, `source`.

    `image_name` is CoralNet's own search: words that the name must contain. A public source needs no account.
    """
    import pandas as pd

    printer = Printer()
    connection = connect(service, {})
    try:
        wanted = CoralNetSource(source=source, search=Search(image_name=image_name))
        found = connection.sources.images(wanted, (), printer.doing, metadata=False)
    finally:
        connection.close()
    about = about_of(service)
    return pd.DataFrame(
        {
            "name": [image.name for image in found],
            "image_id": [image.image_id for image in found],
            "image_page": [about.page_of_image(image.image_id or 0) for image in found],
            "source": source,
        }
    )


def plan(
    images: pd.DataFrame | None = None,
    points: pd.DataFrame | Mapping[str, Any] | int | None = None,
    *,
    survey: str | Path | None = None,
    name: str = "notebook",
    **sections: Any,
) -> PlannedRun:
    """Plan a run from tables, or from a `survey` on disk, and say what it would cost; nothing is sent yet.

    `images`: a DataFrame with `name` and `url`, of images that are public elsewhere, or one of `coralrun.images`; its
    further columns are metadata. `points`: a DataFrame of name, row and column, or a design as in a survey, or a number
    for a stratified one. `sections` are those of a survey: `classifier={"source": 3420}`, `service=`, `design=`,
    `cover=`, `run=`, `outputs=`. Raises InvalidInput with everything that is wrong at once.
    """
    found: dict[str, tuple[FoundImage, ...]] = {}
    if survey is not None:
        if images is not None or points is not None or sections:
            raise UsageError("a survey on disk says everything itself", remedy="Give tables, or a survey, not both.")
        file = read_survey(Path(survey))
    else:
        if images is None:
            raise UsageError("there is nothing to plan", remedy="Give images=, a DataFrame, or survey=, a path.")
        made = survey_tables.from_frames(images, points, name=name, sections=sections)
        file = survey_of(SURVEY, json.dumps(made.survey, indent=1).encode(), Path(), given=made.files)
        found = made.found
    connection = _connect(file)
    try:
        planned = make_plan(file, connection, Printer().doing, found)
        return PlannedRun(file, foreseen(planned, connection.clock.wall_s()))
    finally:
        connection.close()


def _connect(file: SurveyFile, *, must_have_account: bool = False) -> Connection:
    return connect(file.survey.service, file.survey.options, must_have_account=must_have_account)


class PlannedRun:
    """What a run would do. It shows itself in a notebook; `apply` carries it out."""

    def __init__(self, file: SurveyFile, planned: Planned) -> None:
        self._file = file
        self._planned = planned

    @property
    def survey(self) -> dict[str, Any]:
        """The survey with every default written out."""
        return self._file.resolved

    @property
    def images(self) -> pd.DataFrame:
        """The images of the plan, in its order."""
        import pandas as pd

        plan = self._planned.plan
        rows = [
            (image.source, image.name, image.points, *(image.metadata or [""] * len(plan.fields)))
            for image in plan.images
        ]
        return pd.DataFrame(rows, columns=["source", "name", "points", *plan.fields])

    def apply(self, run_dir: str | Path | None = None) -> Run:
        """Carry it out, or go on with it, until every image is over; returns the run.

        Interrupting the kernel stops it, and calling this again goes on. Without `run_dir` it goes where the survey's
        `outputs` say: `runs/NAME`. Raises SurveyChanged where another survey's run is there.
        """
        directory = Path(run_dir if run_dir is not None else self._file.directory)
        printer = Printer()
        with reaching(directory):
            started = run_store.exists(Layout(directory))
        if started:
            go_on_with(directory, self._file, None, printer)
            return Run(directory)
        with reaching(directory):
            check_place(Layout(directory))
        connection = _connect(self._file, must_have_account=True)
        try:
            start(directory, self._planned, self._file, connection, True, printer)
        finally:
            connection.close()
        return Run(directory)

    def __repr__(self) -> str:
        return "\n".join(plan_lines(self._planned))

    def _repr_html_(self) -> str:
        return _as_html(repr(self))


class Run:
    """A run, read from its directory whenever it is asked: also while it goes on. It shows itself in a notebook."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._opened()

    def _opened(self) -> OpenRun:
        with reaching(self.directory):
            return open_run(self.directory)

    @property
    def summary(self) -> Summary:
        """How it stands."""
        with reaching(self.directory):
            return summarise(outline_of(self.directory))

    @property
    def predictions(self) -> pd.DataFrame:
        """One row a point, in plan order; `attrs["partial"]` says whether images are still to come."""
        return frames.predictions(self._opened())

    @property
    def images(self) -> pd.DataFrame:
        """One row an image: what is known of it, and what became of it."""
        return frames.images(self._opened())

    @property
    def failures(self) -> pd.DataFrame:
        """The images without predictions, and why."""
        found = self.images
        return found[found["standing"].isin(["failed", "skipped"])].reset_index(drop=True)

    def cover(self, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Cover in percent, by label and by every level of the groups; of the whole survey, or of each value of `by`.

        `by` is a metadata field or several, in any case, or `"image"`. There is an interval only where the survey names
        a design unit; `method` says how, or why there is none. See `coralrun.cover.reader` for the columns.
        """
        opened = self._opened()
        reader = reader_of(opened)
        fields: list[str] = []
        if isinstance(by, str) and by.casefold() == IMAGE:
            found = reader.images()
        else:
            fields = fields_of(opened.plan, [by] if isinstance(by, str) else list(by or ()))
            found = reader.by(fields)
        found.attrs.update(partial=not opened.state.finished_at, notes=reader.notes_by(fields))
        return found

    @property
    def reviewed(self) -> pd.DataFrame:
        """One row a point that people reviewed, their label beside the machine's."""
        opened = self._opened()
        return frames.reviewed(opened, load(opened))

    @property
    def corrected_cover(self) -> pd.DataFrame:
        """Cover corrected by the audit, whole and by stratum; empty where nobody has reviewed an audit yet."""
        return correction_of(self._opened())

    def accuracy(
        self, truth: str | Path, *, allow_in_sample: bool = False, labelled_by: str = ""
    ) -> dict[str, pd.DataFrame]:
        """The machine against labels that people gave: tables of `cover` (the bias first), `points` and `confusion`.

        `labelled_by="people"` says it of a table without a column that does. Raises UsageError where nobody says it,
        and where all of the labels may have trained the classifier, unless those are allowed.
        """
        import pandas as pd

        found = tables(judge(self._opened(), Path(truth), allow_in_sample=allow_in_sample, word=Word(labelled_by)))
        return {
            table.file.removeprefix("accuracy_").removesuffix(".csv"): pd.DataFrame(rows, columns=list(columns))
            for table, columns, rows in found
        }

    def export(
        self,
        name: str,
        out: str | Path,
        *,
        source: str | None = None,
        partial: bool = False,
        overwrite: bool = False,
        **options: Unpack[GivenOptions],
    ) -> Path:
        """Write it for another program, as `coralrun export --format NAME --out OUT` does; returns where it stands.

        `options` are the command's: `by=["site"]`, `fields={"locality": "station"}` for `--field`,
        `values={"datasetID": "0300"}` for `--set`, `rates="rates.csv"`; see `GivenOptions`. What must be known of the
        file is printed. A run that is not finished needs `partial`, and says PARTIAL in the name of what is written.
        """
        wanted, asked, place = format_named(name), options_of(**options), Path(out)
        with reaching(place):
            done = export(self._opened(), wanted, asked, out=place, source=source, partial=partial, overwrite=overwrite)
        Printer().lines(done.notes)
        return done.path

    def resume(self) -> Run:
        """Go on with it, if it is not over."""
        resume(self.directory, Printer())
        return self

    def __repr__(self) -> str:
        return "\n".join(summary_lines(self.summary))

    def _repr_html_(self) -> str:
        return _as_html(repr(self))


def _as_html(text: str) -> str:
    """Lines as a notebook shows them; names and reasons in them come from outside."""
    return f"<pre>{html.escape(text)}</pre>"
