"""Exports: a run in, a file that another program reads out.

Rule: nothing of the run is changed, and no lock is needed: a run that goes on is read as it stands, if the person says
so, and then what is written says PARTIAL in its name. Nothing is written over unless the person says so, and then
neither what lies in a run nor a folder that holds anything but such an export. Predictions whose name ends in .parquet
are Parquet, as a run's own are; no other format is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun.app.answers.corrected_cover import frames_of
from coralrun.app.answers.cover import by_label_if_need_be
from coralrun.app.answers.kept_reviews import load, notes_of_labels
from coralrun.app.run.run_directory import OpenRun
from coralrun.errors import UsageError
from coralrun.exports.model import Export, ExportOptions, FolderExport, PersonsLabel, Results
from coralrun.exports.options import check_read
from coralrun.exports.registry import FORMATS, Format
from coralrun.files.written import Table
from coralrun.results import parquet, tables
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

PARTIAL = "PARTIAL"
PARQUET = ".parquet"
PREDICTIONS = "predictions"
LEFT_OUT = ".left-out.txt"
"""What the list of those that are left out adds to the name of the file that they are left out of."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where, whether from a part of the run, and what a person must know of it.

    `left_out` are the images that the format must not have; they stand in `left_out_file` too, None where there are
    none.
    """

    path: Path
    partial: bool
    notes: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    left_out_file: Path | None = None


def export(
    opened: OpenRun,
    wanted: Format,
    options: ExportOptions,
    *,
    out: Path | None,
    source: str | None = None,
    partial: bool = False,
    overwrite: bool = False,
) -> Exported:
    """Write a run in a format; UsageError where it is not finished, the place is taken, or the format needs more."""
    is_partial = not opened.state.finished_at
    _check_stage(opened, wanted, partial)
    results = results_of(opened, wanted, source)
    target = target_of(opened, wanted, out, is_partial)
    listed = target.parent / f"{target.name}{LEFT_OUT}"  # the folder `.` has no name that another could take
    for path in (target, listed):
        if path.exists():
            _check_may_go(path, overwrite)
    if not target.absolute().parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder", remedy="Give --out another place.")
    in_columns = _is_in_columns(wanted, target)
    is_folder = wanted.folder or in_columns
    if target.is_dir() != is_folder and target.exists():
        raise UsageError(f"{target}: {'a file' if is_folder else 'a folder'}", remedy="Give --out another place.")
    if is_folder and Path.cwd().is_relative_to(target.resolve()):
        raise UsageError(f"{target}: the folder that you work in", remedy="Give --out another place.")
    check_read(wanted.name, options, ExportOptions())
    made = wanted.make(results, options)
    left_out = () if isinstance(made, FolderExport) else tuple(made.left_out)
    if left_out:  # the list first, so that there is never a file without the list of what it lacks
        opened.disk.replace(listed, "".join(f"{name}\n" for name in left_out).encode("utf-8", errors="surrogatepass"))
        made.notes.append(f"all that is left out stands in {listed}")
    if in_columns and isinstance(made, Export):
        _write_columns(opened, target, made)
    else:
        _write(opened.disk, target, made)
    if not left_out:
        opened.disk.remove(listed)  # of what was written over
    return Exported(target, is_partial, (*results.notes, *made.notes), left_out, listed if left_out else None)


def _check_may_go(path: Path, overwrite: bool) -> None:
    """Raise UsageError for what is there already, unless it may be written over; what a run is made of never may."""
    if not overwrite:
        raise UsageError(f"{path}: there already", remedy="Give --out another place, or say --overwrite.")
    place = path.resolve()
    for folder in (place, *place.parents):
        if run.exists(Layout(folder)):
            raise UsageError(
                f"{path}: in the folder of a run, of which nothing is written over", remedy="Give --out another place."
            )


def _check_nothing_is_lost(folder: Path, fresh: Path) -> None:
    """Raise UsageError where a folder that is to be replaced holds a file that the fresh one does not."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_dir() and not (fresh / name).is_file():
            raise UsageError(
                f"{folder}: holds other files ({name.as_posix()}), which would be lost",
                remedy="Give --out another place.",
            )


