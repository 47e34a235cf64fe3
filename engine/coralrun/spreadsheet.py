"""Texts as cells of a table that a person opens in a spreadsheet.

Rule: a text that a spreadsheet would run (= + - @, a tab or a line end first) gets an apostrophe before it. Tables that
programs join by name are lossless instead, and never pass through here.
"""

from __future__ import annotations

from typing import Final

_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """A text that a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(_RUN) else text
