"""Dask itself: a cluster of our own, and one that is joined, goes and comes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from coralrun.errors import ServiceError, UsageError
from coralrun.local import dask_cluster
from coralrun.local.compute import Compute
from coralrun.local.connection import no_tls
from coralrun.local.dask_cluster import DaskCluster, _check_versions, _grouped, _prober
from coralrun.local.tasks import Came, Died, Finished, Task, packed
from coralrun.planning.model import Point

from .instant import DEADLY, Instant, photos

PATIENT_S = 120.0


@pytest.fixture(scope="module")
def own() -> Iterator[DaskCluster]:
    """Two workers of our own."""
    cluster = DaskCluster(Compute(workers=2, memory="900MB"), Instant(), "nonce")
    yield cluster
    cluster.close()


def tasks(paths: Sequence[Path], of: str = "r.b00001.a1") -> list[Task]:
    return [Task(f"{of}.{number}-n", path, packed([Point(1, 2)]), None) for number, path in enumerate(paths)]


def came(cluster: DaskCluster, count: int) -> dict[str, Came]:
    """What came back of so many tasks."""
    found: dict[str, Came] = {}
    until_s = time.monotonic() + PATIENT_S
    while len(found) < count:
        assert time.monotonic() < until_s, found
        found |= dict(cluster.take(0.2))
    return found


def test_photos_are_computed_and_one_that_kills_its_workers_is_told_from_the_others(
    own: DaskCluster, tmp_path: Path
) -> None:
    paths = photos(tmp_path, 6)
    paths[2].write_bytes(DEADLY)
    own.send(tasks(paths))
    found = came(own, 6)
    assert found["r.b00001.a1.2-n"] == Died()
    own.send(tasks([paths[0]], "r.b00002.a1"))
    (again,) = came(own, 1).values()
    assert isinstance(again, Finished)
    assert again.labels == 3


def test_photos_that_take_no_time_travel_together_and_die_together(own: DaskCluster, tmp_path: Path) -> None:
    paths = photos(tmp_path, 24)
    own.send(tasks(paths, "r.b00003.a1"))
    assert all(isinstance(one, Finished) for one in came(own, 24).values())
    assert own.photos_at_once > 1
    paths[3].write_bytes(DEADLY)
    own.send(tasks(paths[2:6], "r.b00004.a1"))
    assert set(came(own, 4).values()) == {Died()}


def test_a_photo_that_is_single_or_travels_itself_has_a_task_of_its_own() -> None:
    one = Task("k", Path("a.jpg"), b"", None)
    groups = _grouped([one, replace(one, is_single=True), one, replace(one, place=b"the photo"), one], 2)
    assert [len(group) for group in groups] == [2, 1, 1, 1]


def test_a_cluster_of_our_own_listens_on_this_computer_alone(own: DaskCluster) -> None:
    us = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in (us, *us.children(recursive=True))
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) <= {"127.0.0.1", "::1"}
    assert all(address.startswith("tls://127.0.0.1:") for address in own.addresses)


def test_a_photos_memory_is_what_a_worker_has_beside_its_own(own: DaskCluster) -> None:
    while own.photo_bytes is None:
        own.take(0.2)
    assert own.photo_bytes == 900_000_000 - dask_cluster.WORKER_BYTES


def test_a_scheduler_that_goes_is_told_of_and_gone_on_with_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "AGAIN_S", 0.5)
    paths = photos(tmp_path, 2)
    first = LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp")
    address = first.scheduler_address
    joined = DaskCluster(Compute(scheduler=address), Instant(), "nonce")
    joined.send(tasks(paths))
    assert all(isinstance(one, Finished) for one in came(joined, 2).values())
    first.close()
    until_s = time.monotonic() + PATIENT_S
    while not joined.trouble and time.monotonic() < until_s:
        joined.take(0.1)
    assert joined.trouble == "the Dask scheduler does not answer"
    port = int(address.rpartition(":")[2])
    second = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp", scheduler_port=port
    )
    while joined.trouble and time.monotonic() < until_s:
        joined.take(0.1)
    joined.send(tasks(paths, "r.b00002.a1"))
    assert all(isinstance(one, Finished) for one in came(joined, 2).values())
    joined.close()
    second.close()


def test_a_scheduler_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 0.3)
    with pytest.raises(ServiceError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        DaskCluster(Compute(scheduler="tcp://127.0.0.1:9"), Instant(), "nonce")


def test_a_worker_that_has_something_else_installed_is_refused_by_its_name() -> None:
    here = _prober()(dask_cluster.SAME)
    others = {
        "tcp://a:1": here,
        "tcp://b:2": {**here, "numpy": "1.0"},
        "tcp://c:3": {**here, "coralrun": ""},
        "tcp://d:4": ModuleNotFoundError("x"),
    }
    with pytest.raises(UsageError) as refused:
        _check_versions(others)
    assert str(refused.value).splitlines() == [
        f"worker tcp://b:2: numpy 1.0, and here it is {here['numpy']}",
        "worker tcp://c:3: coralrun is not installed",
        "worker tcp://d:4: cannot be asked (ModuleNotFoundError)",
    ]


def test_a_scheduler_without_tls_is_warned_of_however_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    for compute, address in (
        (Compute(scheduler="tcp://head:8786"), "tcp://head:8786"),
        (Compute(scheduler_file=str(file)), "tcp://10.0.0.5:8786"),
    ):
        file.write_text(f'{{"address": "{address}"}}')
        (said,) = no_tls(compute)
        assert said.startswith(f"the Dask scheduler at {address} has no TLS: whoever reaches its port can run code")
    assert list(no_tls(Compute(scheduler="tls://head:8786"))) == []
    assert list(no_tls(Compute())) == []
