"""When the images of the classifier's own source were annotated: by the exports of annotations that are at hand.

Rule: a run keeps the export of a source whose own points it took, which is of all its images there; a newer one may be
given beside it. The table that --from-source kept, after the plan in force was made, is of all its photos there, and
tells of no other run's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from coralrun.accuracy.training import Absence, History, histories
from coralrun.app.run.labels_file import is_of_another_run, kept_since
from coralrun.app.run.run_directory import OpenRun
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.sources.labelled_file import read_labelled


def histories_of(
    opened: OpenRun, labelled: Iterable[LabelledPoint] = (), annotations: Path | None = None
) -> dict[int, History]:
    """What is known of each image of the classifier's own source; `labelled` are the rows of a table that is to judge.

    Raises InvalidInput or UsageError for an export that cannot be read.
    """
    kept = _kept(opened)
    exported = [row for path in kept for row in read_labelled(path.name, opened.disk.read(path))]
    absence = Absence.KNOWN if kept else Absence.NOTHING
    if annotations is not None:
        if not kept and not is_of_another_run(annotations, opened.layout.root):
            absence = Absence.TRUSTED
        try:
            exported += read_labelled(annotations.name, read_given(annotations))
        except OSError as error:
            raise UsageError(
                f"{annotations}: {error.strerror or error}",
                remedy="Give --annotations the table that CoralNet exports of the source's annotations.",
            ) from error
    return histories(opened.plan, labelled, exported if kept or annotations is not None else None, absence)


def _kept(opened: OpenRun) -> list[Path]:
    """The exports that are of all images of the run in the classifier's own source."""
    source = opened.plan.classifier.source
    name = f"annotations-{source}.csv"
    own = [opened.folder.inputs / name] if name in opened.disk.names(opened.folder.inputs) else []
    return own + kept_since(opened.layout, opened.disk, opened.state.plan, source)


def untrained(of_own_source: dict[int, History]) -> frozenset[int]:
    """The images that are known not to have trained the classifier."""
    return frozenset(image for image, history in of_own_source.items() if not history.may_have_trained)
