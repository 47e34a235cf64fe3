"""What is printed where nobody looks on, and cron mails what is printed: nothing, where nobody has to see to anything.

Rule: a call that did nothing says nothing, whatever an earlier one has told; so does one that finds another at work,
unless that one stands still. What is wrong comes with its date, because mails are read later. A run that begins is told
once: somebody may have one of the same survey elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.standing import stands_still
from coralrun.app.run.summary import named_lines
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.driver import Watcher
from coralrun.errors import EXIT_COMPLETE, EXIT_SOME_IMAGES_FAILED, EXIT_TERMINATED, AtWork, CoralrunError
from coralrun.machine import facts
from coralrun.machine.decide import Decision
from coralrun.machine.state import State
from coralrun.reaching import Ask
from coralrun.store.layout import Layout
from coralrun.values.phrases import count, typed

_GOES_ON = frozenset({EXIT_COMPLETE, EXIT_TERMINATED})
"""What nobody has to see to: all is done, or the system is shut down, and the next call goes on."""


@dataclass(slots=True)
class Quiet(Printer):
    """Keeps what is said, until it shows whether somebody has to know."""

    _said: list[str] = field(default_factory=list)
    _beware: list[str] = field(default_factory=list)
    _was_carried_out: bool = False
    _error: CoralrunError | None = None
    _trace: str = ""

    @property
    def ask(self) -> Ask | None:
        """Nobody is there."""
        return None

    def agrees(self, question: str, *, is_lasting: bool = False) -> bool:
        """Nobody is there to say no."""
        return True

    def say(self, text: str = "") -> None:
        """Keep a line."""
        self._said.append(text)

    def doing(self, what: str, done: int = 0, of: int = 0) -> None:
        """Nobody looks on."""

    def begin(self, what: str) -> None:
        """Nobody looks on."""

    def remark(self, text: str) -> None:
        """Keep a line."""
        self._said.append(text)

    def beware(self, texts: Iterable[str]) -> None:
        """Keep lines that are told however it ends."""
        self._beware += texts

    def error(self, error: CoralrunError, trace: str = "") -> None:
        """Keep what it ended with."""
        self._error, self._trace = error, trace

    def news(self, what: str, code: int) -> list[str]:
        """What somebody has to know of a survey, `what`, that ended with this code."""
        lines = [f"  {line}" for line in self._lines(code)]
        return [f"{SystemClock().utc()} {what} ended with {code}:", *lines] if lines else []

    def _lines(self, code: int) -> Iterator[str]:
        error = self._error
        if code in _GOES_ON or (code == EXIT_SOME_IMAGES_FAILED and not self._was_carried_out):
            yield from self._beware
            return
        if isinstance(error, AtWork):
            still = stands_still(Layout(error.directory))
            if still:
                yield f"{error.message}: {still}"
                status = f"coralrun status {typed(error.directory)}"
                yield f"-> See how it stands: {status}. Where that process hangs, end it: the next call goes on."
            return
        if self._was_carried_out or error is None:
            yield from self._said
        yield from self._beware
        if error is not None:
            yield from [*self._trace.splitlines(), *error.message.split("\n"), f"-> {error.remedy}"]

    def _watcher(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """From here on the run is told of, and no more its plan."""
        if not opened.state.sessions:
            images, points = count(len(opened.plan.images), "image"), count(opened.plan.points, "point")
            self._beware.append(f"begun: {images} of {points}; {opened.layout.root} was not there")
        self._beware += named_lines("named but not found", opened.plan.not_found)
        self._said.clear()
        self._was_carried_out = True
        return nullcontext(_Unseen())


class _Unseen:
    """Watches, and tells nobody."""

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Nobody looks on."""

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Nobody looks on."""
