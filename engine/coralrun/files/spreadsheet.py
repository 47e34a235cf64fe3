"""Texts as cells that no spreadsheet runs.

Rule: a text that a spreadsheet would run gets an apostrophe before it: one that begins, after blanks, with = + - @ or
their wide forms, or with a tab or a line end. Numbers stay numbers. A semicolon begins a cell too, where the comma is
the decimal mark. A text that looks as if it had such an apostrophe gets another, so what is read back is what it was.
"""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile("'*(?:[\t\r\n]|[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")


def safe_cell(text: str) -> str:
    """A text that a spreadsheet shows and does not run."""
    return ";".join(f"'{part}" if _would_run(part) else part for part in text.split(";"))


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` made this cell of."""
    return ";".join(part[1:] if part[:1] == "'" and _would_run(part[1:]) else part for part in cell.split(";"))


def _would_run(text: str) -> bool:
    return _RUN.match(text) is not None and _NUMBER.fullmatch(text) is None
