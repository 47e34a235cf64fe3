"""Ctrl-C ends a command quietly and with its code: through what computes, and once the command is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from coralrun.cli.leaving import interruptible
from coralrun.errors import EXIT_INTERRUPTED

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")

BEGUN = """
import signal, sys, typer
from coralrun.cli import main
from coralrun.cli.calling import call
from coralrun.cli.leaving import leave_quietly

leave_quietly()
app = main.app = typer.Typer()

@app.command()
def command() -> None:
"""
COMPUTES = """
    def go(printer):
        printer.doing("computing")
        def through_a_library(*_):  # an exception may not leave it
            try:
                signal.raise_signal(signal.SIGINT)
            except BaseException:
                sys.exit("it was unwound")
        sorted([2, 1], key=through_a_library)
    call(False, go, left_at_once="all is kept.")
"""
ENDS = """
    import atexit
    atexit.register(signal.raise_signal, signal.SIGINT)
    call(False, lambda printer: 0)
"""
HOLDS = """
    import threading, time
    def go(printer):
        threading.Thread(target=time.sleep, args=(60,)).start()
        raise KeyboardInterrupt
    call(False, go)
"""


def ran(body: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-c", f"{BEGUN}{body}\nmain.main()"], capture_output=True, timeout=50)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_command_that_computes_is_left_where_it_stands_with_a_word() -> None:
    assert ran(COMPUTES) == (EXIT_INTERRUPTED, "", "computing\nInterrupted; all is kept.\n")


def test_an_interrupt_after_the_end_of_a_command_is_quiet() -> None:
    assert ran(ENDS) == (EXIT_INTERRUPTED, "", "")


def test_an_interrupted_command_does_not_wait_for_what_it_had_begun() -> None:
    told = "Interrupted; a run that had begun goes on with `coralrun resume`.\n"
    assert ran(HOLDS) == (EXIT_INTERRUPTED, "", told)


def test_within_a_command_an_interrupt_is_pythons_and_what_was_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible(None), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
