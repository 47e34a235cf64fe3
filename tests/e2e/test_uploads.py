"""Photos of a laptop into a source, and classified there, with coralrun in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.contract.uploading import photo
from tests.e2e.rehearsal import Desk, reef


def test_photos_of_a_folder_are_uploaded_and_classified(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(5):
        (photos / f"reef {number}.jpg").write_bytes(photo(side=300 + number))
    with reef(photos=4) as server:
        desk = Desk(tmp_path, server)
        survey = desk.survey(source="{folder: photos/, upload_to: {coralnet: 1, exif: keep}}")
        done = desk.run("apply", survey, "--yes")
        print(done)
        assert 0
