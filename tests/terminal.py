"""Programs at a terminal that is none: what they send to it, and when."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import struct
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROWS = 40
_PLAIN = {"NO_COLOR": None, "FORCE_COLOR": None, "COLUMNS": None, "TERM": "xterm-256color"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a program sent: each piece with the second at which it came, the exit code, and how long it took."""

    pieces: tuple[tuple[float, str], ...]
    code: int
    took_s: float

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(piece for _, piece in self.pieces)

    @property
    def longest_silence_s(self) -> float:
        """The longest time after its first word in which nothing was sent."""
        times = [*(at_s for at_s, _ in self.pieces), self.took_s]
        return max(after - before for before, after in pairwise(times))


def coralrun_at_terminal(
    *arguments: str, cwd: Path, columns: int = 80, env: Mapping[str, str | None] | None = None
) -> Sent:
    """Call coralrun at a terminal of so many columns; `env` changes its environment, None takes a variable away."""
    changed = {**os.environ, **_PLAIN, **(env or {})}
    environment = {name: value for name, value in changed.items() if value is not None}
    command = [sys.executable, "-m", "coralrun", *arguments]
    began_s = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        os.chdir(cwd)
        os.execve(command[0], command, environment)
    pieces = []
    try:
        while piece := _read(terminal):
            pieces.append((time.monotonic() - began_s, piece.decode("utf-8", "replace")))
        _, status = os.waitpid(child, 0)
    finally:
        os.close(terminal)
    return Sent(tuple(pieces), os.waitstatus_to_exitcode(status), time.monotonic() - began_s)


def _read(terminal: int) -> bytes:
    """What came; nothing when the program is over, which Linux calls an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""
