"""Where photos of folders are: inside their folder, and as they were planned."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from msgspec.structs import replace
from tests.photo_host import photo

from coralrun.errors import UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Located
from coralrun.sources import folder_images
from coralrun.sources.folder_images import FolderImages, as_planned, place_in
from coralrun.values.ids import sha256_hex

PHOTO = PlannedImage(
    key="n/a.jpg", source="folder:p", name="n/a.jpg", points=5, sha256=sha256_hex(b"photo"), size=Size(4, 3)
)
OUTSIDE = ("", "/", "/etc/passwd", "..", "../a.jpg", "n/../../a.jpg", "n//a.jpg", "./a.jpg", "n/", "a\0.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p/n").mkdir(parents=True)
    (tmp_path / "p/n/a.jpg").write_bytes(b"photo")
    return tmp_path / "p"


def test_a_photo_is_at_its_path_in_its_folder(folder: Path) -> None:
    assert FolderImages({"folder:p": str(folder)}).locate(PHOTO) == Located(folder / "n/a.jpg", Size(4, 3))


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folder(folder: Path, name: str) -> None:
    assert place_in(folder, name) is None
    images = FolderImages({"folder:p": str(folder)})
    assert images.locate(replace(PHOTO, name=name)) == Unusable(Reason.NOT_FOUND)


@pytest.mark.parametrize("name", ["n\\..\\..\\a.jpg", "C:\\a.jpg", "C:a.jpg", "\\\\host\\share\\a.jpg", "\\a.jpg"])
def test_no_name_leads_out_of_the_folder_on_windows(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_images, "PurePath", PureWindowsPath)
    assert place_in(folder, name) is None


def test_a_photo_that_cannot_be_had_says_why(folder: Path) -> None:
    images = FolderImages({"folder:p": str(folder)})
    assert images.locate(replace(PHOTO, name="b.jpg")) == Unusable(Reason.NOT_FOUND)
    assert images.locate(replace(PHOTO, name="n/a.jpg/b.jpg")) == Unusable(Reason.NOT_FOUND)
    assert images.locate(replace(PHOTO, source="folder:other")) == Unusable(Reason.NOT_FOUND)
    assert images.locate(replace(PHOTO, size=None)) == Unusable(Reason.NOT_AN_IMAGE)
    (folder / "n/sized.jpg").write_bytes(photo(40, 30))
    assert images.locate(replace(PHOTO, name="n/sized.jpg", size=None)) == Located(folder / "n/sized.jpg", Size(40, 30))
    (folder / "n/a.jpg").rename(folder / "n/b.jpg")
    (folder / "n/a.jpg").symlink_to(folder / "n/b.jpg")
    assert images.locate(PHOTO) == Unusable(Reason.CHANGED)


def test_a_folder_that_goes_away_is_trouble_and_no_fault_of_its_photos(folder: Path) -> None:
    images = FolderImages({"folder:p": str(folder)})
    folder.rename(folder.with_name("unplugged"))
    assert images.locate(PHOTO) == Trouble(TroubleKind.UNREACHABLE, f"{folder} is not there")
    with pytest.raises(UsageError, match=r"folder:p: its photos are not at .* any more"):
        FolderImages({"folder:p": str(folder)})


def test_bytes_that_were_not_planned_are_never_a_photo() -> None:
    assert as_planned(b"photo", PHOTO.sha256) == b"photo"
    assert as_planned(b"another", PHOTO.sha256) == Unusable(Reason.CHANGED)
    assert as_planned(b"another", None) == b"another"
