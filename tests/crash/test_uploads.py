"""Photos are uploaded once each, whatever dies and whatever is lost.

`make test` tries some moments; with CORALRUN_CRASH=all every effect of an upload is one, before it and after it, and
200 photos go over HTTP in processes that are killed at each.
"""

from __future__ import annotations

import hashlib
import os
import signal
from itertools import count
from pathlib import Path

import pytest
from tests.crash.uploading_runs import ANOTHERS, SENT, THERE, Laptop, tables
from tests.e2e.photos_of_a_laptop import SOURCE, laid_out, new_photos
from tests.e2e.rehearsal import PATIENT_S, Desk, Reef, reef
from tests.emulator_faults import Faults
from tests.warm import start

from coralrun.app.applying.next_plan import bring_again
from coralrun.app.beforehand.so_far import history
from coralrun.app.run.run_directory import holding, open_run
from coralrun.clock import SystemClock
from coralrun.errors import EXIT_SOME_IMAGES_FAILED
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import reconcile
from coralrun.store.layout import Layout

EVERY = os.environ.get("CORALRUN_CRASH") == "all"
EFFECTS = 6
"""Of an undisturbed run: names once, two photos compared that are there, three sent."""
MOMENTS = [(at, after) for at in range(1, EFFECTS + 1) for after in (False, True)]
TELLING = [(1, True), (2, False), (4, False), (4, True), (6, True)]
REQUESTS = ("images_preview_ajax", "images_ajax", "/view/", "/media/", "/accounts/login/")
FAULTS = [
    (fault, of)
    for fault in ("lose_reply_of", "lose_request_of", "answer_html_to")
    for of in (*REQUESTS, "/deploy/", "/result/")
]
FAULT_EVERY, SESSION_EVERY = 25, 40
"""After so many kills the next fault is ordered, and all sessions end."""

EXPECTED = [*THERE.items(), ("TAKEN.JPG", ANOTHERS), *SENT.items()]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of an undisturbed run."""
    with pytest.MonkeyPatch.context() as patched:
        laptop = Laptop(tmp_path_factory.mktemp("straight"))
        layout = laptop.finish(patched)
    assert laptop.performed == EFFECTS
    assert laptop.at_the_source() == EXPECTED
    return tables(layout)


def check(laptop: Laptop, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    layout = laptop.finish(monkeypatch)
    assert laptop.at_the_source() == EXPECTED
    assert tables(layout) == straight
    stored = open_run(layout.root).state.stored
    assert {name: photo.ours for name, photo in stored.items()} == {
        **{f"2/{name}": True for name in SENT},
        **{f"2/{name}": False for name in THERE},
    }


@pytest.mark.parametrize(("at", "after"), MOMENTS if EVERY else TELLING)
def test_a_process_that_dies_at_an_upload_leaves_each_photo_once(
    at: int, after: bool, tmp_path: Path, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(Laptop(tmp_path / "x", dies_at=at, after=after), straight, monkeypatch)


@pytest.mark.parametrize("fault", ["lost_replies_of", "lost_requests_of", "errors_of"])
def test_each_kind_of_request_may_be_lost_once(
    fault: str, tmp_path: Path, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coralrun.limits.BACKOFF_FIRST_S", 0.01)
    laptop = Laptop(tmp_path / "x", lost=REQUESTS, fault=fault)
    check(laptop, straight, monkeypatch)
    assert getattr(laptop.faults, fault) == []


def test_sessions_may_end_at_any_time(
    tmp_path: Path, straight: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Laptop(tmp_path / "x", dies_at=4)
    laptop.faults.short_sessions = 3
    check(laptop, straight, monkeypatch)


@pytest.mark.parametrize(("at", "after"), [(None, False), (1, True), (2, False), (2, True)])
def test_a_photo_that_somebody_took_out_is_sent_again_once_by_another_try(
    at: int | None, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Laptop(tmp_path / "x", dies_at=None if at is None else EFFECTS + at, after=after)
    laptop.meanwhile[EFFECTS] = lambda: laptop.take_out("new 1.jpg")
    layout = laptop.finish(monkeypatch)
    assert list(open_run(layout.root).state.ended.values()) == [Reason.NAME_TAKEN, Reason.NOT_FOUND]
    assert "new 1.jpg" not in dict(laptop.at_the_source())
    with holding(layout):
        opened = open_run(layout.root)
        again = reconcile(history(opened), opened.state, opened.plan, {Reason.NOT_FOUND}.__contains__)
        bring_again(opened, again, SystemClock().utc())
    laptop.go_on(layout, monkeypatch)
    assert sorted(laptop.at_the_source()) == sorted(EXPECTED)
    assert list(open_run(layout.root).state.ended.values()) == [Reason.NAME_TAKEN]
    assert laptop.faults.service.site.sources_by_id[2].photos[-1].name == "new 1.jpg"


def life(folder: Path, server: Reef, **variables: str) -> int:
    """Upload and classify 200 photos, process after process; how many were killed.

    CoralNet's minute, a part of which each process leases, is half a second long, and wide.
    """
    throttle = server.service.api.throttle
    throttle.burst.most = throttle.sustained.most = 10**9
    survey, desk, faults = laid_out(folder, server), Desk(folder, server), iter(FAULTS if variables else ())
    environment = {**desk.environment(), "DOOMED_WINDOWS": "4000:0.5", **variables}
    command = ["apply", str(survey), "--yes"]
    for kills in count():
        process = start("tests.crash.doomed", command, folder, environment)
        out, err = process.communicate(timeout=PATIENT_S)
        if process.wait() != -signal.SIGKILL:
            assert process.wait() == EXIT_SOME_IMAGES_FAILED, f"{out}\n{err}"
            return kills
        if kills % FAULT_EVERY == 0 and (fault := next(faults, None)) is not None:
            server.order(**dict([fault]))
        if kills % SESSION_EVERY == 0:
            server.order(end_sessions=True)
        command = ["resume", "run"]
    raise AssertionError("unreachable")


def at_the_source(server: Reef) -> list[tuple[str, str]]:
    """The names of the source's photos in the order of their numbers, and the digests of their bytes."""
    photos = server.service.site.sources_by_id[SOURCE].photos
    return [(one.name, hashlib.sha256(one.load()).hexdigest()) for one in photos]


@pytest.mark.skipif(not EVERY, reason="takes minutes: CORALRUN_CRASH=all, or make soak-crash")
def test_200_photos_go_over_http_once_each_though_killed_at_every_effect(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    with reef(photos=4, seconds_per_image=0.0) as server:
        assert life(undisturbed, server) == 0
        expected = at_the_source(server)
    with reef(photos=4, seconds_per_image=0.0) as server:
        kills = life(killed, server, DOOMED_ONCE=str(tmp_path / "died"))
        found, faults = at_the_source(server), server.service.disturbance
    print(f"kill points of 200 uploads: {kills}")
    assert found == expected
    assert dict(found[-150:]) == {name: hashlib.sha256(data).hexdigest() for name, data in new_photos().items()}
    assert tables(Layout(killed / "run")) == tables(Layout(undisturbed / "run"))
    assert isinstance(faults, Faults)
    assert faults.lost_replies_of == faults.lost_requests_of == faults.errors_of == []
    assert kills > 2 * (150 + 150 + 20)
