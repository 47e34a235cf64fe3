"""A folder of photos on this computer: which there are, and what is passed over.

Rule: a file is a photo where its content says so, or its name: what is called `a.jpg` and cannot be read is planned and
fails with its reason, as a HEIC does, for whoever laid it there takes it for a photo. What a camera writes of one photo
beside its JPEG is no photo of its own. A photo's name is its path below the folder, with forward slashes on every
platform. Links are not followed, so that no name leads out of the folder; hidden files and what systems put beside
photos are not looked into. Whatever is passed over is listed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from coralrun.errors import UsageError
from coralrun.parallel import parallel_map
from coralrun.planning.images import FoundImage, Size
from coralrun.planning.model import Listing
from coralrun.planning.unfit import Unfit
from coralrun.sources.exif import taken_of
from coralrun.sources.folder_cache import FolderCache
from coralrun.sources.folder_photo import FOLDER_FORMATS, PHOTOS_NOT_READ, UNREADABLE, Seen, is_called_photo, see
from coralrun.spec.model import FolderSource

WORKERS: Final = 4
"""Files read at once: a disk that turns is no faster with more, and the cores have their digests to add up."""

_MOUNT_POINT: Final = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT, which Python knows on Windows alone
_PREVIEW: Final = ".thm"  # the small JPEG that cameras lay beside a video
_OF_SYSTEMS: Final = frozenset(
    {"@eadir", "__macosx", "$recycle.bin", "system volume information", "lost+found", "thumbs.db", "desktop.ini"}
)
_OF_A_RUN: Final = ("run.json", "plans", "state")
_WHAT_IS_WRONG: Final = {
    Unfit.EMPTY: "files with nothing in them: copy them anew",
    Unfit.DAMAGED: "photos whose size cannot be read, for they are damaged: copy them anew",
    Unfit.NOT_AN_IMAGE: "files that are called photos and are none ({kind})",
    Unfit.OTHER_FORMAT: "photos in a format that is not read ({kind}): export them as JPEG",
    Unfit.CLOSED: "files that could not be opened: let yourself read them",
}
_BESIDE: Final = "photos in another format, passed over for those of the same name beside them, which are read"
_CLOSED: Final = "files that could not be opened, passed over: let yourself read them"
_OTHERS: Final = f"files that are no photos ({FOLDER_FORMATS}), passed over"
_TOLD_TIMES: Final = 100
_SAVED_EVERY: Final = 2_000  # files read anew: what is lost when a first plan is interrupted


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """The photos of a folder in the order of their names, and what its owner should know of it."""

    images: tuple[FoundImage, ...]
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class _Walked:
    """What is in a folder and below it: files with their sizes and times, by name; the rest by name alone."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)

    def listings(self, label: str) -> Iterator[Listing]:
        """What is passed over without a look into it."""
        for what, names in (
            ("hidden files and folders, passed over", self.hidden),
            ("links and devices, which are not followed", self.links),
            ("names that are no text in UTF-8, passed over: rename them", self.unnamed),
            ("folders of runs, whose pictures are no photos of the survey", self.runs),
            ("folders that may not be looked into, whose photos are not planned", self.closed),
        ):
            if names:
                yield Listing(f"{label}: {what}", tuple(sorted(names)))


def folder_refused(folder: Path, error: OSError) -> UsageError:
    """That a folder of photos cannot be looked into, with what to do."""
    is_closed = isinstance(error, PermissionError)
    remedy = "Let yourself look into the folder (chmod u+rx)." if is_closed else "Correct `folder` in the survey."
    return UsageError(f"{folder}: {error.strerror or error}", remedy=remedy)


