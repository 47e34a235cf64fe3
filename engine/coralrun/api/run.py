"""Runs in Python: opened, written for other programs, and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.api.reviewed_run import ReviewedRun
from coralrun.api.shown import ShownPhoto
from coralrun.api.stopped import raise_if_stopped
from coralrun.app.answers.export import export
from coralrun.app.answers.export_options import GivenOptions, options_of
from coralrun.app.answers.report import write_anew
from coralrun.app.answers.show import write as draw_photo
from coralrun.app.applying.apply import resume
from coralrun.app.applying.retrying import retry, retry_of
from coralrun.app.run.paths import reaching
from coralrun.exports.registry import format_named


@in_python
def open(directory: str | Path) -> Run:  # noqa: A001 - `coralrun.open`, as people say it
    """Open a run; fine while another process works on it.

    Parameters
    ----------
    directory
        The directory of the run.

    Returns
    -------
    Run
        The run, as it stands whenever it is asked.

    Raises
    ------
    UsageError
        The directory holds no run.
    RunDamaged
        A file of the run is not what coralrun wrote.

    Examples
    --------
    >>> run = coralrun.open("runs/reef")
    >>> len(run.predictions)
    60
    """
    return Run(Path(directory))


class Run(ReviewedRun):
    """A run, as `coralrun.open` and `PlannedRun.apply` give it; it shows itself in a notebook.

    It is read from its directory whenever it is asked, also while it goes on: every table is of that moment. All that
    reads raises RunDamaged where a file of the run is not what coralrun wrote.

    Attributes
    ----------
    directory : Path
        The directory of the run.

    Examples
    --------
    >>> coralrun.open("runs/reef")
    reef: finished
      images  6 = 6 succeeded + 0 failed + 0 skipped
      points  60 in = 60 predicted + 0 failed + 0 skipped
      ...
    """

    @in_python
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
        """Write it for another program, as `coralrun export --format NAME --out OUT` does.

        What must be known of the file is printed.

        Parameters
        ----------
        name
            The format: see docs/exports.md.
        out
            The file or folder to write.
        source
            The one source whose images are written, such as `"coralnet:3420"`; all without it.
        partial
            Write a run that is not finished too; the name of what is written then says PARTIAL.
        overwrite
            Write over an earlier export.
        **options
            The command's, such as `by=["site"]`, `fields={"locality": "station"}` for `--field`, `rates="rates.csv"`;
            docs/exports.md has them all.

        Returns
        -------
        Path
            Where it stands.

        Raises
        ------
        UsageError
            There is no such format, an option is wrong, or something is there already; or the run is not finished.
        TypeError
            There is no such option.

        Examples
        --------
        >>> run = coralrun.open("runs/reef")
        >>> written = run.export("matrix", "matrix.csv", by="site")
        NOT REAL: ...
        people's reviews are not in this file: it says what the classifier says
        >>> written.read_text().splitlines()[0]
        'site,Sand,Rubble,Turf,CCA,Macro,SC,Porit,Acrop'
        """
        wanted, asked, place = format_named(name), options_of(**options), Path(out)
        with reaching(place):
            done = export(self._opened(), wanted, asked, out=place, source=source, partial=partial, overwrite=overwrite)
        with self._telling() as reporter:
            reporter.lines(done.notes)
        return done.path

    @in_python
    def report(self, out: str | Path | None = None, *, thumbnails: int | None = None) -> Path:
        """Write its report anew: the answer, as one HTML file that opens without a network.

        Parameters
        ----------
        out
            The file to write; without it `report/index.html` of the run.
        thumbnails
            How many photos it shows; without it as many as the survey says.

        Returns
        -------
        Path
            Where it stands.

        Raises
        ------
        UsageError
            Something else is there.

        Examples
        --------
        >>> coralrun.open("runs/reef").report().as_posix()
        'runs/reef/report/index.html'
        """
        with self._telling() as reporter:
            return write_anew(self._opened(), None if out is None else Path(out), thumbnails, reporter)[0]

    @in_python
    def show(self, image: str, out: str | Path | None = None) -> ShownPhoto:
        """Draw the points and labels of one photo on it; a notebook shows the picture.

        Parameters
        ----------
        image
            The name of one of its images.
        out
            A .jpg or .png; without it a file in `report` of the run.

        Returns
        -------
        ShownPhoto
            Where the picture stands, and what is on it.

        Raises
        ------
        UsageError
            It has no such image, its photo is gone or damaged, or the picture cannot be written there.
        CredentialsError
            The account may not see the photo.
        ServiceError
            The photo cannot be had now.

        Examples
        --------
        >>> shown = coralrun.open("runs/reef").show("reef_site1_5m_t1_q01_20240612.jpg")
        >>> shown.points
        10
        """
        with self._telling() as reporter:
            path, picture = draw_photo(self._opened(), image, None if out is None else Path(out), reporter)
        return ShownPhoto(path, picture.points, picture.labels, picture.note)

    @in_python
    def resume(self) -> Run:
        """Go on with it, if it is not over.

        Returns
        -------
        Run
            This run.

        Raises
        ------
        LockedError
            Another process works on it.
        CredentialsError, ServiceError, DiskError
            It cannot go on. What is done is kept, and `resume` goes on once that is mended.
        KeyboardInterrupt
            It was interrupted. What is done is kept, and `resume` goes on.

        Examples
        --------
        >>> run = coralrun.open("runs/reef").resume()
        runs/reef is finished; there is nothing to do.
        ...
        """
        with self._telling() as reporter:
            code = resume(self.directory, reporter)
        raise_if_stopped(code, self.directory)
        return self._told()

    @in_python
    def retry(self, reason: str | Sequence[str] = ()) -> Run:
        """Try the images again that failed or were skipped, with fresh attempts, and go on with the run.

        As `coralrun apply SURVEY --retry-failed` does, with the survey as the run has it. What succeeded is not sent
        again.

        Parameters
        ----------
        reason
            Only the images that ended so: the short names of reasons, such as `"not-found"`; all without it.

        Returns
        -------
        Run
            This run.

        Raises
        ------
        UsageError
            There is no such reason; all that there are stand in its remedy.
        LockedError
            Another process works on it.
        CredentialsError, ServiceError, DiskError
            It cannot go on. What is done is kept, and `resume` goes on once that is mended.
        KeyboardInterrupt
            It was interrupted. What is done is kept, and `resume` goes on.

        Examples
        --------
        >>> run = coralrun.open("runs/reef").retry(reason="host-unreachable")
        No image is to be tried again.
        runs/reef is finished; there is nothing to do.
        ...
        """
        with self._telling() as reporter:
            code = retry(self.directory, retry_of(True, texts(reason)), reporter)
        raise_if_stopped(code, self.directory)
        return self._told()
