"""What a first signal does to a run, and a second."""

from __future__ import annotations

import os
import signal

import pytest

from coralrun.app.applying.interruption import listening

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")


@pytest.mark.parametrize(("first", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_sigterm_after_a_signal_says_no_more_than_that(first: signal.Signals, code: int) -> None:
    with listening() as flag:
        for number in (first, signal.SIGTERM, signal.SIGTERM):
            signal.raise_signal(number)
        assert (flag.is_set(), flag.exit_code) == (True, code)


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_ctrl_c_after_a_signal_ends_at_once(first: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), listening():
        signal.raise_signal(first)
        signal.raise_signal(signal.SIGINT)
