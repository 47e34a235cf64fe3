"""A run on disk: made once, opened many times, its state rebuilt from the newest snapshot and the facts after it.

Rule: a plan comes into force by the fact `Planned` alone: it is written last when a run is made, after the plan's files
and `run.json`, so a directory without facts holds no run, and may be made again. A snapshot is complete before the
older generation is removed, so at every moment one generation is whole; its journal begins to exist with the first
records after it. Readers look at `format` and `version` before anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from coralrun.errors import RunDamaged
from coralrun.files.field_types import Time
from coralrun.files.sealed import seal, unseal
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.store import journal, plans, snapshot, temporary
from coralrun.store.files import Appender, Disk
from coralrun.store.journal import Position
from coralrun.store.layout import FIRST_PLAN, Layout, is_torn, journal_number, snapshot_number

FORMAT: Final = "coralrun.run"
VERSION: Final = 1
SNAPSHOT_EVERY = 2_000
"""Facts between two snapshots: some 500 jobs. Replaying as many takes about 0.02 s."""

_RESULT = re.compile(r"b\d{5,}\.a\d+\.(json|reply)\.gz")
_SEGMENT = re.compile(r"b\d{5,}\.a\d+\.points")
_INPUT = re.compile(r"\d{2,}-[A-Za-z0-9._-]+|annotations-\d{1,12}\.csv")


class Identity(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT, forbid_unknown_fields=True):
    """run.json: what a run is, for good, whatever is planned. It is written once, when the run is made."""

    version: Literal[1] = VERSION
    run: Annotated[str, Meta(pattern="^[0-9a-f]{10}$", description="Its name in every URL that is submitted.")]
    name: Annotated[str, Meta(description="The survey's.")]
    created_at: Time
    coralrun: Annotated[str, Meta(description="The version that made the run.")]
    python: Annotated[str, Meta(description="The version of Python that made it.")]
    service: Annotated[str, Meta(description="The address of the service, or `emulator`.")]
    account: Annotated[
        str, Meta(description="The user name that the run's jobs belong to; empty where a service has none.")
    ]
    survey_file: Annotated[str, Meta(description="The survey that it was begun from, as it was named, if any.")]


_IDENTITY = msgspec.json.Decoder(Identity)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A run's state as its files tell it. `torn` holds the bytes of a last line that was never finished."""

    state: Durable
    position: Position
    generation: int
    good_bytes: int
    torn: bytes


def exists(layout: Layout) -> bool:
    """Whether the directory holds a run: one whose plan is in force."""
    return layout.identity.is_file() and any(map(_is_numbered, Disk().names(layout.state)))


def make(layout: Layout, disk: Disk, identity: Identity, files: Mapping[Path, bytes], planned: facts.Planned) -> None:
    """Make a run directory; `files` are those of its first plan, which `planned` commits once all else is there."""
    for directory in (layout.root, layout.state, layout.results, layout.points, layout.plans):
        disk.make_directory(directory)
    disk.make_directory(layout.outputs, shared=True)
    for name in disk.names(layout.state):
        if _is_of_state(temporary.final_name(name) or name):
            disk.remove(layout.state / name)
    plans.write(layout.plan(FIRST_PLAN), disk, files)
    disk.replace(layout.identity, seal(msgspec.json.format(msgspec.json.encode(identity))))
    disk.replace(layout.journal(0), journal.encode((planned,), Position())[0])


def others(layout: Layout, disk: Disk) -> list[str]:
    """The files in a directory without a run that making one could harm, relative to it, sorted.

    Only what a start that was interrupted has left may be written over, and such a start took the lock first: without
    a lock, a file of any name is somebody else's, one called `run.json` too. A start ends before there are tables.
    """
    plan = layout.plan(FIRST_PLAN)
    folders: dict[Path, Callable[[str], bool]] = {
        layout.root: {path.name for path in layout.all_paths()}.__contains__,
        layout.state: _is_of_state,
        layout.results: lambda name: _RESULT.fullmatch(name) is not None,
        layout.points: lambda name: _SEGMENT.fullmatch(name) is not None,
        layout.plans: lambda name: False,
        plan.root: {path.name for path in plan.all_paths()}.__contains__,
        plan.inputs: lambda name: _INPUT.fullmatch(name) is not None,
        layout.outputs: lambda name: False,
        layout.reviews: lambda name: False,
    }
    if not layout.lock.is_file():
        folders = dict.fromkeys(folders, lambda name: False)
    found = _unknown(layout.root, disk, folders)
    return sorted(path.relative_to(layout.root).as_posix() for path in found)


def _unknown(folder: Path, disk: Disk, folders: Mapping[Path, Callable[[str], bool]]) -> Iterator[Path]:
    """What is in a folder whose name, or the one that it was to get once it was whole, is not known there."""
    for name in disk.names(folder):
        path = folder / name
        if path in folders and path.is_dir():
            yield from _unknown(path, disk, folders)
        elif not folders[folder](temporary.final_name(name) or name):
            yield path


def _is_of_state(name: str) -> bool:
    return _is_numbered(name) or is_torn(name)


def _is_numbered(name: str) -> bool:
    """Whether a file's name is that of a journal or a snapshot."""
    return journal_number(name) is not None or snapshot_number(name) is not None


def read_identity(layout: Layout, disk: Disk) -> Identity:
    """What the run is; raises RunDamaged for a file that is not coralrun's, is newer, or is broken."""
    try:
        data = disk.read(layout.identity)
    except FileNotFoundError:
        raise RunDamaged(f"{layout.root}: holds no run (run.json is missing)") from None
    try:
        return _IDENTITY.decode(unseal(data, name=str(layout.identity), known=(FORMAT, VERSION)))
    except msgspec.MsgspecError as error:
        raise RunDamaged(f"{layout.identity}: damaged: {error}") from error


