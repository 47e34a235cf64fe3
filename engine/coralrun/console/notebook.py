"""How a notebook is told: one block that changes while a run goes on, and no line in red.

Rule: a notebook shows standard error in red, so all that is printed goes to standard output. The block is shown in
place by the notebook's own display, which every front end has; where there is none (IPython at a terminal, a script),
`console.printer` prints lines.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coralrun.console.live import progress_of
from coralrun.console.printer import Printer
from coralrun.errors import CoralrunError

if TYPE_CHECKING:
    from coralrun.app.run.run_directory import OpenRun
    from coralrun.driver import Watcher

_KERNEL = "ZMQInteractiveShell"
"""The shell of a notebook's kernel; that of a terminal has another name."""


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this process; IPython is asked only where it is loaded already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == _KERNEL


@dataclass(slots=True)
class Told(Printer):
    """Prints for whoever called from Python; `cancelled` says whether they want the run to stop."""

    cancelled: Callable[[], bool] = lambda: False

    def is_cancelled(self) -> bool:
        """Whether the run is to stop."""
        return self.cancelled()

    def agrees(self, question: str) -> bool:
        """A call says yes: there is nobody to ask."""
        return True


@dataclass(slots=True)
class NotebookTold(Told):
    """The same in a notebook."""

    def doing(self, text: str) -> None:
        """What is going on, in the same colour as all others."""
        self.say(text)

    def remark(self, text: str) -> None:
        """A line that stays."""
        self.say(text)

    def paused(self, error: CoralrunError) -> None:
        """Why a run stands still."""
        self.lines([*error.message.split("\n"), f"-> {error.remedy}"])

    def watching(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """A block that changes."""
        return _shown(opened)


def told(cancelled: Callable[[], bool] = lambda: False) -> Told:
    """The reporter of a call from Python: that of a notebook in one."""
    return NotebookTold(cancelled=cancelled) if in_notebook() else Told(cancelled=cancelled)


@contextmanager
def _shown(opened: OpenRun) -> Iterator[Watcher]:
    display: Any = sys.modules["IPython"].display
    place = display.display(display.HTML(""), display_id=True)

    def show(text: str) -> None:
        place.update(display.HTML(f"<pre>{html.escape(text)}</pre>"))

    try:
        yield progress_of(opened, show)
    finally:
        place.update(display.HTML(""))
