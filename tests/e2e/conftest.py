"""Every test here has an emulator and a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.rehearsal import Desk, reef


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A folder beside a quick demo reef."""
    with reef("--seconds-per-image", "0.05") as running:
        yield Desk(tmp_path, running)


@pytest.fixture
def still_desk(desk: Desk) -> Desk:
    """A folder beside a demo reef whose jobs stand still until they may go on: no test has to be faster than a job."""
    desk.reef.order(stop_after=0)
    return desk
