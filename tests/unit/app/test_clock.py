"""The clock counts where the system knows no clock that counts sleep."""

from __future__ import annotations

import errno
import importlib
import time
from collections.abc import Iterator

import pytest

from coralrun.app import clock


@pytest.fixture
def read_anew() -> Iterator[None]:
    yield
    importlib.reload(clock)


@pytest.mark.usefixtures("read_anew")
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS])
def test_a_clock_that_the_kernel_does_not_know_is_replaced_by_the_ordinary_one(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(which: int) -> float:
        raise OSError(number, "Invalid argument")

    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", refuse)
    monkeypatch.setattr(time, "monotonic", lambda: 42.0)
    importlib.reload(clock)
    assert clock.SystemClock().monotonic() == 42.0
    monkeypatch.undo()


@pytest.mark.usefixtures("read_anew")
def test_where_sleep_can_be_counted_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", lambda which: 1000.0 + which)
    importlib.reload(clock)
    assert clock.SystemClock().monotonic() == 1007.0
    monkeypatch.undo()
