"""What is printed where nobody looks on, and cron mails what is printed: nothing, where nobody has to see to anything.

Rule: a call that did nothing says nothing, whatever an earlier one has told; so does one that finds another at work,
unless that one stands still. What is wrong comes with its date, because mails are read later. A run that begins is told
once: somebody may have one of the same survey elsewhere. What has to be told of a run stands in it until it was
(`store.untold`): where a call is killed, the next one tells it.
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
from coralrun.store import untold
from coralrun.store.layout import Layout
from coralrun.store.untold import Untold
from coralrun.values.phrases import count, typed

_GOES_ON = {EXIT_COMPLETE: ", all done", EXIT_TERMINATED: ", and the next call goes on"}
"""What nobody has to see to: all is done, or the system is shut down."""


_INDENT = "  "
"""Of the lines of a summary and of changes, which stand below their heading."""


@dataclass(slots=True)
class Quiet(Printer):
    """Keeps what is said, until it shows whether somebody has to know; `at` is when the call began."""

    at: str = field(default_factory=lambda: SystemClock().utc())
    _said: list[str] = field(default_factory=list)
    _beware: list[str] = field(default_factory=list)
    _was_carried_out: bool = False
    _layout: Layout | None = None
    """Of the run that this call goes on with, once it does."""
    _untold: tuple[Untold, ...] = ()
    """What its calls have to tell, of which this one is the last."""
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

    def changing(self, layout: Layout, number: int, texts: Iterable[str], changed: Iterable[str]) -> None:
        """Keep lines in the run, for a later call if need be. What an earlier call has still to tell of may hold no
        longer: then what changed since is told too."""
        self._untold = tuple(call for call in untold.read(layout.untold) if call.plan < number)  # that came into force
        told = tuple(texts)
        if not told and any(call.lines for call in self._untold):
            told = ("changed again since, and this holds now:", *changed)
        self._leave(layout, number, told)

    def going_on(self, opened: OpenRun) -> None:
        """From here on it is told what is left to be told of a run."""
        self._layout = opened.layout
        kept = self._untold or untold.read(opened.layout.untold)
        self._untold = tuple(call for call in kept if call.plan <= opened.state.plan)
        if any(call.at != self.at for call in self._untold):
            self._carried_out()

    def error(self, error: CoralrunError, trace: str = "") -> None:
        """Keep what it ended with."""
        self._error, self._trace = error, trace

    def news(self, what: str, code: int) -> list[str]:
        """What somebody has to know of a survey, `what`, that ended with this code."""
        lines = [f"  {line}" for line in self._lines(code)]
        return [f"{SystemClock().utc()} {what} ended with {code}{_GOES_ON.get(code, '')}:", *lines] if lines else []

    def was_told(self) -> None:
        """It was printed."""
        if self._layout is not None:
            untold.drop(self._layout.untold)

    def _lines(self, code: int) -> Iterator[str]:
        error = self._error
        if code in _GOES_ON or (code == EXIT_SOME_IMAGES_FAILED and not self._was_carried_out):
            yield from self._to_know()
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
        yield from self._to_know()
        if error is not None:
            yield from [*self._trace.splitlines(), *error.message.split("\n"), f"-> {error.remedy}"]

    def _watcher(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """From here on the run is told of, and no more its plan."""
        self._leave(opened.layout, opened.state.plan, _begun_lines(opened))
        self._carried_out()
        return nullcontext(_Unseen())

    def _carried_out(self) -> None:
        self._said.clear()
        self._was_carried_out = True

    def _leave(self, layout: Layout, number: int, texts: Iterable[str]) -> None:
        """Have lines told by whichever call comes to it; without any, how the run ends."""
        known = {line for call in self._untold for line in call.lines}
        lines = tuple(line for text in texts if (line := text.removeprefix(_INDENT)) not in known)
        if lines or not self._untold:
            self._untold += (Untold(self.at, number, lines),)
            untold.write(layout.untold, self._untold)

    def _to_know(self) -> Iterator[str]:
        """What was left to be told, that of earlier calls first, and what this one found besides."""
        for call in self._untold if self._layout is not None else ():
            if call.at == self.at:
                yield from call.lines
            elif call.lines:
                yield f"of the call of {call.at}, which was cut short:"
                yield from (f"  {line}" for line in call.lines)
        yield from self._beware


def _begun_lines(opened: OpenRun) -> Iterator[str]:
    """What is told of a run that is about to be carried out."""
    if not opened.state.sessions:
        images, points = count(len(opened.plan.images), "image"), count(opened.plan.points, "point")
        there = f"no run was at {opened.layout.root}, and one in another clone is not known here"
        yield f"begun: {images}, {points} in all; {there}"
    yield from named_lines("named but not found", opened.plan.not_found)


class _Unseen:
    """Watches, and tells nobody."""

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Nobody looks on."""

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Nobody looks on."""
