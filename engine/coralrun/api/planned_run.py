"""Runs from tables, or from a survey on disk: planned and looked at before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from coralrun.api.in_python import in_python
from coralrun.api.nameless import SURVEY, called_as, named_after, place_in
from coralrun.api.run import Run
from coralrun.api.shown import Shown
from coralrun.api.stopped import raise_if_stopped
from coralrun.app.applying.apply import ApplyOptions, change, start
from coralrun.app.applying.where import place_of_survey
from coralrun.app.beforehand.address_life import foreseen
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.beforehand.planned import Planned
from coralrun.app.beforehand.text import plan_lines
from coralrun.app.run.paths import reaching
from coralrun.app.run.places import check_place
from coralrun.app.survey import survey_tables
from coralrun.app.survey.resources import SURVEY_SCHEMA, schema
from coralrun.app.survey.said_in_python import of_arguments
from coralrun.app.survey.survey_file import SurveyFile, read_survey, survey_of
from coralrun.connection import Connection
from coralrun.console.notebook import telling
from coralrun.errors import UsageError
from coralrun.planning.images import FoundImage
from coralrun.reaching import Progress
from coralrun.services import connect
from coralrun.spec.suggest import suggestion
from coralrun.store import run as run_store
from coralrun.store.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

_ARGUMENTS = ("images", "points", "survey", "name")
_NAMELESS = "notebook"
_ALL_LISTED = re.compile(r" +coralnet:\d+: names_from: ")
"""That the images of a source which are named are those of the table: it is what was found."""


@in_python
def plan(
    images: pd.DataFrame | None = None,
    points: pd.DataFrame | Mapping[str, Any] | int | None = None,
    *,
    survey: str | Path | None = None,
    name: str = "",
    **sections: Any,
) -> PlannedRun:
    """Plan a run from tables, or from a survey on disk, and say what it would cost; nothing is sent yet.

    Parameters
    ----------
    images
        Images that are public elsewhere, by `name` and `url`, or images that `coralrun.images` listed. Further columns
        are metadata.
    points
        A table of `name`, `row` and `column` (pixels, from 0), or a design as a survey has it, or how many points each
        image has in a stratified one.
    survey
        The path of a survey, which says everything itself; then there is nothing else to give.
    name
        What the run is called; without a directory of its own it goes to `runs/NAME`. Without a name it is called as
        the directory that `apply` is given or `outputs` name, or `notebook` where that has no letter a to z or digit.
    **sections
        The other sections of a survey: `classifier={"source": 3420}`, `service=`, `design=`, `cover=`, `run=`,
        `outputs=`; in place of `images`, `sources=[{"folder": "photos", "upload_to": {"coralnet": 3420}}]`.

    Returns
    -------
    PlannedRun
        What the run would do.

    Raises
    ------
    UsageError
        There is nothing to plan, or a survey and tables, or images and sources; or the survey or a source is not there.
    InvalidInput
        Something is wrong in the survey or the tables; all of it at once.
    CredentialsError, ServiceError
        The service does not let the account see what is needed, or cannot be asked.

    Examples
    --------
    >>> planned = coralrun.plan(
    ...     images=photos,
    ...     points=10,
    ...     name="reef",
    ...     service="emulator",
    ...     classifier={"source": 1},
    ...     design={"unit": "site"},
    ...     run={"patience": "1s"},  # how long it waits before it looks; leave it out at the real CoralNet
    ... )
    >>> planned
    Plan for reef, at emulator
      images      6
        coralnet:1: found: 6
      units       3 by site, with their images (site1: 2, site2: 2, site3: 2)
                  3 units alone: limits are wide with fewer than 5, however little these differ
      points      60 (10 an image)
      classifier  13, accuracy 93 % on its source's own test, trained ...
      batches     1 of at most 100 images; ...
      ...
    """
    if survey is not None:
        if images is not None or points is not None or sections:
            raise UsageError("a survey on disk says everything itself", remedy="Give tables, or a survey, not both.")
        return _planned(read_survey(Path(survey)), {})
    if images is None and not sections.get("sources"):
        raise UsageError(
            "there is nothing to plan",
            remedy="Give images=, a DataFrame, or sources=, a list as a survey has it, or survey=, a path.",
        )
    if images is not None and sections.get("sources"):
        raise UsageError("images= and sources= both say what is classified", remedy="Give one of them.")
    for key in sections:
        if key not in schema(SURVEY_SCHEMA)["properties"] and (meant := suggestion(key, _ARGUMENTS)) is not None:
            raise UsageError(f"there is no argument {key}=", remedy=f"Say {meant}=, if that is what you mean.")
    called = name or named_after(place_in(sections)) or _NAMELESS
    made = survey_tables.from_frames(images, points, name=called, sections=sections)
    with of_arguments(SURVEY, made.survey, made.tables, sources_are_images=images is not None):
        file = survey_of(SURVEY, made.survey, Path(), given=made.files)
        return _planned(file, made.found, is_nameless=not name)


def _planned(file: SurveyFile, found: Mapping[str, tuple[FoundImage, ...]], *, is_nameless: bool = False) -> PlannedRun:
    with telling() as reporter, closing(_connect(file, reporter.doing)) as connection:
        planned = make_plan(file, connection, reporter.doing, found)
        return PlannedRun(
            file, foreseen(planned, connection.clock.wall_s()), is_nameless=is_nameless, is_listed=bool(found)
        )


def _connect(file: SurveyFile, progress: Progress, *, must_have_account: bool = False) -> Connection:
    survey = file.survey
    return connect(survey.service, survey.options, must_have_account=must_have_account, progress=progress)


class PlannedRun(Shown):
    """What a run would do, as `coralrun.plan` makes it; it shows itself in a notebook, and `apply` carries it out.

    Examples
    --------
    >>> print(str(planned).splitlines()[0])
    Plan for reef, at emulator
    """

    def __init__(
        self, file: SurveyFile, planned: Planned, *, is_nameless: bool = False, is_listed: bool = False
    ) -> None:
        self._file = file
        self._planned = planned
        self._is_nameless = is_nameless
        self._is_listed = is_listed

    @property
    def _is_of_arguments(self) -> bool:
        return self._file.path is None

    @property
    def survey(self) -> dict[str, Any]:
        """The survey with every default written out.

        Returns
        -------
        dict
            The sections of a survey, in the words of its schema.

        Examples
        --------
        >>> planned.survey["classifier"]
        {'pick': 'newest', 'source': 1}
        """
        return self._file.resolved

    @property
    def images(self) -> pd.DataFrame:
        """The images of the plan, in its order.

        Returns
        -------
        DataFrame
            One row an image: `source`, `name`, `points` (how many), and a column for each field of metadata.

        Examples
        --------
        >>> planned.images.head(2)
               source                                name  points   site
        0  coralnet:1   reef_site1_5m_t1_q01_20240612.jpg      10  site1
        1  coralnet:1  reef_site1_10m_t1_q01_20240612.jpg      10  site1
        """
        import pandas as pd

        plan = self._planned.plan
        rows = [
            (image.source, image.name, image.points, *(image.metadata or [""] * len(plan.fields)))
            for image in plan.images
        ]
        return pd.DataFrame(rows, columns=["source", "name", "points", *plan.fields])

    @in_python
    def apply(
        self, run_dir: str | Path | None = None, *, cancelled: Event | None = None, take_over: bool = False
    ) -> Run:
        """Carry it out until every image is over; of a run that there is, send what differs alone.

        Interrupting the kernel stops it safely and raises KeyboardInterrupt; calling this again goes on. It works
        in any thread.

        Parameters
        ----------
        run_dir
            The directory of the run. Without it the run goes where the survey's `outputs` say: `runs/NAME`. Where none
            is there yet, and an unfinished one of the same survey stands elsewhere under `runs`, that one goes on.
        cancelled
            A `threading.Event`: once it is set the run stops, and is returned as it stands.
        take_over
            Whether a run that a survey made, or another survey, becomes one of this plan.

        Returns
        -------
        Run
            The run, which is over, unless `cancelled` was set: `summary.standing` says how it stands.

        Raises
        ------
        SurveyChanged
            A run of another name, of another survey, or at another service is there.
        UsageError
            The directory cannot be used.
        LockedError
            Another process works on this run.
        CredentialsError, ServiceError
            The service does not take the account, or is away for too long. What is done is kept: `apply` goes on.
        DiskError
            The directory cannot be written.
        KeyboardInterrupt
            It was interrupted. What is done is kept: `apply` goes on.

        Examples
        --------
        >>> run = planned.apply()
        reef: finished
          images  6 = 6 succeeded + 0 failed + 0 skipped
          points  60 in = 60 predicted + 0 failed + 0 skipped
          ...
        >>> run.directory.as_posix()
        'runs/reef'
        """
        directory = Path(run_dir) if run_dir is not None else self._place()
        with reaching(directory):
            started = run_store.exists(Layout(directory))
            if not started:
                check_place(Layout(directory))
        file, planned = self._file, self._planned
        if self._is_nameless and directory != Path(self._file.directory):
            file, planned = called_as(directory, file, planned)
        is_cancelled = cancelled.is_set if cancelled is not None else lambda: False
        with (
            self._telling(is_cancelled) as reporter,
            closing(_connect(self._file, reporter.doing, must_have_account=True)) as connection,
        ):
            if started:
                options = ApplyOptions(yes=True, take_over=take_over)
                code = change(directory, planned, file, connection, options, reporter)
            else:
                code = start(directory, planned, file, connection, True, reporter)
        if not is_cancelled():
            raise_if_stopped(code, directory)
        return Run(directory)._told()

    def _place(self) -> Path:
        with self._telling() as reporter:
            return place_of_survey(self._file, reporter, any_name=self._is_nameless)

    def __repr__(self) -> str:
        lines = [line for line in plan_lines(self._planned) if not (self._is_listed and _ALL_LISTED.match(line))]
        return "\n".join(map(self._said, lines))
