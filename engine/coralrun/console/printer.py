"""The one printer.

Rule: what a command found goes to standard output, what it is doing to standard error. With `--json` standard output
holds one JSON document and nothing else. Names and texts come from photographs, servers and files: control characters
in them are shown, never sent to a terminal. A reader who leaves stops no run: what is printed after that is lost, and
nothing else.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from coralrun.console.colour import can_move, coloured, is_coloured
from coralrun.console.passing import Passing, Sparse
from coralrun.console.printable import folded, printable
from coralrun.errors import EXIT_INTERRUPTED, CoralrunError, DiskError, Problem, UsageError

if TYPE_CHECKING:
    from coralrun.app.run.run_directory import OpenRun
    from coralrun.console.live import LiveProgress
    from coralrun.driver import Watcher
    from coralrun.reaching import Ask, Login
    from coralrun.store.layout import Layout


_LEAST_COLUMNS: Final = 20
_ANEW: Final = "\r\x1b[2K"
"""To the beginning of the line, and nothing is on it (ECMA-48, EL)."""


@dataclass(slots=True)
class Printer:
    """Prints for people, or one JSON document for programs; `events` is a file for what happens in a run."""

    as_json: bool = False
    events: Path | None = None
    lost: DiskError | None = None
    """Why what a command found could not be printed whole, where it could not: a full disk, and no reader who left."""
    ticks: bool = False
    """Whether the line that passes tells the time by itself, until `close`."""
    _documented: bool = False
    _block: LiveProgress | None = None
    """The block by which a run shows itself, while it does."""
    _passing: Passing | Sparse | None = None

    def say(self, text: str = "") -> None:
        """A line for people."""
        if not self.as_json:
            self._clear()
            try:
                _write(sys.stdout, _shown(text, sys.stdout), whole=True)
            except DiskError as error:  # a run goes on: it ends with this
                self.lost = error

    def lines(self, texts: Iterable[str]) -> None:
        """Several lines for people."""
        for text in texts:
            self.say(text)

    def doing(self, what: str, done: int = 0, of: int = 0) -> None:
        """What is going on, and how far it is: at a terminal one line that changes, elsewhere a few."""
        if self._block is not None:
            self._block.doing(what, done, of)
        elif not self.as_json:
            self._going_on().doing(what, done, of)

    def begin(self, what: str) -> None:
        """What a command begins with, for whoever waits at a terminal before it says anything itself."""
        if not self.as_json:
            self._going_on().doing(what, late=True)

    def beware(self, texts: Iterable[str]) -> None:
        """Lines among what was found."""
        self.lines(texts)

    def changing(self, layout: Layout, number: int, texts: Iterable[str], changed: Iterable[str]) -> None:
        """Lines among what was found."""
        self.lines(texts)

    def going_on(self, opened: OpenRun) -> None:
        """Nothing: what came before was told."""

    def remark(self, text: str) -> None:
        """A line beside what was found, which stays."""
        if not self.as_json:
            self._clear()
            _write(sys.stderr, _shown(text, sys.stderr))

    def close(self) -> None:
        """Leave nothing at the terminal that was to pass."""
        self._clear()

    def _clear(self) -> None:
        if self._passing is not None:
            self._passing.clear()

    def _going_on(self) -> Passing | Sparse:
        if self._passing is None:
            self._passing = self._way_to_tell()
        return self._passing

    def _way_to_tell(self) -> Passing | Sparse:
        if not can_move(sys.stderr):
            return Sparse(lambda line: _write(sys.stderr, _shown(line, sys.stderr)))
        return Passing(lambda line: _write(sys.stderr, f"{_ANEW}{printable(line)}"), ticks=self.ticks)

    def document(self, value: Any) -> None:
        """The one JSON document."""
        if self.as_json:
            self._documented = True
            self.raw(json.dumps(value, ensure_ascii=True, indent=2, default=str) + "\n")

    def raw(self, text: str) -> None:
        """Text that a program will read, as it is; raises DiskError when it cannot be had whole."""
        _write(sys.stdout, text, whole=True)

    def error(self, error: CoralrunError, trace: str = "") -> None:
        """An error and its remedy, and for a defect the way to it."""
        if self.as_json and not self._documented:
            problems: Iterable[Problem] = getattr(error, "problems", ())
            self.document(
                {
                    "error": type(error).__name__,
                    "exit_code": error.exit_code,
                    "message": error.message,
                    "remedy": error.remedy,
                    "problems": [
                        {name: getattr(problem, name) for name in ("file", "line", "column", "message")}
                        for problem in problems
                    ],
                    **({"traceback": trace} if trace else {}),
                }
            )
            return
        self._clear()
        lines = f"{trace}{error.message}\n-> {error.remedy}".split("\n")
        _write(sys.stderr, "".join(_shown(line, sys.stderr, plain=self.as_json) for line in lines))

    def paused(self, error: CoralrunError) -> None:
        """Why a run stands still, for people."""
        if not self.as_json:
            self.error(error)

    @property
    def ask(self) -> Ask | None:
        """Ask at the terminal who somebody is."""
        self._clear()
        return _ask if at_terminal() else None

    def agrees(self, question: str, *, is_lasting: bool = False) -> bool:
        """Whether somebody at the terminal says yes."""
        import typer

        self._clear()
        if self.as_json or not at_terminal():
            if is_lasting:
                raise UsageError(
                    "this cannot be undone, and nobody is at a terminal to be asked: nothing was written",
                    remedy="Look at what is shown, and say --yes if you mean it.",
                )
            return True
        return typer.confirm(question, default=not is_lasting)

    def is_cancelled(self) -> bool:
        """Never: whoever sits at a terminal has Ctrl-C."""
        return False

    def watching(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """A live block at a terminal, plain lines elsewhere; for programs events, which may go to a file as well."""
        shown = self._watcher(opened)
        if self.events is None:
            return shown
        from coralrun.console.event_file import also_written

        return also_written(shown, self.events)

    def _watcher(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        if self.as_json:
            from coralrun.app.run.events import Events
            from coralrun.clock import SystemClock

            return nullcontext(Events(lambda line: _write(sys.stderr, line), SystemClock().utc))
        if at_terminal() and sys.stderr.isatty():
            # The block is drawn there, and would end the process if its reader left.
            from coralrun.console.live import drawn

            self._clear()
            return self._as_block(drawn(opened))
        from coralrun.app.run.progress import PlainProgress

        return nullcontext(PlainProgress(self.remark))

    @contextmanager
    def _as_block(self, shown: AbstractContextManager[LiveProgress]) -> Iterator[Watcher]:
        """A run that shows itself, and what else goes on meanwhile, as one block."""
        try:
            with shown as self._block:
                yield self._block
        finally:
            self._block = None

    def interrupted(self, remedy: str) -> None:
        """That the command was interrupted, and what that means."""
        if self.as_json and not self._documented:
            self.document(
                {
                    "error": "Interrupted",
                    "exit_code": EXIT_INTERRUPTED,
                    "message": "Interrupted",
                    "remedy": remedy,
                    "problems": [],
                }
            )
        self.remark(f"Interrupted; {remedy}")


def _write(stream: TextIO | None, text: str, *, whole: bool = False) -> None:
    if stream is None:  # a process started without this stream
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _hush(stream)
        if whole and not isinstance(error, BrokenPipeError):
            raise DiskError(
                f"standard output: {error.strerror or error}", remedy="Send it to another place."
            ) from error


def _shown(line: str, stream: TextIO | None, *, plain: bool = False) -> str:
    """A line as a stream gets it."""
    harmless = [printable(line)]
    if can_move(stream):
        harmless = folded(harmless[0], max(shutil.get_terminal_size().columns, _LEAST_COLUMNS))
    shown = coloured(harmless) if is_coloured(stream) and not plain else harmless
    return "".join(f"{line}\n" for line in shown)


def _hush(stream: TextIO) -> None:
    """Send what is left in a stream nowhere: else the interpreter tries once more at its end, and complains."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def show_what_cannot_be_encoded() -> None:
    """Have characters that a stream's encoding does not know printed as their numbers, instead of failing at them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def at_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(host: str) -> Login | None:
    import typer

    from coralrun.reaching import Login

    asked = f"User name at {host} (used by this command, and kept nowhere; Enter for none)"
    columns = max(shutil.get_terminal_size().columns, _LEAST_COLUMNS)
    username = typer.prompt("\n".join(folded(asked, columns)), default="", show_default=False, err=True)
    return Login(username, typer.prompt("Password", hide_input=True, err=True)) if username else None