def load(layout: Layout, disk: Disk) -> Loaded:
    """Rebuild the state from disk, changing nothing; may be called while another process works on the run.

    That process may fold the journal while it is being read: then what was read is of no use, and is read again.
    """
    while True:
        generation = _generation(layout, disk)
        try:
            loaded = _load_generation(layout, disk, generation)
        except FileNotFoundError as error:
            if _generation(layout, disk) == generation:
                raise RunDamaged(f"{error.filename}: it is there and cannot be found") from error
        else:
            if _generation(layout, disk) == generation:
                return loaded


def _generation(layout: Layout, disk: Disk) -> int:
    """The number of the newest snapshot, 0 without one."""
    names = disk.names(layout.state)
    journals = [number for name in names if (number := journal_number(name)) is not None]
    generation = max((number for name in names if (number := snapshot_number(name)) is not None), default=0)
    if any(number > generation for number in journals):
        raise RunDamaged(f"{layout.state}: the snapshot that journal-{max(journals)}.jsonl follows is missing")
    return generation


def _load_generation(layout: Layout, disk: Disk, generation: int) -> Loaded:
    state, position = Durable(), Position()
    if generation:
        path = layout.snapshot(generation)
        state, position = snapshot.decode(disk.read(path), name=str(path))
        if position.number != generation:
            raise RunDamaged(f"{path}: it is not a snapshot of this run")
    path = layout.journal(generation)
    try:
        data = disk.read(path)
    except FileNotFoundError:
        data = b""  # nothing was written yet, or the process ended between the snapshot and its journal
    else:
        if not data:
            raise RunDamaged(f"{path}: it is empty, and a journal begins to exist with its first records")
    read = journal.decode(data, after=position, name=str(path))
    for fact in read.facts:
        apply(state, fact)
    return Loaded(state, read.end, generation, read.good_bytes, read.torn)


def newer(layout: Layout, disk: Disk, loaded: Loaded) -> tuple[Loaded, tuple[facts.Fact, ...]]:
    """What was written since a run was loaded, applied to its state, and the facts of it. Where the journal was folded
    meanwhile the run is loaded again, and which facts led there is not known."""
    generation = _generation(layout, disk)
    if generation != loaded.generation:
        return load(layout, disk), ()
    path = layout.journal(generation)
    try:
        data = disk.read(path)[loaded.good_bytes :]
    except FileNotFoundError:
        return loaded, ()
    read = journal.decode(data, after=loaded.position, name=str(path))
    for fact in read.facts:
        apply(loaded.state, fact)
    return Loaded(loaded.state, read.end, generation, loaded.good_bytes + read.good_bytes, read.torn), read.facts


class _JournalFile:
    """A journal's file, written whole when it begins to exist: an empty one has lost what was in it."""

    def __init__(self, disk: Disk, path: Path) -> None:
        self._disk = disk
        self._path = path
        self._appender: Appender | None = None

    def begin(self, data: bytes) -> None:
        """Write the file anew. What was read may live in the kernel's memory alone: after a failed fsync of an earlier
        process no later one writes it."""
        self._disk.replace(self._path, data)
        self._appender = self._disk.appender(self._path)

    def append(self, data: bytes) -> None:
        """Write and sync."""
        if self._appender is None:
            self.begin(data)
        else:
            self._appender.append(data)

    def close(self) -> None:
        """Give the file back."""
        if self._appender is not None:
            self._appender.close()


class RunJournal:
    """The journal of an open run: appends facts, and now and then folds them into a snapshot."""

    def __init__(self, layout: Layout, disk: Disk, loaded: Loaded, *, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self._layout = layout
        self._disk = disk
        self._state = loaded.state
        self._generation = loaded.generation
        self._snapshot_every = snapshot_every
        path = layout.journal(loaded.generation)
        if loaded.torn:
            self._set_aside(layout.torn(loaded.position.number), loaded.torn)
        self._file = _JournalFile(disk, path)
        if loaded.good_bytes:
            self._file.begin(disk.read(path)[: loaded.good_bytes])
        self._journal = journal.Journal(self._file, loaded.position)
        self._remove_older_generations()

    def append(self, happened: Sequence[facts.Fact]) -> None:
        """Make facts durable; raises DiskError, after which nothing may be applied."""
        if self._journal.position.number - self._generation >= self._snapshot_every:
            self._fold()
        self._journal.append(happened)

    def close(self) -> None:
        """Give the journal back."""
        self._file.close()

    def _set_aside(self, path: Path, torn: bytes) -> None:
        """Keep a torn line for whoever wonders; the one before it goes, or each crash would leave a file for ever."""
        self._disk.replace(path, torn)
        for name in self._disk.names(self._layout.state):
            if is_torn(name) and name != path.name:
                self._disk.remove(self._layout.state / name)

    def _remove_older_generations(self) -> None:
        """What a process that ended while it folded has left."""
        kept = {self._layout.journal(self._generation).name, self._layout.snapshot(self._generation).name}
        for name in self._disk.names(self._layout.state):
            if _is_numbered(name) and name not in kept:
                self._disk.remove(self._layout.state / name)

    def _fold(self) -> None:
        """Write the state as a snapshot, let a journal follow it, and remove the older generation.

        Called before an append, when every fact so far has been applied: the state is that of the last position.
        """
        position = self._journal.position
        old = self._generation
        self._disk.replace(self._layout.snapshot(position.number), snapshot.encode(self._state, position))
        self._file.close()
        self._file = _JournalFile(self._disk, self._layout.journal(position.number))
        self._journal = journal.Journal(self._file, position)
        self._generation = position.number
        self._disk.remove(self._layout.journal(old))
        self._disk.remove(self._layout.snapshot(old))
