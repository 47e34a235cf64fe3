"""A worker of Dask begins without the caller's script; every other process begins as ever."""

from __future__ import annotations

import sys
from multiprocessing import spawn

import pytest

from coralrun.local import bare_workers


@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_alone_does_not_run_the_callers_script(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    usual = spawn.get_preparation_data
    monkeypatch.setattr(spawn, "get_preparation_data", usual)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/home/ann/survey.py", raising=False)
    for _ in range(times):
        bare_workers.begin_without_script()
    other = spawn.get_preparation_data("Process-1")
    assert other["init_main_from_path"].endswith("survey.py")
    worker = spawn.get_preparation_data("Dask Worker process (from Nanny)")
    assert {*other} - {*worker} == {"init_main_from_path"}
