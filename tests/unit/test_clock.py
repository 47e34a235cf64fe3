"""The clock that everything counts on: it only grows, and it grows while the machine sleeps where that is known."""

from __future__ import annotations

import errno
import importlib
import time
from collections.abc import Iterator

import pytest

from coralrun import clock
from coralrun.clock import SystemClock

SINCE_THE_MACHINE_STARTED_S = 30_000.0


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


def test_time_is_counted_from_a_start_of_its_own_and_not_by_the_time_of_day() -> None:
    """What somebody sets, forwards or back, ages nothing: no machine has run for half the years since 1970."""
    assert 0 < SystemClock().monotonic() < time.time() / 2


@pytest.mark.skipif(clock._SLEEP_COUNTING is None, reason="this platform counts no sleep")
def test_time_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {clock._SLEEP_COUNTING: SINCE_THE_MACHINE_STARTED_S}
    monkeypatch.setattr(time, "clock_gettime", shown.__getitem__)
    assert SystemClock().monotonic() == SINCE_THE_MACHINE_STARTED_S
