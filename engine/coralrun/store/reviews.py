"""What people said about a run, kept in its `reviews` folder.

Rule: a file here is somebody's work. It is written once and never again, and an index with the SHA-256 of each says
whether one was touched since. Nothing here follows from anything else, so nothing can rebuild it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.files.field_types import Digest, Time
from coralrun.files.sealed import seal, unseal
from coralrun.machine.fact_fields import PlanNumber
from coralrun.machine.runs import Runs
from coralrun.spec.model import Reading
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.values.ids import sha256_hex

_AS_USUAL: Final = Reading()
FORMAT: Final = "coralrun.reviews"
VERSION: Final = 1
_SUFFIXES = (
    *(".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".jsonl", ".ndjson"),
    *(".cpc", ".zip"),
)


Number = Annotated[int, Meta(ge=1, description="From 1, by itself for draws and for imports.")]


class Draw(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One draw: what was asked for, when, and the SHA-256 of the record of what was drawn.

    `after_import` is the number of the newest import at that time, 0 for none: what came later may answer the draw.
    `design` says in words which units it was drawn from, of the images of which `plan`; "" where that was not written
    down. `by_class` is the level of the classes that points were drawn by, "" for an audit of images.
    `without_result` are the units that had no result, so that nothing of them could be drawn. `file` is what people
    fill in, to be told and never opened: its path below the folder of the command, or elsewhere its name alone.
    """

    number: Number
    at: Time
    plan: PlanNumber
    sample: str
    by: str
    seed: int
    blind: bool
    per_image: Annotated[int, Meta(ge=1)] | None
    sha256: Digest
    after_import: Annotated[int, Meta(ge=0)] = 0
    design: str = ""
    by_class: str = ""
    without_result: Runs = ()
    file: str = ""


class Undone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draw that was taken back before anybody had labelled a point of it, and when: it is no part of any sample."""

    draw: Draw
    at: Time


class Import(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that people filled in, or several as one archive: its name, when, its SHA-256, and how it is read.

    `labelled_by` is `people` where the person who brought it said so and the file does not; `accepted` are labels of it
    that count although the classifier may never have given them.
    """

    number: Number
    at: Time
    name: str
    sha256: Digest
    labelled_by: Annotated[str, Meta(pattern="^(people)?$")] = ""
    accepted: tuple[str, ...] = ()
    reading: Reading = Reading()

    @property
    def suffix(self) -> str:
        """How the kept file ends: the way in which it is read follows from that."""
        suffix = PurePath(self.name).suffix.lower()
        return suffix if suffix in _SUFFIXES else _SUFFIXES[0]


class Index(Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT, forbid_unknown_fields=True):
    """reviews/index.json: all draws and imports of a run, in their order, with the SHA-256 of each of their files.

    `draws` are those that count; the record of one that was undone stays, and its number is not given again.
    """

    version: Literal[1] = VERSION
    draws: tuple[Draw, ...] = ()
    imports: tuple[Import, ...] = ()
    undone: tuple[Undone, ...] = ()

    @property
    def all_draws(self) -> tuple[Draw, ...]:
        """The draws that count, and after them those that were undone."""
        return (*self.draws, *(undone.draw for undone in self.undone))


_INDEX = msgspec.json.Decoder(Index)


