"""Whom a use case tells what it does, and asks: the command line, or Python, or nobody.

Rule: a use case prints nothing and asks nobody itself. What was found is said, what is going on is told in between.
Whoever reads on a terminal sees both; a program that reads JSON gets one document, and nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # whoever prints a help text loads no run
    from coralrun.app.run.run_directory import OpenRun
    from coralrun.driver import Watcher
    from coralrun.errors import CoralrunError
    from coralrun.reaching import Ask
    from coralrun.store.layout import Layout


class Reporter(Protocol):
    """Whoever listens to a use case, and answers for a person; `console.printer.Printer` is the one that prints.

    Texts are for people, one line each unless it says otherwise, and may hold names from outside: whoever shows them
    makes them harmless.
    """

    @property
    def ask(self) -> Ask | None:
        """How a person is asked who they are; None where nobody is there to say."""
        ...

    def say(self, text: str = "") -> None:
        """A line that was found."""
        ...

    def lines(self, texts: Iterable[str]) -> None:
        """Several lines that were found."""
        ...

    def doing(self, what: str, done: int = 0, of: int = 0) -> None:
        """What is going on, in words that stay the same while it does; how much of it is done, of how much."""
        ...

    def remark(self, text: str) -> None:
        """A line beside what was found, which stays where lines about what is going on pass."""
        ...

    def beware(self, texts: Iterable[str]) -> None:
        """Lines of something that somebody has to see to, though the command went well."""
        ...

    def changing(self, layout: Layout, number: int, texts: Iterable[str], changed: Iterable[str]) -> None:
        """Such lines of plan `number` of a run, which is about to come into force; and what `changed`, which is told
        where an earlier change is still to be told of."""
        ...

    def going_on(self, opened: OpenRun) -> None:
        """A run that is about to be carried on, or is over."""
        ...

    def document(self, value: Any) -> None:
        """All that was found, for a program."""
        ...

    def paused(self, error: CoralrunError) -> None:
        """Why a run stands still, and what to do, beside the document that says how it stands."""
        ...

    def agrees(self, question: str, *, is_lasting: bool = False) -> bool:
        """Whether a person says yes; True where nobody is there to say, but for what `is_lasting`, since it takes away
        what others have: there a command raises UsageError, and must be called with --yes."""
        ...

    def is_cancelled(self) -> bool:
        """Whether the run is to stop, as after Ctrl-C; asked while it goes on."""
        ...

    def watching(self, opened: OpenRun) -> AbstractContextManager[Watcher]:
        """A watcher that shows a run while it goes on."""
        ...
