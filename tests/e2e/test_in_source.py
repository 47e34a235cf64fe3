"""A survey whose photos are classified by their own source, with coralrun in processes that are killed."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.contract.uploading import photo
from tests.e2e.rehearsal import Desk, end, reef

from coralrun.emulator.service import CoralNet

TABLES = ("predictions.csv", "cover.csv", "failures.csv")


def labels_of_people(service: CoralNet) -> dict[int, list[object]]:
    """What people have labelled in the source."""
    photos = service.site.sources_by_id[1].photos
    return {photo.id: list(photo.annotations()) for photo in photos if photo.status == "confirmed"}


def in_source(desk: Desk, directory: str) -> Path:
    """The survey of a source that classifies its own photos."""
    both = "{coralnet: 1, filters: {exclude: [mine*]}}\n  - {folder: photos, upload_to: {coralnet: 1, exif: keep}}"
    survey = desk.survey(source=both, batch_size=8, directory=directory)
    survey.write_text(survey.read_text().replace("{source: 1, pick: newest}", "{run_in: 1}"))
    return survey


def test_a_source_classifies_its_own_photos_once_each_whatever_is_killed_or_lost(tmp_path: Path) -> None:
    with reef(photos=30, seconds_per_image=0.0) as server:
        desk = Desk(tmp_path, server)
        (tmp_path / "photos").mkdir()
        for number in range(5):
            (tmp_path / "photos" / f"mine é {number}.jpg").write_bytes(photo(side=60 + number))
        before = labels_of_people(server.service)
        straight = in_source(desk, "straight")
        said, _ = desk.run("apply", straight, "--yes", code=7)
        assert "source 1: the machine's points and labels are DELETED there, once they are sent" in said
        assert "people have labelled points of them, so they stay as they are and are not classified: 5 (" in said
        assert "jobs        none are needed" in said and "API request" not in said
        server.order(stop_after=0, lose_reply_of="upload_confirm")
        process = desk.start("apply", in_source(desk, "run"), "--yes")
        desk.wait_for("submitted", 2)
        end(process, signal.SIGKILL)
        process = desk.start("resume", "run")
        desk.wait_for("submitted", 4)
        server.order(go_on=True, end_sessions=True)
        process.communicate(timeout=120)
        assert process.returncode == 7
        for table in TABLES:
            assert desk.table(table) == desk.table(table, "straight"), table
        assert desk.table("failures.csv").count(b"people have labelled points of the photo") == 5
        assert desk.table("predictions.csv").count("mine é".encode()) == 5 * 6
        assert labels_of_people(server.service) == before
        orders = server.order()
        assert (orders["jobs_created"], orders["api_requests"]) == (0, 0)
        assert not (tmp_path / "run" / "spool").exists()
        for told in ("report/index.html", "outputs/cover_notes.txt", "ro-crate-metadata.json"):
            assert "CoralNet does not say which of its classifiers gave them" in (tmp_path / "run" / told).read_text()
