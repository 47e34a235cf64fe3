"""How a notebook is told: one block that changes while a run goes on, and no line in red.

Rule: a notebook shows standard error in red, so all that is printed goes to standard output. It names calls in
place of command lines. The block is shown in place by the notebook's own display, which every front end has; where
there is none (IPython at a terminal, a script), `console.printer` prints lines.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from coralrun.console.as_calls import as_calls
from coralrun.console.live import LiveProgress, progress_of
from coralrun.console.passing import Passing
from coralrun.console.printer import Printer
from coralrun.errors import CoralrunError

if TYPE_CHECKING:
    from coralrun.app.run.run_directory import OpenRun
    from coralrun.driver import Watcher

_COLUMNS: Final = 100
_AS_PRINTED: Final = "; ".join(
    f"{what}: var(--jp-code-{what}, {usual})"
    for what, usual in (("font-family", "monospace"), ("font-size", "inherit"), ("line-height", "normal"))
)
"""Of the size of what is printed, where the front end is one of Jupyter's (the variables of its themes)."""
_KERNEL = "ZMQInteractiveShell"
"""The shell of a notebook's kernel; that of a terminal has another name."""


def as_html(text: str) -> str:
    """Lines as a notebook shows what is printed, one below the other; names and reasons in them come from outside."""
    return f'<pre style="{_AS_PRINTED}">{html.escape(text)}</pre>'


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this process; IPython is asked only where it is loaded already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == _KERNEL


def cell() -> int | None:
    """The number of the cell that runs now; None where there are no cells."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "execution_count", None)


@contextmanager
def telling(cancelled: Callable[[], bool] = lambda: False, said: Callable[[str], str] = as_calls) -> Iterator[Told]:
    """The reporter for the time of a call from Python, which puts things as `said` does; what passes is gone when the
    call is over."""
    reporter = told(cancelled, said)
    try:
        yield reporter
    finally:
        reporter.close()


@dataclass(slots=True)
class Told(Printer):
    """Prints for whoever called from Python, in the words of `said`; `cancelled` says whether the run is to stop."""

    cancelled: Callable[[], bool] = lambda: False
    said: Callable[[str], str] = as_calls

    def is_cancelled(self) -> bool:
        """Whether the run is to stop."""
        return self.cancelled()

    def say(self, text: str = "") -> None:
        """A line that names calls."""
        Printer.say(self, self.said(text))

    def remark(self, text: str) -> None:
        """The same beside what was found."""
        Printer.remark(self, self.said(text))

    def agrees(self, question: str, *, is_lasting: bool = False) -> bool:
        """A call says yes: there is nobody to ask."""
        return True


@dataclass(slots=True)
class NotebookTold(Told):
    """The same in a notebook."""

    def remark(self, text: str) -> None:
        """A line that stays."""
        self.say(text)

    def paused(self, error: CoralrunError) -> None:
        """Why a run stands still."""
        self.lines([*error.message.split("\n"), f"-> {error.remedy}"])

    def watching(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """A block that changes."""
        self._clear()
        return self._as_block(_shown(opened))

    def _way_to_tell(self) -> Passing:
        return Passing(_Place().show, columns=lambda: _COLUMNS)


def told(cancelled: Callable[[], bool] = lambda: False, said: Callable[[str], str] = as_calls) -> Told:
    """The reporter of a call from Python: that of a notebook in one. Whoever takes it closes it."""
    if in_notebook():
        return NotebookTold(cancelled=cancelled, said=said)
    return Told(cancelled=cancelled, said=said, ticks=True)


class _Place:
    """A place in a cell's output whose text changes."""

    def __init__(self) -> None:
        self._place: Any = None

    def show(self, text: str) -> None:
        """Put a text there, in place of the one before; nothing with ""."""
        display: Any = sys.modules["IPython"].display
        shown = display.HTML(as_html(text) if text else "")
        if self._place is None:
            self._place = display.display(shown, display_id=True)
        else:
            self._place.update(shown)


@contextmanager
def _shown(opened: OpenRun) -> Iterator[LiveProgress]:
    place = _Place()
    try:
        yield progress_of(opened, place.show)
    finally:
        place.show("")
