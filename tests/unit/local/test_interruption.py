"""Ctrl-C is for coralrun alone: whoever types it reads what coralrun says, and no worker's last words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from multiprocessing import resource_tracker

import pytest

from coralrun.local.interruption import dask_setup, held_back

IS_HELD_BACK = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
KILLED_WITH_A_SEMAPHORE = """
import multiprocessing, os, signal, sys
from coralrun.local.interruption import held_back
with held_back():
    pass
assert not sys.warnoptions
left = multiprocessing.get_context("spawn").Semaphore()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="semaphores go with their process there")
def test_a_run_that_is_killed_leaves_no_warning_of_python_behind() -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_WITH_A_SEMAPHORE], capture_output=True, check=False)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")  # read until the last who may write ended


def test_a_worker_of_our_own_does_nothing_about_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        dask_setup(object())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_a_process_that_is_being_started_has_no_part_in_ctrl_c_and_we_have() -> None:
    said: list[bytes] = []

    def start() -> None:
        resource_tracker.ensure_running()  # as whatever starts a worker does
        said.append(subprocess.run([sys.executable, "-c", IS_HELD_BACK], capture_output=True, check=True).stdout)

    with held_back():
        starter = threading.Thread(target=start)
        starter.start()
    starter.join()
    assert said == [b"True\n"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
