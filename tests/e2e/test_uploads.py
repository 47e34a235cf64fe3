"""200 photos of a laptop into a source, with coralrun in a process of its own that is killed again and again."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

from tests.contract.uploading import photo
from tests.e2e.photos_of_a_laptop import SOURCE, laid_out, new_photos, refused_photos
from tests.e2e.rehearsal import Desk, end, reef

from coralrun.errors import EXIT_SOME_IMAGES_FAILED
from coralrun.limits import COMPARED_PHOTOS
from coralrun.machine.reasons import TEXTS, Reason

REASONS = (
    *(Reason.BAD_NAME, Reason.ALIKE_NAMES, Reason.NAME_TAKEN, Reason.EMPTY, Reason.DAMAGED, Reason.OTHER_FORMAT),
    *(Reason.TOO_MANY_PIXELS, Reason.TOO_MANY_BYTES),
)
KILLS = (1, 90)
"""After so many intents the process is killed. More of it would wait for CoralNet's minute, which each process leases a
part of; `tests/crash` has every moment."""


def test_200_photos_are_uploaded_once_each_whatever_is_killed_or_lost(tmp_path: Path) -> None:
    with reef(photos=4, seconds_per_image=0.0) as server:
        survey, desk = laid_out(tmp_path, server), Desk(tmp_path, server)
        before = server.service.site.sources_by_id[SOURCE].photos
        planned, _ = desk.run("plan", survey)
        assert planned.count("will fail: ") == 9
        assert "will fail   30 of them" in planned
        there = "in source 2 (Private reef) already, with the same bytes: not sent again"
        assert f"{there}: {COMPARED_PHOTOS} (" in planned
        assert f"not sent again if the bytes are the same, and failed if not: {20 - COMPARED_PHOTOS} (" in planned
        server.order(lose_request_of="images_preview_ajax", short_sessions=2)
        process = desk.start("apply", survey, "--yes")
        for intents in KILLS:
            desk.wait_for("upload_intent", intents)
            end(process, signal.SIGKILL)
            server.order(end_sessions=True, lose_reply_of="images_ajax")
            process = desk.start("resume", "run")
        process.communicate(timeout=120)
        assert process.returncode == EXIT_SOME_IMAGES_FAILED
        after = server.service.site.sources_by_id[SOURCE].photos
        assert after[: len(before)] == before
        sent = {photo.name: photo.load() for photo in after[len(before) :]}
        assert len(after) == len(before) + 150
        assert sent == new_photos()
        summary = desk.report("status", "run")
        assert (summary["images"], summary["succeeded"], summary["failed"]) == (200, 170, 30)
        points = summary["points"]
        assert (points["points"], points["predicted"], points["failed"]) == (400, 340, 60)
        with (tmp_path / "run" / "outputs" / "failures.csv").open(encoding="utf-8", newline="") as table:
            failed = {row["name"]: row["reason"] for row in csv.DictReader(table)}
        assert failed.keys() == refused_photos().keys()
        assert set(failed.values()) == {TEXTS[reason] for reason in REASONS}
        assert (summary["uploaded"], summary["already_there"]) == (150, 20)


def test_a_folder_is_uploaded_alone_and_again_once_it_has_grown(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(photo())
    with reef(photos=4) as server:
        desk = Desk(tmp_path, server)
        asked = ("upload", "photos", "--to", "2", "--exif", "keep", "--service", server.url, "--yes")
        said, _ = desk.run(*asked)
        assert "points" not in said.partition("warning")[0]
        assert "photos  1 uploaded, 0 were there before" in said
        assert "nobody asked" not in said
        assert "finished, with" not in said and "next" not in said
        (photos / "b.jpg").write_bytes(photo(side=20))
        (photos / "notes.txt").write_text("of the dive")
        assert "passed over: 1 (notes.txt)" in desk.run(*asked)[0]
        summary = desk.report("status", "runs/upload-photos-to-2")
        assert (summary["standing"], summary["uploaded"], summary["failed"]) == ("finished", 2, 0)
        assert "nothing to do" in desk.run("resume", "runs/upload-photos-to-2")[0]
        assert "2 of 2 images, http" in desk.run("runs")[0]
        assert "damage" not in desk.run("verify", "runs/upload-photos-to-2")[0]
        (photos / "a.jpg").write_bytes(photo() + b"\0")
        desk.run(*asked, code=7)
        failures = (tmp_path / "runs" / "upload-photos-to-2" / "outputs" / "failures.csv").read_text()
        assert "a.jpg," in failures and "another photo of that name" in failures
        (photos / "a.jpg").write_bytes(photo())
        stored = [one.name for one in server.service.site.sources_by_id[2].photos if one.id > 100 or one.name < "c"]
        assert stored == ["a.jpg", "b.jpg"]
        assert server.order()["jobs_created"] == 0
        survey = desk.survey(source="{folder: photos/, upload_to: {coralnet: 2, exif: keep}}")
        classified, _ = desk.run("apply", survey, "--yes")
        assert "photos  0 uploaded, 2 were there before" in classified
        assert "2 = 2 succeeded" in classified
