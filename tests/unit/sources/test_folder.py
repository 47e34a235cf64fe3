"""A folder of photos: what is a photo there, what is passed over, and what is read again."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.photo_host import photo

from coralrun.errors import UsageError
from coralrun.files.sealed import seal_bytes
from coralrun.planning.images import FoundImage, Size
from coralrun.planning.unfit import Unfit
from coralrun.sources import folder as folder_module
from coralrun.sources.folder import ListedFolder, folder_refused, list_folder
from coralrun.sources.folder_cache import FolderCache
from coralrun.sources.folder_photo import Seen, see
from coralrun.spec.model import FolderSource
from coralrun.values.ids import sha256_hex

SOURCE = FolderSource(path="photos")
LATER_S = 4e9  # a time of day at which no file was just changed
HEIC = b"\0\0\0\x18ftypheic" + bytes(40)
RAW = b"II*\0\x10\0\0\0CR\2\0"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def listed(folder: Path, now_s: float = LATER_S) -> ListedFolder:
    return list_folder(SOURCE, folder, FolderCache(folder, lambda: now_s), date.max, lambda done, of: None)


def listings(folder: Path) -> dict[str, tuple[str, ...]]:
    return {listing.what.removeprefix("folder:photos: "): listing.names for listing in listed(folder).listings}


def names(folder: Path) -> list[str]:
    return [image.name for image in listed(folder).images]


def count_looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from now on."""
    read: list[str] = []

    def counted(path: Path, n_bytes: int, changed_ns: int) -> Seen:
        read.append(path.name)
        return see(path, n_bytes, changed_ns)

    monkeypatch.setattr(folder_module, "see", counted)
    return read


