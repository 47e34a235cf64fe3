"""The labelled points that a person hands in: one file, or all of a folder or a pattern as one archive.

Rule: what is handed in is one file from here on, so that it is kept, read again and recognised as one. How it is to be
read is said by the words of a survey: `encoding`, `sheet`, `columns`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from coralrun.app.survey.named_files import files_at, why_none
from coralrun.errors import InvalidInput, Refusals, UsageError
from coralrun.files.given import read_given
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.review.whose_labels import Labels, Word, labels_of
from coralrun.sources import archive
from coralrun.sources.labelled_file import COLUMNS, read_labelled
from coralrun.sources.reading import ByOption
from coralrun.sources.table import NoSuchColumn
from coralrun.sources.text import ENCODINGS
from coralrun.spec.suggest import suggestion
from coralrun.values.phrases import typed

_COLUMNS = tuple(column.lower().replace(" ", "_") for column in ("name", "row", "column", *COLUMNS))


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file as it was handed in, its rows, and what its owner should know of how it was read."""

    name: str
    data: bytes
    rows: tuple[LabelledPoint, ...]
    notes: tuple[str, ...]


def reading_of(encoding: str = "", sheet: str = "", columns: Mapping[str, str] | None = None) -> ByOption:
    """How a file is to be read, "" for the usual; raises UsageError for a word that is none of ours."""
    if encoding and encoding not in ENCODINGS:
        raise UsageError(
            f"--encoding {typed(encoding)}: not known here", remedy=f"Choose one of: {', '.join(ENCODINGS)}."
        )
    refusals = Refusals()
    for column in columns or {}:
        if column not in _COLUMNS:
            meant = suggestion(column, _COLUMNS)
            with refusals.noted():
                raise UsageError(
                    f"--columns {column}=...: no column is called so here",
                    remedy=f"Did you mean `{meant}`?" if meant else f"Name one of: {', '.join(_COLUMNS)}.",
                )
    refusals.raise_if_any()
    return ByOption(encoding=encoding or "utf-8", sheet=sheet or None, columns=columns or {})


def given_labels(path: Path, reading: ByOption, word: Word) -> tuple[LabelFile, Labels]:
    """Read what a path stands for, and its labels as they are to be taken; raises as `read_labels` and `labels_of`.

    Where columns are not there that were named, it is told at once too if nobody says who gave the labels.
    """
    try:
        file = read_labels(path, reading)
    except NoSuchColumn as error:
        refusals = Refusals()
        with refusals.noted():
            raise
        with suppress(UsageError, InvalidInput):
            rows = read_labels(path, replace(reading, columns={})).rows
            with refusals.noted():
                labels_of(path, rows, Word(word.labelled_by))
        refusals.raise_if_any()
        raise error from None
    return file, labels_of(path, file.rows, word)


def read_labels(path: Path, reading: ByOption) -> LabelFile:
    """Read what a path stands for; raises UsageError where that is nothing, InvalidInput where it cannot be read."""
    files = files_at(path)
    try:
        if files is None:
            name, data = path.name, read_given(path)
        else:
            folder = path if path.is_dir() else Path(os.path.commonpath([file.parent for file in files] or [path]))
            named = {file.relative_to(folder).as_posix(): read_given(file) for file in files}
            name, data = f"{folder.absolute().name or 'labels'}{archive.ENDING}", archive.pack(named)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", remedy="Give a file of labelled points.") from error
    if files == []:
        raise UsageError(f"{path}: {why_none(path, path.as_posix())}", remedy="Give a file of labelled points.")
    notes: list[str] = []
    return LabelFile(name, data, read_labelled(name, data, reading, notes.append), tuple(dict.fromkeys(notes)))
