"""Photos are uploaded once each, whatever dies and whatever is lost.

`make test` tries some moments; with CORALRUN_CRASH=all every effect of an upload is one, before it and after it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.crash.uploading_runs import ANOTHERS, SENT, THERE, Laptop, tables

from coralrun.app.run.run_directory import open_run

EVERY = os.environ.get("CORALRUN_CRASH") == "all"
EFFECTS = 6
"""Of an undisturbed run: names once, two photos compared that are there, three sent."""
MOMENTS = [(at, after) for at in range(1, EFFECTS + 1) for after in (False, True)]
TELLING = [(1, True), (2, False), (4, False), (4, True), (6, True)]
REQUESTS = ("images_preview_ajax", "images_ajax", "/view/", "/media/", "/accounts/login/")
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
