"""Taking back what people said about a run.

Rule: what people hand in is kept as it is before anything is made of it. A label counts if the run knows it: because
the classifier gave it anywhere, the label groups list it, or the annotations that the run keeps of its sources have it.
Any other is held back with its rows until somebody accepts it by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from coralrun.app.answers.kept_reviews import load, read_imports, read_records
from coralrun.app.answers.other_points import other_points
from coralrun.app.answers.outputs import write_tables
from coralrun.app.run.run_directory import OpenRun, holding, unseal
from coralrun.app.survey.label_files import given_labels
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.planning.date_warnings import notes_on_days
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.labels import Labels as RunLabels
from coralrun.review.matching import Match, match
from coralrun.review.other_points import labelled_elsewhere
from coralrun.review.reviewed import Taken
from coralrun.review.whose_labels import NOTHING_SAID, PEOPLE, Labels, Word
from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.reading import AS_USUAL, ByOption
from coralrun.spec.suggest import suggestion
from coralrun.values.classified import LabelKey
from coralrun.values.phrases import of_which, typed


def take(
    opened: OpenRun,
    path: Path,
    clock: SystemClock,
    *,
    word: Word = NOTHING_SAID,
    reading: ByOption = AS_USUAL,
    accept: Sequence[str] = (),
) -> Taken:
    """Keep what people filled in (a file, a folder or a pattern), read all reviews again, and rebuild what is derived
    of a finished run.

    `accept` are labels of the file that count although the run does not know them. Raises InvalidInput for a file that
    is no review, UsageError for one of which nobody says that people labelled it. Takes the run's lock.
    """
    given, labels = given_labels(path, reading, word)
    people = [row for row in labels.rows if row.is_persons]
    if not people:
        raise _nothing(path, labels)
    _check_accepted(path, people, accept)
    pairs, codes = _matched(opened, path, people)
    with holding(opened.layout):
        if opened.state.finished_at:
            unseal(opened.layout, opened.disk)
        added = opened.reviews.add_import(
            given.name,
            clock.utc(),
            given.data,
            reading=reading,
            labelled_by=PEOPLE if labels.taken else "",
            accepted={*accept, *_known_beside_the_classifiers(opened, people)},
            counts_anew=lambda: _says_otherwise(opened, pairs, codes),
        )
        if opened.state.finished_at:
            write_tables(opened)
    reviews = load(opened)
    outcome = next(outcome for outcome in reviews.outcomes if outcome.number == added.number)
    return Taken(outcome, reviews, labels.said, (*given.notes, *notes_on_days(row.date for row in people)))


def _nothing(path: Path, labels: Labels) -> UsageError:
    machines = [row for row in labels.rows if row.is_machines]
    if not machines:
        return UsageError(f"{path}: no row has a person's label yet", remedy="Fill in the column `label_code` first.")
    column = machines[0].given_by_column
    return UsageError(
        f"{path}: no row has a person's label: {of_which(len(machines), 'is', 'are')} a machine's, "
        f"as the column `{column}` says",
        remedy="Import what people labelled.",
    )


def _matched(
    opened: OpenRun, path: Path, people: Sequence[LabelledPoint]
) -> tuple[tuple[Match, ...], Mapping[LabelKey, str]]:
    """The rows beside the points of the run, and the labels that its classifier gave.

    Raises UsageError where no row is of a point that the run has, or had when it was drawn: it is a review of another
    one.
    """
    (matched,), codes = match(opened.plan, opened.blocks(), [people], opened.sizes)
    if matched.pairs or labelled_elsewhere(people, other_points(opened, read_records(opened))):
        return matched.pairs, codes
    first = matched.unmatched[0] if matched.unmatched else None
    why = "" if first is None else f" (the first: {first.human.name}: {first.why})"
    raise UsageError(
        f"{path}: no row is of a point of {opened.layout.root}{why}; nothing was taken",
        remedy="Name the run that it was drawn from: coralrun review import RUN FILE.",
    )


def _says_otherwise(opened: OpenRun, pairs: Iterable[Match], codes: Mapping[LabelKey, str]) -> bool:
    """Whether a file labels a point otherwise than it stands in the reviews: handed in again, it goes back."""
    stands = {(point.image, point.point): point.human for point in load(opened).points}
    labels = RunLabels(codes, read_imports(opened).accepted)
    said = (((pair.image, pair.point), labels.of(pair.human)) for pair in labels.taken(pairs))
    return any(stands.get(place, label) != label for place, label in said)


def _check_accepted(path: Path, people: Iterable[LabelledPoint], accept: Iterable[str]) -> None:
    """Raise UsageError for a label that no row has: it would be accepted in vain."""
    there = {text for row in people for text in _texts(row)}
    for label in accept:
        if label not in there:
            meant = suggestion(label, there)
            raise UsageError(
                f"--accept-labels {typed(label)}: no row of {path} that people labelled has it",
                remedy=f"Did you mean `{meant}`?" if meant else "Write the label as it stands in the file.",
            )


def _known_beside_the_classifiers(opened: OpenRun, people: Iterable[LabelledPoint]) -> Iterator[str]:
    """The labels of a file that the run knows from its label groups, or from the annotations that it keeps."""
    groups = opened.plan.analysis.groups
    ids = {label for group in groups.groups for label in group.labels} if groups else set()
    ids |= {label for label, _ in groups.duplicates} if groups else set()
    codes = {code for group in groups.groups for code in group.codes} if groups else set()
    disk = opened.disk
    for name in disk.names(opened.folder.inputs):
        if name.startswith("annotations-"):
            for row in read_labelled(name, disk.read(opened.folder.inputs / name)):
                codes.add(row.label_code)
                ids |= set() if row.label_id is None else {row.label_id}
    for row in people:
        if row.label_id in ids or (row.label_id is None and row.label_code in codes):
            yield row.label_code or str(row.label_id)


def _texts(row: LabelledPoint) -> tuple[str, ...]:
    """How a row's label may be written."""
    return tuple(text for text in (row.label_code, "" if row.label_id is None else str(row.label_id)) if text)
