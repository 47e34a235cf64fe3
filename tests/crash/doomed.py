"""`python doomed.py ARGUMENTS...`: coralrun, in a process that kills itself at its n-th operation.

Rule: an operation is counted where it leaves the process: at the calls of `os` by which `store/files.py` with
`store/platforms.py` (and the lock and the log) change files, and at `Http.send`, the one place that sends. Only files
below the working directory count, so the run directory and the user's state directory do, and the interpreter's own
files do not. The process dies by SIGKILL, so nothing of it is cleaned up; what the kernel was given stays, as it does
when a process dies.

A write has two moments to die at: before it, and with the first half of its bytes written. A request has two: before
it is sent, and after its reply came and before anybody read it. Every other operation has one, before it.

Variables: DOOMED_AT=N dies at the N-th moment (0: never), or at the first of that description; DOOMED_LOG=FILE gets a
line for each moment that was lived through; DOOMED_ONCE=FILE dies at each effect once in a run's whole life, before it
and after it, and notes there where it did; DOOMED_FILE_BYTES=N lets no file grow larger than that; DOOMED_WINDOWS=N:S
gives the limiter one window of N requests in S seconds instead of the real two.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Doom:
    """Counts moments in all threads together, and ends the process at one of them."""

    def __init__(self, at: str, log: str, below: str) -> None:
        self._at = at
        self._below = os.path.realpath(below) + os.sep
        self._turn = threading.Lock()
        self._count = 0
        self._paths: dict[int, str] = {}
        self._open, self._write, self._close = os.open, os.write, os.close
        self._log = self._open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if log else None

    def moment(self, what: str) -> bool:
        """Note a moment; whether it is the last one."""
        with self._turn:
            self._count += 1
            if self._log is not None:
                self._write(self._log, f"{what}\n".encode())
            return self._at in (str(self._count), what)

    def passes(self, what: str) -> None:
        """Die here, if this is the moment."""
        if self.moment(what):
            self.die()

    def die(self) -> None:
        """End at once."""
        os.kill(os.getpid(), signal.SIGKILL)

    def patch_files(self) -> None:
        """Count the calls that change files."""
        os.open = self._open_file
        os.write = self._write_file
        os.close = self._close_file
        for name in ("fsync", "replace", "unlink", "mkdir"):
            setattr(os, name, self._counted(name, getattr(os, name)))

    def patch_client(self) -> None:
        """Count the requests."""
        from coralrun.coralnet.account.client import Http

        send: Callable[..., Any] = Http.send

        def sent(http: Http, session: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
            what = f"{method} {url.removeprefix(http.base_url).split('?')[0]}"
            self.passes(f"before {what}")
            reply = send(http, session, method, url, *rest, **options)
            self.passes(f"after {what}")
            return reply

        setattr(Http, "send", sent)  # noqa: B010 - a method that is replaced on purpose

    def _is_ours(self, path: object) -> bool:
        if isinstance(path, int):
            return path in self._paths
        return os.path.realpath(os.fsdecode(path)).startswith(self._below)  # type: ignore[arg-type]

    def _open_file(self, path: Any, flags: int, *rest: Any, **options: Any) -> int:
        ours = self._is_ours(path)
        if ours and flags & WRITES:
            self.passes(f"open {_name(path)}")
        fd = self._open(path, flags, *rest, **options)
        if ours:
            self._paths[fd] = _name(path)
        return fd

    def _close_file(self, fd: int) -> None:
        self._paths.pop(fd, None)
        self._close(fd)

    def _write_file(self, fd: int, data: Any) -> int:
        if fd in self._paths:
            self.passes(f"write {self._paths[fd]}")
            if self.moment(f"write half of {self._paths[fd]}"):
                self._write(fd, bytes(data)[: len(data) // 2])
                self.die()
        return self._write(fd, data)

    def _counted(self, name: str, real: Callable[P, R]) -> Callable[P, R]:
        def counted(*arguments: P.args, **options: P.kwargs) -> R:
            if self._is_ours(arguments[0]):
                path = arguments[0]
                self.passes(f"{name} {self._paths[path] if isinstance(path, int) else _name(path)}")
            return real(*arguments, **options)

        return counted


def _name(path: Any) -> str:
    """A file's name; of a temporary one, without what is random in it."""
    return re.sub(r"\.[0-9a-f]{16}\.new$", ".new", Path(os.fsdecode(path)).name)


def patch_effects(told: str) -> None:
    """Die before and after each effect that no process died at yet: of an upload by its photo, else by its kind."""
    from coralrun.machine import effects
    from coralrun.perform import Performer

    perform, turn = Performer.perform, threading.Lock()
    fd = os.open(told, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    known = set(Path(told).read_text(encoding="utf-8").splitlines())

    def once(what: str) -> None:
        with turn:
            if what not in known:
                os.write(fd, f"{what}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    def performed(performer: Performer, effect: effects.Effect) -> Any:
        photo = effect.image if isinstance(effect, effects.Upload | effects.CompareUpload) else ""
        what = f"{type(effect).__name__} {photo!r}"
        once(f"before {what}")
        outcome = perform(performer, effect)
        once(f"after {what}")
        return outcome

    setattr(Performer, "perform", performed)  # noqa: B010 - a method that is replaced on purpose


def patch_windows(told: str) -> None:
    """Give the limiter one small window, and blocks to match; all lengths of time are in seconds."""
    from coralrun.coralnet.account import ledger, limiter

    most, length_s = told.split(":")
    window_s = float(length_s)
    replaced: dict[str, object] = {
        "WINDOWS": ((int(most), window_s),),
        "LONGEST_S": window_s,
        "BLOCK": max(1, int(most) // 4),
        "BLOCK_USE_S": window_s / 2,
        "REPLY_S": window_s / 4,
    }
    for module in (ledger, limiter):
        for name, value in replaced.items():
            if hasattr(module, name):
                setattr(module, name, value)


def main() -> None:
    """Run coralrun with the arguments of this process."""
    doom = Doom(os.environ.get("DOOMED_AT", "0"), os.environ.get("DOOMED_LOG", ""), str(Path.cwd()))
    if most_bytes := int(os.environ.get("DOOMED_FILE_BYTES", "0")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    if windows := os.environ.get("DOOMED_WINDOWS"):
        patch_windows(windows)
    if effects_told := os.environ.get("DOOMED_ONCE"):
        patch_effects(effects_told)
    doom.patch_client()
    doom.patch_files()
    from coralrun.cli.main import main as coralrun

    sys.argv[0] = "coralrun"
    coralrun()


if __name__ == "__main__":
    main()
