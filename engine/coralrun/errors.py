"""Every way that coralrun can fail, each with an exit code and a remedy.

Rule: an error that a person can meet is a class here. The class carries the exit code of the process and a remedy in
one sentence; the command line is the one place that catches, prints both and exits. Problems in a file of the user's
are data (`Problem`), gathered and raised together, so that one run of `validate` shows them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EXIT_COMPLETE = 0
EXIT_BUG = 1
EXIT_SOME_IMAGES_FAILED = 7
EXIT_ROWS_HELD_BACK = 7
EXIT_WORKING, EXIT_STOPPED, EXIT_DEAD, EXIT_PAUSED = 20, 21, 22, 23  # of `status --exit-code`
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

SHOWN_PROBLEMS = 100
"""A person mends the first hundred and runs again; what more there is goes into a table, not over the screen."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file of the user's. `line` and `column` count from 1; 0 where they are not known."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return f"{place}: {self.message}"


class CoralrunError(Exception):
    """The root of the error tree. `exit_code` is the exit code of the process, `remedy` what the person can do."""

    exit_code = EXIT_BUG
    remedy = "This is a defect in coralrun: please report it with the command and this message."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the way through our modules helps nobody there."""
        return [f"{type(self).__name__}: {self.message}", f"-> {self.remedy}"]


class UsageError(CoralrunError):
    """A command was called with something that cannot be: a missing file, options that exclude each other."""

    exit_code = 2
    remedy = "See `coralrun --help`."


class InvalidInput(CoralrunError):
    """A survey, or a file that it names, has problems; all of them are in `problems`, in the order of the file.

    The message has the first hundred.
    """

    exit_code = 2
    remedy = "Correct the lines named above and run the command again."

    def __init__(self, problems: Iterable[Problem], *, remedy: str | None = None) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if len(self.problems) > SHOWN_PROBLEMS:
            lines.append(f"and {len(self.problems) - SHOWN_PROBLEMS} more problems")
        super().__init__("\n".join(lines), remedy=remedy)


class Refusals:
    """What one call is refused for, gathered, so that a person mends all of it in one go."""

    def __init__(self) -> None:
        self._found: list[UsageError | InvalidInput] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is refused here, and go on."""
        try:
            yield
        except (UsageError, InvalidInput) as error:
            self._found.append(error)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise what was noted: an error alone as it is, several as one UsageError."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            remedies = dict.fromkeys(error.remedy for error in self._found)
            raise UsageError("\n".join(error.message for error in self._found), remedy=" ".join(remedies))


class SurveyChanged(CoralrunError):
    """The survey, or a file that it reads, is not the one that this run was started with."""

    exit_code = 2
    remedy = (
        "Give the changed survey an output directory of its own, or put the old survey back to go on with this run."
    )


class CredentialsError(CoralrunError):
    """The service does not accept the credentials, or they are missing, or they do not allow what is asked."""

    exit_code = 3
    remedy = "Give the credentials of an account that the service accepts, and that may see what is asked for."


class AccountMissing(CredentialsError):
    """No account is at hand, and what is asked for needs one: whoever is at a terminal can be asked."""


class AccountRefused(CredentialsError):
    """The service knows no such account, or not with this password: it refuses it, whatever is asked for."""


class LockedError(CoralrunError):
    """Another process works on this run, or another copy of it was carried on."""

    exit_code = 4
    remedy = "Wait for it to end, or stop it first."


class AtWork(LockedError):
    """Another process works on this run now: on the one in `directory`."""

    def __init__(self, message: str, directory: Path) -> None:
        super().__init__(message)
        self.directory = directory


class DiskError(CoralrunError):
    """A place cannot be written. Of a run, what was recorded before stands, and it can be resumed."""

    exit_code = 5
    remedy = "Make room or mend the permissions, and call the command again; a run goes on with `coralrun resume`."


class ServiceError(CoralrunError):
    """The service cannot go on: unreachable for too long, or it answers what coralrun does not understand."""

    exit_code = 6
    remedy = (
        "Look at your network. Nothing is lost: the next call tries again, and `coralrun resume` goes on with a run."
    )


class TooManyRequests(ServiceError):
    """The service takes no request for `wait_s` seconds."""

    remedy = "Wait that long and try again."

    def __init__(self, service: str, wait_s: float, *, remedy: str | None = None) -> None:
        super().__init__(f"{service}: too many requests; the next is taken in {math.ceil(wait_s):,} s", remedy=remedy)
        self.wait_s = wait_s


class OutOfMemory(CoralrunError):
    """The computer has no memory left for what was asked."""

    exit_code = 9
    remedy = "Close other programs, or take a computer with more memory; a run goes on with `coralrun resume`."


class RunDamaged(CoralrunError):
    """A file of the run directory is not what coralrun wrote."""

    exit_code = 8
    remedy = "Restore the run directory from a backup, or start anew in another output directory."
