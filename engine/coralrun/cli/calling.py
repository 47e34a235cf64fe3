"""How every command is called: its errors become its message, its remedy and its exit code, and nothing else escapes.

Rule: nothing heavy is imported here, so that `--help` is there at once.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from coralrun.cli.leaving import interruptible
from coralrun.cli.problems import list_problems
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, EXIT_INTERRUPTED, CoralrunError, OutOfMemory

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


EventFile = Annotated[
    Path | None, typer.Option("--events", metavar="FILE", help="Write what happens to a file too, an event a line.")
]


def call(
    as_json: bool,
    command: Callable[[Printer], int],
    events: Path | None = None,
    *,
    begins: str = "",
    left_at_once: str = "",
) -> NoReturn:
    """Run a command; it returns its exit code. What it begins with is said to those who wait for its first word.

    A command that computes in libraries that are not Python is `left_at_once` by Ctrl-C, with what is said then.
    """
    printer = Printer(as_json, events, ticks=True)
    code = ended(printer, command, begins, left_at_once)
    printer.close()
    raise typer.Exit(code)


def ended(printer: Printer, command: Callable[[Printer], int], begins: str = "", left_at_once: str = "") -> int:
    """The exit code of a command, whatever it ended with, which has been said."""
    try:
        with interruptible((lambda: printer.interrupted(left_at_once)) if left_at_once else None):
            if begins:
                printer.begin(begins)
            code = command(printer)
        if printer.lost is not None and code == EXIT_COMPLETE:
            raise printer.lost
    except CoralrunError as error:
        listed = list_problems(error)
        printer.error(error)
        if listed:
            printer.remark(listed)
        code = error.exit_code
    except typer.Abort:  # Ctrl-C at a question: all questions are asked before a run is made
        printer.interrupted("nothing had been started.")
        code = EXIT_INTERRUPTED
    except (KeyboardInterrupt, BrokenPipeError):  # the pipe of a question; the printer sees to its own
        printer.interrupted("a run that had begun goes on with `coralrun resume`.")
        code = EXIT_INTERRUPTED
    except MemoryError:
        spent = OutOfMemory("there is not enough memory for this")
        printer.error(spent)
        code = spent.exit_code
    except Exception as error:  # a program that called waits for its document
        defect = CoralrunError(f"a defect in coralrun: {type(error).__name__}: {error}")
        printer.error(defect, traceback.format_exc())
        code = defect.exit_code
    return code
