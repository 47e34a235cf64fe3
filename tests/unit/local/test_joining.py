"""A cluster that is there already: where it is, as its file says it, and whether others can reach it too."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from coralrun.errors import ServiceError
from coralrun.local import joining
from coralrun.local.compute import Compute
from coralrun.local.joining import await_scheduler_file, no_tls, scheduler_address

NOT_ONE = "scheduler.json: not the file of a Dask scheduler"


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "scheduler.json: No such file or directory"),
        ("{", NOT_ONE),
        ("[]", NOT_ONE),
        ("{}", NOT_ONE),
        ('{"address": 5}', NOT_ONE),
        ('{"address": "head"}', NOT_ONE),
    ],
)
def test_a_file_that_names_no_scheduler_is_refused_by_its_name(tmp_path: Path, content: str | None, said: str) -> None:
    compute = Compute(scheduler_file=str(tmp_path / "scheduler.json"))
    if content is not None:
        (tmp_path / "scheduler.json").write_text(content)
    with pytest.raises(ServiceError, match=said):
        scheduler_address(compute)
    assert list(no_tls(compute)) == []


def test_the_file_of_a_scheduler_that_is_being_started_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "scheduler.json"
    started = threading.Timer(0.1, lambda: file.write_text('{"address": "tls://head:8786"}'))
    started.start()
    await_scheduler_file(Compute(scheduler_file=str(file)))
    assert scheduler_address(Compute(scheduler_file=str(file))) == "tls://head:8786"
    monkeypatch.setattr(joining, "FILE_WITHIN_S", 0.0)
    await_scheduler_file(Compute(scheduler_file=str(tmp_path / "never.json")))
