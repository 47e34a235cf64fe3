"""Files that the service cannot read: told by their endings, and by a look at what comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.photo_host import photo, photo_host
from typer.testing import Result

READS = "it reads JPEG, PNG, TIFF, WebP, GIF and BMP"
SURVEY = """\
version: 1
name: files
service: emulator
classifier: {source: 1}
sources: [{manifest: images.csv}]
sampling:
  points: {method: uniform grid, cell_rows: 2, cell_columns: 2}
"""


@pytest.mark.parametrize("command", [("validate",), ("plan", "--offline")])
def test_files_that_are_no_photos_by_their_endings_are_told(
    command: tuple[str, ...], case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    said = coralrun(command[0], case("not-a-photo-format") / "survey.yaml", *command[1:])
    assert said.exit_code == 0
    assert [line for line in said.stdout.splitlines() if "warning" in line] == [
        f"  warning: images.csv: 1 image has the ending of HEIC, which the service cannot read (`a0.HEIC`): {READS}",
        "  warning: images.csv: 3 images have the ending of a camera's raw file, which the service cannot read "
        f"(`a1.NEF`, `a2.CR2`, `a3.DNG`): {READS}",
        f"  warning: images.csv: 1 image has the ending of a video, which the service cannot read (`a4.mp4`): {READS}",
        f"  warning: images.csv: 1 image has the ending of a PDF, which the service cannot read (`a5.pdf`): {READS}",
    ]
    assert command[-1] != "--offline" or "  looked at   no photo (--offline)\n" in said.stdout


def test_what_a_look_finds_behind_addresses_that_say_nothing_is_told(
    coralrun: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = b"<!doctype html><html><title>Drive</title>"
    with photo_host({"/get?id=1": page, "/get?id=2": b"\0\0\0\x18ftypheic", "/get?id=3": photo()}) as host:
        rows = "".join(f"{number}.jpg,{host.url}/get?id={number}\n" for number in (1, 2, 3))
        (tmp_path / "images.csv").write_text(f"name,url\n{rows}")
        (tmp_path / "survey.yaml").write_text(SURVEY)
        said = coralrun("plan", "survey.yaml")
        quiet = coralrun("plan", "survey.yaml", "--offline")
        assert sorted(host.asked) == ["/get?id=1", "/get?id=2", "/get?id=3"]
    place = host.url.removeprefix("http://")
    assert said.stdout.splitlines()[-4:-1] == [
        f"  looked at   3 of 3 images of images.csv at {place}: 1 x a web page, 1 x HEIC, 1 x a photo",
        f"  warning: images.csv: {place}: `1.jpg`: a web page came and no photo: the link to the file itself is "
        "needed, open to anybody",
        f"  warning: images.csv: {place}: `2.jpg`: HEIC came, which the service cannot read: {READS}",
    ]
    assert quiet.stdout.splitlines()[-2] == "  looked at   no photo (--offline)"
