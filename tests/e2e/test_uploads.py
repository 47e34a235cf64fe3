"""200 photos of a laptop into a source, with coralrun in a process of its own that is killed again and again."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

from tests.contract.uploading import photo
from tests.e2e.rehearsal import Desk, Reef, end, reef

from coralrun.emulator.site import Photo

SOURCE = 2
ODD = ("ü ö", "e\u0301\u00e9", "\U0001f420", "q'\"", "#1", "50%25", "a+b&c", "a;b,c", "a\\b", "<i>", "a..", "a\tb", "İ")
KILLS = (1, 90)
"""After so many intents the process is killed. More of it would wait for CoralNet's minute, which each process leases a
part of; `tests/crash` has every moment."""


def new_photos() -> dict[str, bytes]:
    """150 photos with odd names, each another."""
    names = [f"north/{ODD[number % len(ODD)]} {number}.jpg" for number in range(150)]
    return {name: photo(side=20 + number) for number, name in enumerate(names)}


def refused_photos() -> dict[str, bytes]:
    """30 photos that cannot go, for 9 reasons."""
    kinds: list[tuple[str, bytes]] = [
        ("x/ blank {}.jpg ", photo()),
        ("x/" + "n" * 199 + "{}.jpg", photo()),
        ("x/Case {}.jpg", photo()),
        ("x/tiff {}.jpg", photo(kind="TIFF")),
        ("x/wide {}.png", photo(side=8001, kind="PNG")),
        ("x/cut {}.jpg", photo(side=400)[:-40]),
        ("x/empty {}.jpg", b""),
        ("taken {}.jpg", photo(side=50)),
    ]
    found = {name.format(number): data for number in range(3) for name, data in kinds}
    found |= {f"x/cASE {number}.jpg": photo() for number in range(3)}
    return found | {f"x/large {number}.jpg": photo() + bytes(30 * 1024 * 1024) for number in range(3)}


def put(server: Reef, name: str, data: bytes, side: int) -> None:
    """Let the source have a photo before."""
    site = server.service.site
    number = 1000 + len(site.photos_by_id)
    there = Photo(number, name, f"images/there{number}.jpg", side, 9, partial(bytes, data))
    site.put_photo(site.sources_by_id[SOURCE], there)


def test_200_photos_are_uploaded_once_each_whatever_is_killed_or_lost(tmp_path: Path) -> None:
    new, refused = new_photos(), refused_photos()
    there = {f"there {number}.jpg": photo(side=300 + number) for number in range(20)}
    assert (len(new), len(refused), len(there)) == (150, 30, 20)
    for name, data in (new | refused | there).items():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(data)
    with reef(photos=4, seconds_per_image=0.0) as server:
        for number, (name, data) in enumerate(there.items()):
            put(server, name, data, 300 + number)
        for number in range(3):
            put(server, f"TAKEN {number}.jpg", photo(side=51), 51)
        before = server.service.site.sources_by_id[SOURCE].photos
        desk = Desk(tmp_path, server)
        survey = desk.survey(
            source=f"{{folder: photos/, upload_to: {{coralnet: {SOURCE}, exif: keep}}}}",
            points="{method: simple random, number_of_points: 2}",
            batch_size=100,
        )
        planned, _ = desk.run("plan", survey)
        assert planned.count("not uploaded: ") == 9
        assert "taken for upload: removes 30, leaves 170" in planned
        assert "in source 2 (Private reef) already, not sent again if the bytes are the same: 20 (" in planned
        server.order(lose_request_of="images_preview_ajax", short_sessions=2)
        process = desk.start("apply", survey, "--yes")
        for intents in KILLS:
            desk.wait_for("upload_intent", intents)
            end(process, signal.SIGKILL)
            server.order(end_sessions=True, lose_reply_of="images_ajax")
            process = desk.start("resume", "run")
        process.communicate(timeout=120)
        assert process.returncode == 0
        after = server.service.site.sources_by_id[SOURCE].photos
        assert after[: len(before)] == before
        sent = {photo.name: photo.load() for photo in after[len(before) :]}
        assert len(after) == len(before) + len(new)
        assert sent == new
        summary = desk.report("status", "run")
        assert (summary["images"], summary["succeeded"]) == (170, 170)
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
