"""Every test here has an emulator and a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.rehearsal import Desk, reef


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A folder beside a quick demo reef."""
    with reef(seconds_per_image=0.05) as running:
        yield Desk(tmp_path, running)


@pytest.fixture
def still_desk(desk: Desk) -> Desk:
    """A folder beside a demo reef whose jobs stand still until they may go on: no test has to be faster than a job."""
    desk.reef.order(stop_after=0)
    return desk


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def photo_host(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is public on this machine, and its address."""
    folder = tmp_path / "public"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