def write_asked_for(opened: OpenRun) -> None:
    """Write those exports that the survey asks for under `outputs`, and take away those that it no longer does."""
    disk = opened.disk
    for format_ in FORMATS:
        if not format_.output or format_.is_table:
            continue
        path = opened.layout.outputs / format_.output
        if format_.name in opened.plan.formats:
            made, _ = by_label_if_need_be(opened, partial(_made, wanted=format_))
            _write(disk, path, made, is_ours=True)
        elif format_.folder:
            disk.remove_tree(path)
        else:
            disk.remove(path)


def _made(opened: OpenRun, wanted: Format) -> Export | FolderExport:
    return wanted.make(results_of(opened, wanted), ExportOptions())


def _write(disk: Disk, target: Path, made: Export | FolderExport, *, is_ours: bool = False) -> None:
    """Write an export; the folder that it takes the place of holds nothing else, unless it is the run's own."""
    if isinstance(made, FolderExport):
        disk.replace_folder_by(target, lambda folder: _fill(folder, made, None if is_ours else target))
    else:
        disk.replace_from(target, made.parts)


def _is_in_columns(wanted: Format, target: Path) -> bool:
    """Whether an export is Parquet by its name; UsageError where the format is not to be had so."""
    if target.suffix.lower() != PARQUET or wanted.folder:
        return False
    if wanted.name != PREDICTIONS:
        raise UsageError(f"{target}: {wanted.name} is CSV, not Parquet", remedy="Give --out a name that ends in .csv.")
    parquet.require("a name that ends in .parquet")
    return True


def _write_columns(opened: OpenRun, target: Path, made: Export) -> None:
    def fill(folder: Path) -> None:
        rows = folder / "rows.csv"
        opened.disk.replace_from(rows, made.parts)
        parquet.write(rows, tables.metadata_columns(opened.plan), folder)
        rows.unlink()
        _check_nothing_is_lost(target, folder)

    opened.disk.replace_folder_by(target, fill)


def _check_stage(opened: OpenRun, wanted: Format, partial: bool) -> None:
    if opened.state.finished_at:
        return
    root = opened.layout.root
    if wanted.whole_runs_only:
        raise UsageError(
            f"{root} is not finished, and {wanted.name} is for whole runs", remedy="Go on with it: coralrun resume"
        )
    if not partial:
        raise UsageError(
            f"{root} is not finished", remedy="Say --partial to have what is there so far, or coralrun resume first."
        )


def results_of(opened: OpenRun, wanted: Format, source: str | None = None) -> Results:
    """What an export reads of a run; raises UsageError for a source that the run does not have."""
    sources = list(dict.fromkeys(image.source for image in opened.plan.images))
    if source is not None and source not in sources:
        raise UsageError(f"this run has no source `{source}`", remedy=f"Its sources are: {', '.join(sources)}.")
    if source is not None and not wanted.by_source:
        raise UsageError(
            f"{wanted.name} is made of the whole run", remedy="Leave --source out, or run each source as a survey."
        )
    reviews = load(opened)
    people = {
        (point.image, point.point - 1): PersonsLabel(
            point.human.id, point.human.code, point.row.annotator or "reviewer", point.row.date
        )
        for point in reviews.points
    }

    def corrected() -> dict[Table, pd.DataFrame]:
        found = frames_of(opened, reviews) if reviews.points else {}
        return {table: frame for table, frame in found.items() if not frame.empty}

    return Results(
        plan=opened.plan,
        state=opened.plan_state,
        blobs=opened.blobs,
        people=people,
        source=source,
        corrected=corrected,
        notes=notes_of_labels(opened),
    )


def target_of(opened: OpenRun, wanted: Format, out: Path | None, partial: bool) -> Path:
    """Where an export goes; a partial one says so in its name, whatever name was asked for."""
    target = out or Path(f"{opened.identity.name}{wanted.ending}")
    if partial and PARTIAL not in target.name:
        target = target.with_name(f"{target.stem}.{PARTIAL}{target.suffix}")
    return target


def _fill(folder: Path, made: FolderExport, replaced: Path | None) -> None:
    for name, data in made.files:
        (folder / name).write_bytes(data)
    if replaced:
        _check_nothing_is_lost(replaced, folder)
