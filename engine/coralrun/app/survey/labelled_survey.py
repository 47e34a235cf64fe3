"""Cover of a file of people's points: what such a file is as a survey, read by the code that reads a run's cover.

Rule: the images are those of the file, for it knows no others. What is known of them are the columns in which all rows
of an image agree, and what the survey says (`metadata`, `design`, `cover`); what is run need not stand in that survey
and is not looked at, its filters and its sample neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coralrun.app.survey.analysis import analysis_of
from coralrun.app.survey.label_files import LabelFile, given_labels
from coralrun.app.survey.named_files import files_at
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.cover.peoples import PeoplesPoints, points_of
from coralrun.cover.reader import Reader
from coralrun.cover.tables import NOTES, R_SCRIPT, lines, notes, overall, r_script
from coralrun.errors import InvalidInput, UsageError
from coralrun.files.written import Table
from coralrun.planning.date_warnings import date_warnings
from coralrun.planning.images import FoundImage, PlannedImage
from coralrun.planning.lacking import unread, unread_warnings, without_row
from coralrun.planning.metadata import Gathered, MetadataTable, gather
from coralrun.planning.model import Analysis, Classifier, Plan
from coralrun.review.whose_labels import NOTHING_SAID, Word
from coralrun.service.about import AboutService
from coralrun.sources import archive, cpce, point_columns
from coralrun.sources.labelled_file import COLUMNS
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.reading import AS_USUAL, ByOption
from coralrun.spec.model import ManifestSource, Metadata, Reading
from coralrun.spec.templates import Templates, templates_in
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.ids import sha256_hex

_OF_POINTS: Final = frozenset(
    heading for column in (*point_columns.NEEDED.values(), COLUMNS["Label"], COLUMNS["Label ID"]) for heading in column
)
"""What columns of a point's place and label are called: where all rows agree in one, it is chance."""
_PEOPLE: Final = AboutService(name="people", described="People", labelled_by="people")


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledSurvey:
    """A file of people's points as a survey: its images as a plan, its points, and what reads their cover.

    `notes` are what must be said beside the reader's own. `file` and `survey` are the names of both, the latter "" for
    none, each with its SHA-256.
    """

    file: str
    sha256: str
    survey: str
    survey_sha256: str
    plan: Plan
    points: PeoplesPoints
    reader: Reader
    notes: tuple[str, ...]


def is_labels(path: Path | None) -> bool:
    """Whether a path stands for files of labels and for no run: a file, a pattern, a folder with files of CPCe."""
    if path is None or run.exists(Layout(path)):
        return False
    if path.is_dir():
        return any(file.suffix.lower() == cpce.SUFFIX for file in files_at(path) or ())
    return path.exists() or files_at(path) is not None


def read_labelled_survey(
    path: Path, survey: SurveyFile | None = None, *, word: Word = NOTHING_SAID, reading: ByOption = AS_USUAL
) -> LabelledSurvey:
    """Read what people labelled as a survey whose design, groups and metadata `survey` names.

    Raises InvalidInput with every problem of a file, UsageError where no person labelled a point, nobody says who did,
    or a label is in no group.
    """
    given, labels = given_labels(path, reading, word)
    points = points_of(labels.rows)
    if not points.names:
        why = "".join(f"; {note}" for note in points.notes)
        remedy = "Give a file of points that people labelled."
        raise UsageError(f"{path}: no row has a person's label{why}", remedy=remedy)
    warnings: list[str] = []
    plan = _plan(path, given, reading, points, survey, warnings)
    if survey is not None:
        plan = replace(plan, analysis=_without_scores(analysis_of(survey, plan), warnings))
    said = f"{labels.said[0].upper()}{labels.said[1:]}" if labels.said else ""
    reader = Reader(points.counts, plan, plan.analysis)
    of_file = (
        "The file has no photo without a labelled point, so none counts as failed",
        *([said] if said else []),
        *given.notes,
        *points.notes,
        *warnings,
    )
    return LabelledSurvey(
        file=given.name,
        sha256=sha256_hex(given.data),
        survey="" if survey is None else Path(survey.survey.wording.file).name,
        survey_sha256="" if survey is None else sha256_hex(next(iter(survey.written.values()))),
        plan=plan,
        points=points,
        reader=reader,
        notes=of_file,
    )


