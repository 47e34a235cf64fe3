"""What a client of Dask left behind does not keep the next one waiting."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from distributed.utils import LoopRunner

from coralrun.errors import ServiceError
from coralrun.local import dask_cluster
from coralrun.local.compute import Compute
from coralrun.local.dask_cluster import DaskCluster

NOBODY = Compute(scheduler="tcp://127.0.0.1:9")


@pytest.fixture
def collecting_late(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Garbage is collected at the worst moment alone: while the lock of Dask's loops is held."""
    start = LoopRunner._start_unlocked

    def start_and_collect(runner: Any) -> None:
        if gc.isenabled():
            gc.collect()
        start(runner)

    monkeypatch.setattr(LoopRunner, "_start_unlocked", start_and_collect)
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 0.3)
    thresholds = gc.get_threshold()
    gc.set_threshold(10**9)
    yield
    gc.set_threshold(*thresholds)


class Left:
    """A client that nobody closed, in a circle, as one is whose error somebody kept; it ends when it is collected."""

    def __init__(self) -> None:
        self.circle = self

    def __del__(self) -> None:
        LoopRunner().stop()


def connect() -> None:
    Left()
    with pytest.raises(ServiceError):
        DaskCluster(NOBODY, None, "nonce")  # type: ignore[arg-type]


@pytest.mark.usefixtures("collecting_late")
def test_a_client_that_nobody_closed_does_not_keep_the_next_one_waiting() -> None:
    tries = threading.Thread(target=connect, daemon=True)
    tries.start()
    tries.join(timeout=20)
    assert not tries.is_alive()
