"""Dask itself: a cluster of our own, and one that is joined, goes and comes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dask
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from distributed import LocalCluster, Security

from coralrun.errors import ServiceError, UsageError
from coralrun.local import dask_cluster
from coralrun.local.compute import Compute
from coralrun.local.dask_cluster import DaskCluster
from coralrun.local.grouping import grouped
from coralrun.local.probes import SAME, check_versions, prober
from coralrun.local.tasks import Came, Died, Finished, Task, packed
from coralrun.planning.images import Point

from .instant import DEADLY, HUNGRY, Instant, photos

PATIENT_S = 120.0


@pytest.fixture(scope="module")
def own() -> Iterator[DaskCluster]:
    """Two workers of our own."""
    cluster = DaskCluster(Compute(workers=2, memory="600MB"), Instant(), "nonce")
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


def test_photos_are_computed_and_one_that_takes_all_memory_is_told_from_the_others(
    own: DaskCluster, tmp_path: Path
) -> None:
    paths = photos(tmp_path, 6)
    paths[2].write_bytes(HUNGRY)
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
    groups = grouped([one, replace(one, is_single=True), one, replace(one, place=b"the photo"), one], 2)
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
    assert own.photo_bytes == 600_000_000 - dask_cluster.WORKER_BYTES


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
    here = prober()(SAME)
    others = {
        "tcp://a:1": here,
        "tcp://b:2": {**here, "numpy": "1.0"},
        "tcp://c:3": {**here, "coralrun": ""},
        "tcp://d:4": ModuleNotFoundError("x"),
    }
    with pytest.raises(UsageError) as refused:
        check_versions(others)
    assert str(refused.value).splitlines() == [
        f"worker tcp://b:2: numpy 1.0, and here it is {here['numpy']}",
        "worker tcp://c:3: coralrun is not installed",
        "worker tcp://d:4: cannot be asked (ModuleNotFoundError)",
    ]


def test_a_scheduler_with_tls_is_joined_by_the_certificates_that_dask_is_told(tmp_path: Path) -> None:
    paths = photos(tmp_path, 1)
    ours, theirs = certificate(tmp_path, "lab"), certificate(tmp_path, "another")
    pairs = {f"tls_{role}_{what}": str(ours[what]) for role in ("scheduler", "worker", "client") for what in ours}
    of_lab = Security(tls_ca_file=str(ours["cert"]), require_encryption=True, **pairs)
    lab = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tls", security=of_lab
    )
    compute = Compute(scheduler=lab.scheduler_address)
    with dask.config.set(configured(ours["cert"], **ours)):
        joined = DaskCluster(compute, Instant(), "nonce")
        joined.send(tasks(paths))
        assert isinstance(came(joined, 1)["r.b00001.a1.0-n"], Finished)
        joined.close()
    refusals: tuple[tuple[dict[str, str], str], ...] = (
        ({}, "needs certificates \\(TLS\\), and Dask's configuration here names none"),
        (configured(theirs["cert"], **ours), "do not accept each other's certificates \\(certificate verify failed\\)"),
        (configured(ours["cert"], **theirs), "do not accept each other's certificates"),
        (configured(ours["cert"], ours["cert"], theirs["key"]), r"certificates \(key values mismatch\)"),
        (configured(tmp_path / "none.pem", **ours), "a file that Dask's configuration names for them is not there"),
    )
    for configuration, said in refusals:
        with dask.config.set(configuration), pytest.raises(ServiceError, match=said) as refused:
            DaskCluster(compute, Instant(), "nonce")
        assert "distributed.comm.tls.ca-file" in refused.value.remedy
    lab.close()


def certificate(folder: Path, name: str) -> dict[str, Path]:
    """A certificate that is its own authority, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    files = {"cert": folder / f"{name}.pem", "key": folder / f"{name}.key"}
    files["cert"].write_bytes(signed.public_bytes(Encoding.PEM))
    files["key"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def configured(authority: Path, cert: Path, key: Path) -> dict[str, str]:
    """What a file of Dask's configuration says of certificates."""
    names = {"ca-file": authority, "client.cert": cert, "client.key": key}
    return {f"distributed.comm.tls.{name}": str(path) for name, path in names.items()}
