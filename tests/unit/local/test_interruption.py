"""Ctrl-C is for coralrun alone: whoever types it reads what coralrun says, and no worker's last words."""

from __future__ import annotations

import signal

from coralrun.local.interruption import dask_setup


def test_a_worker_of_our_own_does_nothing_about_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        dask_setup(object())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
