"""The photos of a folder are uploaded alone; called again, what is not there yet is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.uploading_runs import BASE, SENT, Laptop

from coralrun import limits
from coralrun.app.applying import upload as uploading
from coralrun.app.applying.upload import UploadOptions, upload
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED
from coralrun.machine import policy
from coralrun.spec.model import ExifChoice

OPTIONS = UploadOptions(to=2, exif=ExifChoice.KEEP, service=BASE, run_dir=Path("run"), yes=True)


def test_an_upload_that_failed_again_and_again_is_tried_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = Laptop(tmp_path)
    for name in ("taken.jpg", "there.jpg"):
        (tmp_path / "photos" / name).unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(uploading, "reach", lambda *asked, **wanted: laptop.connect())
    monkeypatch.setattr(policy, "UPLOAD_TRIES", 1)
    monkeypatch.setattr(limits, "BACKOFF_FIRST_S", 0.01)
    laptop.faults.lost_requests_of.append("images_ajax")
    assert upload(Path("photos"), OPTIONS, Printer()) == EXIT_SOME_IMAGES_FAILED
    assert "  1 image may succeed on another try: call coralrun upload again" in capsys.readouterr().out
    assert upload(Path("photos"), OPTIONS, Printer()) == EXIT_COMPLETE
    names = {name for name, _ in laptop.at_the_source()}
    assert names >= set(SENT)