class ReviewStore:
    """The `reviews` folder of one run. Whoever writes holds the run's lock."""

    def __init__(self, layout: Layout, disk: Disk) -> None:
        self._layout = layout
        self._disk = disk

    def index(self) -> Index:
        """What there is; raises RunDamaged when the index is not as it was written."""
        path = self._layout.reviews_index
        try:
            data = self._disk.read(path)
        except FileNotFoundError:
            return Index()
        try:
            return _INDEX.decode(unseal(data, name=str(path), known=(FORMAT, VERSION)))
        except msgspec.MsgspecError as error:
            raise RunDamaged(f"{path}: damaged: {error}") from error

    def add_draw(
        self,
        request: Mapping[str, Any],
        at: str,
        record: Callable[[int], bytes],
        file: Callable[[int], str] = lambda number: "",
    ) -> Draw:
        """Keep the record of a new draw, and which file it is handed out in, both made from its number.

        `request` holds its `sample`, `by`, `seed`, `blind`, `per_image`, `design`, `by_class`, `plan`
        and `without_result`.
        """
        index = self.index()
        number = self._free(len(index.all_draws) + 1, self._layout.drawn)
        data = record(number)
        after = max((kept.number for kept in index.imports), default=0)
        draw = Draw(number=number, at=at, sha256=sha256_hex(data), after_import=after, file=file(number), **request)
        self._write_once(self._layout.drawn(number), data)
        self._write_index(replace(index, draws=(*index.draws, draw)))
        return draw

    def hand_out_in(self, draw: Draw, file: str) -> None:
        """Say that a draw is handed out in another file now."""
        index = self.index()
        draws = tuple(replace(kept, file=file) if kept == draw else kept for kept in index.draws)
        self._write_index(replace(index, draws=draws))

    def undo_draw(self, draw: Draw, at: str) -> None:
        """Let a draw no longer count; its record stays."""
        index = self.index()
        draws = tuple(kept for kept in index.draws if kept != draw)
        self._write_index(replace(index, draws=draws, undone=(*index.undone, Undone(draw=draw, at=at))))

    def add_import(
        self,
        name: str,
        at: str,
        data: bytes,
        *,
        labelled_by: str = "",
        accepted: Iterable[str] = (),
        reading: Reading = _AS_USUAL,
        counts_anew: Callable[[], bool] = bool,
    ) -> Import:
        """Keep a file that people filled in; of one that is kept already, what is said of it now is added.

        Where that is nothing and the file `counts_anew`, it is kept once more, after those that came since.
        """
        index = self.index()
        said = Reading(encoding=reading.encoding, sheet=reading.sheet, columns=reading.columns)
        known = next((kept for kept in reversed(index.imports) if kept.sha256 == sha256_hex(data)), None)
        if known is not None:
            accepted = tuple(sorted({*known.accepted, *accepted}))
            added = replace(known, labelled_by=labelled_by or known.labelled_by, accepted=accepted, reading=said)
            if added != known:
                imports = tuple(added if kept == known else kept for kept in index.imports)
                self._write_index(replace(index, imports=imports))
                return added
            if known == index.imports[-1] or not counts_anew():
                return known
        added = Import(
            number=0,
            at=at,
            name=PurePath(name).name,
            sha256=sha256_hex(data),
            labelled_by=labelled_by,
            accepted=tuple(sorted(set(accepted))),
            reading=said,
        )
        number = self._free(len(index.imports) + 1, lambda number: self._layout.imported(number, added.suffix))
        added = replace(added, number=number)
        self._write_once(self._layout.imported(added.number, added.suffix), data)
        self._write_index(replace(index, imports=(*index.imports, added)))
        return added

    def drawn(self, draw: Draw) -> bytes:
        """The record of a draw; raises RunDamaged when it was touched."""
        return self._checked(self._layout.drawn(draw.number), draw.sha256)

    def imported(self, added: Import) -> bytes:
        """A file as people gave it; raises RunDamaged when it was touched."""
        return self._checked(self._layout.imported(added.number, added.suffix), added.sha256)

    def _checked(self, path: Path, sha256: str) -> bytes:
        try:
            data = self._disk.read(path)
        except FileNotFoundError:
            raise RunDamaged(f"{path}: missing, though it is in the index of reviews") from None
        if sha256_hex(data) != sha256:
            raise RunDamaged(
                f"{path}: it is not what was kept",
                remedy="Restore it from a backup. To correct a review, import a corrected file: the newest counts.",
            )
        return data

    def _free(self, number: int, path: Callable[[int], Path]) -> int:
        """The next number whose file is not there: one that the index does not name was left by a process that ended
        too early, and stays as it is."""
        while path(number).exists():
            number += 1
        return number

    def _write_once(self, path: Path, data: bytes) -> None:
        self._disk.make_directory(self._layout.reviews)
        self._disk.replace(path, data)

    def _write_index(self, index: Index) -> None:
        self._disk.replace(self._layout.reviews_index, seal(msgspec.json.format(msgspec.json.encode(index))))