def let_nobody_open(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As where nobody may read a file; root may read any."""

    def closed(path: Path, n_bytes: int, changed_ns: int) -> Seen:
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return see(path, n_bytes, changed_ns)

    monkeypatch.setattr(folder_module, "see", closed)


def test_photos_are_found_below_the_folder_by_content_and_in_order(photos: Path) -> None:
    kinds = {"JPEG": "b/2.jpg", "PNG": "b/a.PNG", "TIFF": "b.tif", "WEBP": "a photo without ending", "MPO": "é.jpg"}
    data = {name: photo(40, 30, kind=kind) for kind, name in kinds.items()}
    write(photos, data)
    assert listed(photos) == ListedFolder(
        tuple(FoundImage(name=name, sha256=sha256_hex(data[name]), size=Size(40, 30)) for name in sorted(data)), ()
    )


def test_whatever_is_passed_over_is_listed_with_what_to_do(photos: Path) -> None:
    write(photos, {"a.jpg": photo(), "a.HEIC": HEIC, "A.CR2": RAW, "notes.txt": b"5 m, murky", "b.thm": photo()})
    write(photos, {".hidden.jpg": photo(), ".trash/a.jpg": photo(), "@eaDir/a.jpg": photo()})
    (photos / "link.jpg").symlink_to(photos / "a.jpg")
    (photos / "above").symlink_to(photos.parent)
    os.mkfifo(photos / "pipe.jpg")
    assert names(photos) == ["a.jpg"]
    assert listings(photos) == {
        "photos in another format, passed over for those of the same name beside them, which are read": (
            "A.CR2",
            "a.HEIC",
        ),
        "files that are no photos (JPEG, PNG, MPO, TIFF or WebP), passed over": ("b.thm", "notes.txt"),
        "hidden files and folders, passed over": (".hidden.jpg", ".trash", "@eaDir"),
        "links and devices, which are not followed": ("above", "link.jpg", "pipe.jpg"),
    }


def test_a_photo_that_cannot_be_taken_is_planned_and_will_fail(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {
        "d/iphone.jpg": HEIC,
        "d/a.cr2": RAW,
        "b.gif": photo(kind="GIF"),
        "text.jpg": b"of a dive",
        "empty.CR2": b"",
    }
    write(
        photos, data | {"empty.jpg": b"", "torn.png": photo(kind="PNG")[:12], "closed.jpg": photo(), "a.jpg": photo()}
    )
    write(photos, {"a.b/1.jpg": photo(), "a.b.nef": RAW, "x.thm": photo(), "x.crw": RAW})
    let_nobody_open(monkeypatch, "closed.jpg")
    found = {image.name: image for image in listed(photos).images if image.unfit is not None}
    assert {name: image.unfit for name, image in found.items()} == {
        "a.b.nef": Unfit.OTHER_FORMAT,
        "b.gif": Unfit.OTHER_FORMAT,
        "closed.jpg": Unfit.CLOSED,
        "d/a.cr2": Unfit.OTHER_FORMAT,
        "d/iphone.jpg": Unfit.OTHER_FORMAT,
        "empty.CR2": Unfit.EMPTY,
        "empty.jpg": Unfit.EMPTY,
        "text.jpg": Unfit.NOT_AN_IMAGE,
        "torn.png": Unfit.DAMAGED,
        "x.crw": Unfit.OTHER_FORMAT,
    }
    assert {name: image.sha256 for name, image in found.items() if name in data} == {
        name: sha256_hex(content) for name, content in data.items()
    }
    said = listings(photos)
    assert said["will fail: files that are called photos and are none (text)"] == ("text.jpg",)
    heic = "will fail: photos in a format that is not read (HEIC): export them as JPEG"
    assert said[heic] == ("d/iphone.jpg",)
    assert said["will fail: files that could not be opened: let yourself read them"] == ("closed.jpg",)
    monkeypatch.undo()
    assert next(image for image in listed(photos).images if image.name == "closed.jpg").unfit is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_whose_end_is_missing_is_listed(photos: Path, kind: str) -> None:
    whole = photo(400, 300, kind=kind)
    write(photos, {"cut.jpg": whole[:-40], "whole.jpg": whole, "with-more-after.jpg": whole + b"more" * 30_000})
    assert listings(photos) == {"photos whose end is missing, which may fail": ("cut.jpg",)}


def test_the_size_is_of_the_stored_pixels_whatever_the_orientation(photos: Path) -> None:
    for kind in ("JPEG", "TIFF", "PNG", "WEBP"):
        write(photos, {kind: photo(40, 30, kind=kind, orientation=6)})
    assert {image.name: image.size for image in listed(photos).images} == dict.fromkeys(
        ("JPEG", "PNG", "TIFF", "WEBP"), Size(40, 30)
    )


def test_the_pictures_of_a_run_are_no_photos_of_a_survey(photos: Path) -> None:
    write(photos, {"a.jpg": photo(), "runs/x/run.json": b"{}", "runs/x/report/photo-1-40x30.jpg": photo()})
    write(photos, {"runs/x/plans/001/plan.json": b"{}", "runs/x/state/journal-0.jsonl": b""})
    assert names(photos) == ["a.jpg"]
    assert listings(photos) == {"folders of runs, whose pictures are no photos of the survey": ("runs/x/",)}


def test_a_name_that_is_no_text_is_listed(photos: Path) -> None:
    (Path(os.fsdecode(os.fsencode(photos) + b"/\xe9.jpg"))).write_bytes(photo())
    assert names(photos) == []
    assert listings(photos) == {"names that are no text in UTF-8, passed over: rename them": ("\\udce9.jpg",)}


def test_a_second_look_reads_only_what_was_changed(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(photos, {f"{name}.jpg": photo(40, 30, seed=ord(name)) for name in "abc"})
    first = listed(photos)
    (photos / "b.jpg").write_bytes(photo(41, 30))
    read = count_looks(monkeypatch)
    second = listed(photos)
    assert read == ["b.jpg"]
    assert second.images[0] == first.images[0]
    assert second.images[1].size == Size(41, 30)
    read.clear()
    assert listed(photos) == second
    assert read == []


def test_a_file_that_was_just_changed_is_not_known_by_its_time(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(photos, {"a.jpg": photo()})
    listed(photos, now_s=(photos / "a.jpg").stat().st_mtime + 1)
    read = count_looks(monkeypatch)
    listed(photos)
    assert read == ["a.jpg"]


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-9], lambda data: seal_bytes(b"[]"), lambda data: data.replace(b'"a.jpg"', b'"b.jpg"')]
)
def test_a_damaged_cache_costs_another_look_and_nothing_else(photos: Path, harm: Callable[[bytes], bytes]) -> None:
    write(photos, {"a.jpg": photo()})
    first = listed(photos)
    (kept,) = (photos.parent / "home").rglob("*.json")
    kept.write_bytes(harm(kept.read_bytes()))
    assert listed(photos) == first


def test_a_cache_that_cannot_be_kept_does_no_harm(photos: Path) -> None:
    write(photos, {"a.jpg": photo()})
    (photos.parent / "home").write_bytes(b"a file where a folder is to be")
    assert names(photos) == ["a.jpg"]


def test_what_was_seen_is_kept_when_a_plan_is_interrupted(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(photos, {f"{number}.jpg": photo() for number in range(9)})

    def interrupt(done: int, of: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list_folder(SOURCE, photos, FolderCache(photos, lambda: LATER_S), date.max, interrupt)
    read = count_looks(monkeypatch)
    assert len(listed(photos).images) == 9
    assert sorted(read) == ["5.jpg", "6.jpg", "7.jpg", "8.jpg"]


def test_a_folder_that_cannot_be_read_is_refused(photos: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        listed(photos / "nowhere")
    closed = PermissionError(errno.EACCES, "Permission denied")
    assert folder_refused(photos, closed).remedy == "Let yourself look into the folder (chmod u+rx)."
