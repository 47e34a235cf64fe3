"""coralrun in processes of its own that need not import it first: each is forked from one that has, and did no more.

Rule: such a process is a new one in all but its imports: it has its own folder, environment, streams, signals and end.
What importing itself does is tried where the command is started as people start it: the sessions of the README, the
wheel, `tests/e2e/test_startup.py`, and the signals that come at any moment. Two are forked from in turn, which put the
members of a set in different orders, as any two new processes do.

    python -m tests.warm FD    a process to fork from, which takes orders from this socket until it is closed
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parents[1]
HASH_SEEDS = ("1", "2")
IMPORTS = (
    "coralrun.app.applying.apply",
    "coralrun.cli.commands.plan",
    "coralrun.cli.commands.report",
    "coralrun.app.answers.cover",
    "coralrun.cli.main",
    "pandas",
    "scipy.special",
    "typer._adapters",  # with pydantic, which typer imports as it reads the first command line
)
MOST_BYTES = 1 << 20
STATUS = struct.Struct("i")


class Process:
    """A process that was forked, with as much of `subprocess.Popen` as the tests use; it prints UTF-8."""

    def __init__(self, told: socket.socket, out: int, err: int) -> None:
        self._told = told
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err, encoding="utf-8")
        self.returncode: int | None = None
        (self.pid,) = STATUS.unpack(told.recv(STATUS.size, socket.MSG_WAITALL))

    def poll(self) -> int | None:
        """The exit code, or less a signal's number; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            with selectors.DefaultSelector() as ready:
                ready.register(self._told, selectors.EVENT_READ)
                if not ready.select(timeout):
                    raise subprocess.TimeoutExpired("coralrun", timeout or 0)
            (status,) = STATUS.unpack(self._told.recv(STATUS.size, socket.MSG_WAITALL))
            self.returncode = os.waitstatus_to_exitcode(status)
            self._told.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it prints until it ends."""
        printed = {self.stdout: "", self.stderr: ""}

        def read(stream: IO[str]) -> None:
            printed[stream] = stream.read()

        readers = [threading.Thread(target=read, args=(stream,), daemon=True) for stream in printed]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        for stream in printed:
            stream.close()
        return printed[self.stdout], printed[self.stderr]

    def terminate(self) -> None:
        """Signal it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: signal.Signals) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def start(
    module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], *, merged: bool = False
) -> Process:
    """Run the `main` of a module with these arguments, in a process of its own with nothing to read.

    With `merged` all that it prints comes in its order on `stdout`, as at a terminal.
    """
    ours, theirs = socket.socketpair()
    out, their_out = os.pipe()
    err, their_err = (os.open(os.devnull, os.O_RDONLY), os.dup(their_out)) if merged else os.pipe()
    given = [theirs.fileno(), their_out, their_err]
    order = json.dumps([module, list(arguments), str(folder), dict(environment)]).encode()
    server, turn = next(_servers())
    with turn:
        socket.send_fds(server, [struct.pack("I", len(order))], given)
        server.sendall(order)
    theirs.close()
    os.close(their_out)
    os.close(their_err)
    return Process(ours, out, err)


@cache
def _servers() -> Iterator[tuple[socket.socket, threading.Lock]]:
    """The processes to fork from, in turn; they end with this one."""
    started = []
    for seed in HASH_SEEDS:
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
        subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        started.append((ours, threading.Lock()))
    return itertools.cycle(started)


def serve(orders: socket.socket) -> None:
    """Fork for each order. A process between tells of the end, so that this one has nothing to wait for but orders."""
    for name in IMPORTS:
        importlib.import_module(name)
    gc.freeze()  # or its first look at the garbage copies all of this into each process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        head, given, _, _ = socket.recv_fds(orders, 4, 3)
        if not head:
            return
        (length,) = struct.unpack("I", head)
        module, arguments, folder, environment = json.loads(orders.recv(length, socket.MSG_WAITALL))
        if os.fork() == 0:
            orders.close()
            _between(given, module, arguments, folder, environment)
        for fd in given:
            os.close(fd)


def _between(given: list[int], module: str, arguments: list[str], folder: str, environment: dict[str, str]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told, out, err = given
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _become(out, err, folder, environment)
        sys.argv[:] = ["coralrun", *arguments]
        _run(module)
    os.close(out)
    os.close(err)
    os.write(told, STATUS.pack(pid))
    os.write(told, STATUS.pack(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(out: int, err: int, folder: str, environment: dict[str, str]) -> None:
    """Be as a new process is: nothing is left of the one that this was forked from but what it imported."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def _run(module: str) -> NoReturn:
    """Call the module's `main`, and end as the interpreter ends after it."""
    code: object = 0
    try:
        importlib.import_module(module).main()
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