def _without_scores(analysis: Analysis, warnings: list[str]) -> Analysis:
    """The analysis without what needs scores, or a sample of images."""
    if analysis.cover.min_confidence is not None:
        warnings.append("People give no scores: `cover.min_confidence` is not used")
    return replace(analysis, cover=replace(analysis.cover, min_confidence=None), drawn_by=None)


def _plan(
    path: Path,
    given: LabelFile,
    reading: ByOption,
    points: PeoplesPoints,
    file: SurveyFile | None,
    warnings: list[str],
) -> Plan:
    """The images of the file, with all that is known of them."""
    wanted = Metadata() if file is None else file.survey.metadata
    own = _own_metadata(given, reading)
    rows = {} if own is None else own.rows
    fields = () if own is None else own.fields
    nothing = ("",) * len(fields)
    source = ManifestSource(path=path.as_posix())
    found = [FoundImage(name=name, fields=fields, metadata=rows.get(name, nothing)) for name in points.names]
    templates = templates_in(wanted)
    table = _table(file, warnings)
    gathered = gather([(source, found)], table, templates, wanted)
    images = gathered.images
    warnings += [*gathered.warnings, *gathered.near_misses, *_without_metadata(gathered, table, templates)]
    warnings += unread_warnings(gathered, images, templates)
    warnings += date_warnings(gathered.fields, images)
    totals = points.counts.total.tolist()
    return Plan(
        name=path.absolute().stem,
        service=_PEOPLE.name,
        survey_digest="",
        classifier=Classifier(id=_PEOPLE.name),
        images=tuple(
            PlannedImage(
                key=f"{source.label}/{image.name}",
                source=source.label,
                name=image.name,
                points=total,
                metadata=image.metadata,
            )
            for image, total in zip(images, totals, strict=True)
        ),
        fields=gathered.fields,
        design=None,
        batch_size=1,
        concurrency=1,
        attempts=1,
        about=_PEOPLE,
    )


def _own_metadata(given: LabelFile, reading: ByOption) -> MetadataTable | None:
    """What the columns of a table of labels say of its images, None where they say nothing or it is no table."""
    if any(row.paths for row in given.rows) or given.name.lower().endswith(archive.ENDING):
        return None
    name = {"name": reading.columns["name"]} if "name" in reading.columns else {}
    try:
        table = read_metadata(
            given.name, given.data, Reading(encoding=reading.encoding, sheet=reading.sheet, columns=name)
        )
    except InvalidInput:
        return None
    kept = [place for place, field in enumerate(table.fields) if field.casefold() not in _OF_POINTS]
    rows = {image: tuple([row[place] for place in kept]) for image, row in table.rows.items()}
    return MetadataTable(table.label, tuple(table.fields[place] for place in kept), rows)


def _table(file: SurveyFile | None, warnings: list[str]) -> MetadataTable | None:
    if file is None or file.survey.metadata.table is None:
        if file is not None and file.survey.metadata.coralnet:
            warnings.append("Metadata from CoralNet are not used, which knows nothing of these photos")
        return None
    metadata = file.survey.metadata
    table = metadata.table or ""
    return read_metadata(table, file.read[table], metadata, warnings.append)


def _without_metadata(gathered: Gathered, table: MetadataTable | None, templates: Templates | None) -> Iterator[str]:
    images = gathered.images
    for names, what in (
        (without_row(gathered, images, table), "have no row in the table of metadata"),
        (unread(gathered, images, templates), "have names that do not follow `metadata.from_names`"),
    ):
        if names:
            shown = ", ".join(f"`{name}`" for name in sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
            yield f"Photos that {what}: {len(names):,} ({shown})"


def write_tables(found: LabelledSurvey, folder: Path) -> list[Path]:
    """Write the tables of cover into a folder, each row with who labelled; the files written."""
    disk, reader = Disk(), found.reader
    disk.make_directory(folder, shared=True)
    frames = {Table.COVER: overall(reader), Table.COVER_UNITS: reader.units(), Table.COVER_IMAGES: reader.images()}
    written = []
    for table, frame in frames.items():
        if table is Table.COVER or not frame.empty:
            written.append(folder / table.file)
            disk.replace_from(written[-1], lines(table, frame.assign(labelled_by=found.points.labelled_by)))
    written.append(folder / R_SCRIPT)
    disk.replace(written[-1], r_script())
    written.append(folder / NOTES)
    disk.replace_from(written[-1], notes([f"Labelled by {found.points.labelled_by}", *found.notes, *reader.notes]))
    return written
