"""What people labelled on a run's photos in their CoralNet source: fetched with the account, and kept beside the run.

Rule: there is one file of the photos of a source, as it came; those that are fetched later take its place, whole.
Nothing in the run, or in the source, is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from coralrun.app.reach import reach, say_wait
from coralrun.app.reporter import Reporter
from coralrun.app.run.labels_file import labels_file
from coralrun.app.run.photos_there import photos_in, sources_of
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Connection
from coralrun.errors import UsageError
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.whose_labels import OPTION
from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.reading import AS_USUAL
from coralrun.values.phrases import count, typed


class FetchedLabels(NamedTuple):
    """The file that labels are kept in, what they are `of`, and whether any may judge: none of a machine may."""

    file: Path
    of: str
    may_judge: bool


def fetched_labels(opened: OpenRun, reporter: Reporter) -> FetchedLabels:
    """Fetch the labels of the run's photos from the sources that they are in, and keep them.

    Raises UsageError where no photo is in a source, CredentialsError or ServiceError.
    """
    images = {source: sorted(photos_in(opened, source).values()) for source in sources_of(opened)}
    images = {source: ids for source, ids in images.items() if ids}
    if not images:
        raise UsageError(
            f"no photo of {opened.layout.root} is known to be in a source, so none can be asked for labels",
            remedy="Give --truth a file of labels that people gave.",
        )
    connection = reach(opened.plan.service, opened.plan.options, reporter, must_have_account=True)
    try:
        return _kept(opened, images, connection, reporter)
    finally:
        connection.close()


def _kept(opened: OpenRun, images: dict[int, list[int]], connection: Connection, reporter: Reporter) -> FetchedLabels:
    say_wait(connection, reporter)
    table = connection.sources.labels(images, reporter.doing)
    of = f"{count(sum(map(len, images.values())), 'photo')} in source {', '.join(map(str, images))}"
    path = labels_file(opened.layout.root, images)
    rows = read_labelled(path.name, table, AS_USUAL, lambda note: None)
    was = ", in place of those that were fetched before" if path.exists() else ""
    opened.disk.replace_private(path, table)
    may_judge = not all(row.is_machines for row in rows)
    use = f"--truth {typed(path)} judges by them" if may_judge else "they say which were annotated, and when"
    reporter.say(f"{fetched_said(rows, of)} are kept in {path}{was}: {use}.")
    return FetchedLabels(path, of, may_judge)


def fetched_said(rows: Sequence[LabelledPoint], of: str) -> str:
    """How many labels may judge, on how many of the photos that were asked for: people's, and those that are people's
    where the person who judges says so."""
    unsaid_words = f"of which nothing says who gave them, people's where {OPTION} is said,"
    kinds = {
        "of people": [row.name for row in rows if row.is_persons],
        unsaid_words: [row.name for row in rows if row.is_unsaid],
    }
    found = {words: names for words, names in kinds.items() if names} or {"of people": []}
    return " and ".join(
        f"{count(len(names), 'label')} {words} on {len(set(names)):,} of {of}" for words, names in found.items()
    )