def list_folder(
    source: FolderSource, folder: Path, cache: FolderCache, today: date, progress: Callable[[int, int], None]
) -> ListedFolder:
    """List the photos of a folder and below it; each file is read once, and again only when it was changed.

    `today` is the day after which no photo can have been taken yet; `progress` is told how many files were looked at,
    and of how many. Raises UsageError where the folder cannot be read.
    """
    try:
        walked = _walk(folder)
    except OSError as error:
        raise folder_refused(folder, error) from error
    names = sorted(walked.files)
    seen: dict[str, Seen] = {}
    read_anew, step = 0, max(1, len(names) // _TOLD_TIMES)
    try:
        for done, (name, known, what) in enumerate(parallel_map(_looking(folder, walked, cache), names, WORKERS), 1):
            seen[name] = what
            read_anew += not known
            if done % step == 0 or done == len(names):
                progress(done, len(names))
            if not known and read_anew % _SAVED_EVERY == 0:
                cache.save(seen)
    finally:
        if read_anew or len(seen) < len(cache):
            cache.save(seen)
    return _listed(source, seen, walked, today)


def names_in(folder: Path) -> list[str]:
    """The files of a folder that may be photos; none is opened. Raises OSError where it cannot be read."""
    return sorted(_walk(folder).files)


def count_files(folder: Path) -> int:
    """How many these are; raises likewise."""
    return len(_walk(folder).files)


def _looking(folder: Path, walked: _Walked, cache: FolderCache) -> Callable[[str], tuple[str, bool, Seen]]:
    def look(name: str) -> tuple[str, bool, Seen]:
        n_bytes, changed_ns = walked.files[name]
        known = cache.get(name, n_bytes, changed_ns)
        if known is not None and known.kind != UNREADABLE:  # who may read a file changes no time of it
            return name, True, known
        try:
            return name, False, see(folder / name, n_bytes, changed_ns)
        except OSError:
            return name, False, Seen(n_bytes, changed_ns, UNREADABLE)

    return look


def _walk(root: Path) -> _Walked:
    """All that is in a folder and below it; raises OSError where the folder itself cannot be read."""
    walked = _Walked()
    folders = [""]
    while folders:
        below = folders.pop()
        try:
            with os.scandir(root / below) as scanned:
                entries = list(scanned)
                entry_names = {entry.name for entry in entries}
        except OSError:
            if not below:
                raise
            walked.closed.append(below)
            continue
        if entry_names.issuperset(_OF_A_RUN):
            walked.runs.append(below)
            continue
        for entry in entries:
            _sort_in(walked, folders, below, entry)
    return walked


def _sort_in(walked: _Walked, folders: list[str], below: str, entry: os.DirEntry[str]) -> None:
    name = f"{below}{entry.name}"
    try:
        name.encode()
        status = entry.stat(follow_symlinks=False)
    except UnicodeEncodeError:
        walked.unnamed.append(name.encode("utf-8", "backslashreplace").decode())
        return
    except OSError:
        walked.closed.append(name)
        return
    if _is_hidden(entry.name, status):
        walked.hidden.append(name)
    elif stat.S_ISREG(status.st_mode) and not _leads_elsewhere(status):
        walked.files[name] = status.st_size, status.st_mtime_ns
    elif stat.S_ISDIR(status.st_mode) and not _leads_elsewhere(status):
        folders.append(f"{name}/")
    else:
        walked.links.append(name)


def _is_hidden(name: str, status: os.stat_result) -> bool:
    attributes = getattr(status, "st_file_attributes", 0)  # Windows'
    return name.startswith(".") or name.lower() in _OF_SYSTEMS or bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _leads_elsewhere(status: os.stat_result) -> bool:
    """Whether it is a junction of Windows, which is no link by its mode. A file that is in the cloud alone is none."""
    return int(getattr(status, "st_reparse_tag", 0)) == _MOUNT_POINT


def _listed(source: FolderSource, seen: dict[str, Seen], walked: _Walked, today: date) -> ListedFolder:
    images: list[FoundImage] = []
    passed: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    cut: list[str] = []
    read = {_stem(name) for name, what in seen.items() if what.is_photo and not _is_preview(name)}
    for name, what in seen.items():
        why = _passed_over(name, what, read)
        if why:
            passed.setdefault(why, []).append(name)
            continue
        unfit, size = what.unfit, Size(what.width, what.height) if what.width else None
        taken = taken_of(what.exif, today)
        images.append(FoundImage(name=name, sha256=what.sha256 or None, size=size, taken=taken, unfit=unfit))
        if unfit is not None:
            refused.setdefault(_WHAT_IS_WRONG[unfit].format(kind=what.kind), []).append(name)
        elif what.is_cut and source.upload_to is None:  # a photo to upload is opened whole, and sent or not
            cut.append(name)
    listings = [
        *(unfit_listing(source, wrong, names) for wrong, names in sorted(refused.items())),
        *(Listing(f"{source.label}: {what}", tuple(names)) for what, names in passed.items()),
        *_listing(source, "photos whose end is missing, which may fail", cut),
        *walked.listings(source.label),
    ]
    return ListedFolder(tuple(images), tuple(listings))


def unfit_listing(source: FolderSource, what: str, names: Sequence[str]) -> Listing:
    """Photos that are planned, and will fail without being asked for."""
    return Listing(f"{source.label}: will fail: {what}", tuple(names))


def _passed_over(name: str, what: Seen, read: Set[str]) -> str:
    """Why a file is not planned, "" where it is; `read` are the stems of the photos whose format is read."""
    if what.kind in PHOTOS_NOT_READ:
        return _BESIDE if _stem(name) in read else ""
    if what.is_photo:
        return _OTHERS if _is_preview(name) else ""
    if is_called_photo(name):
        return ""
    return _CLOSED if what.kind == UNREADABLE else _OTHERS


def _stem(name: str) -> str:
    """What the files of one photo have in common: a camera writes `a.CR2` beside `a.JPG`."""
    folder, _, file = name.lower().rpartition("/")
    return f"{folder}/{file.rpartition('.')[0] or file}"


def _is_preview(name: str) -> bool:
    return name.lower().endswith(_PREVIEW)


def _listing(source: FolderSource, what: str, names: list[str]) -> Iterator[Listing]:
    if names:
        yield Listing(f"{source.label}: {what}", tuple(names))
