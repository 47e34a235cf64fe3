"""Whose the labels of a file are, where its table does not say: by the option, or asked at a terminal."""

from __future__ import annotations

import typer

from coralrun.console.printer import Printer, at_terminal
from coralrun.review.whose_labels import Word


def word_of(labelled_by: str, printer: Printer) -> Word:
    """What the option says; without it somebody at a terminal is asked."""

    def ask(question: str) -> bool:
        printer.close()
        return typer.confirm(question, default=False)

    return Word(labelled_by, ask=ask if at_terminal() and not printer.as_json else None)
