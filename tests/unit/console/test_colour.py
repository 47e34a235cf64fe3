"""Colours: few, at a terminal alone, and none where they are not wanted."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from tests.terminal import coralrun_at_terminal

from coralrun.console.colour import coloured
from coralrun.console.printer import Printer
from coralrun.errors import UsageError

ESCAPES = re.compile(r"\x1b\[[\d;]*m")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  + 3 images new", "  \x1b[32m+\x1b[0m 3 images new"),
        ("  ~ 1,000 images changed", "  \x1b[35m~\x1b[0m 1,000 images changed"),
        ("  - 1 image no longer named", "  \x1b[31m-\x1b[0m 1 image no longer named"),
        ("  = 0 images as before", "  \x1b[1m=\x1b[0m 0 images as before"),
        ("60 = 59 succeeded + 1 failed + 0 skipped", "60 = 59 succeeded + \x1b[31m1 failed\x1b[0m + 0 skipped"),
        ("5 = 0 failed + 1,204 skipped", "5 = 0 failed + \x1b[35m1,204 skipped\x1b[0m"),
        ("reef: finished, with 12 failed", "reef: finished, with \x1b[31m12 failed\x1b[0m"),
        ("failures    0 images", "failures    0 images"),
        ("failures    2 images", "\x1b[31mfailures    2 images\x1b[0m"),
        ("  warning: no dates", "\x1b[35m  warning:\x1b[0m no dates"),
        ("-> Name the file.", "\x1b[1m-> Name the file.\x1b[0m"),
        ("a photo - 3 images.jpg -> x", "a photo - 3 images.jpg -> x"),
    ],
)
def test_only_what_is_to_be_found_at_a_glance_is_coloured(line: str, shown: str) -> None:
    assert coloured([line]) == [shown]


def test_a_remedy_that_was_folded_is_bold_as_a_whole() -> None:
    assert coloured(["-> Name", "the file."]) == ["\x1b[1m-> Name\x1b[0m", "\x1b[1mthe file.\x1b[0m"]


def printed(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, env: dict[str, str], *, as_json: bool = False) -> str:
    """What a stream is sent of an answer, an error, and what a program will read."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **env}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    printer = Printer(as_json=as_json)
    printer.say("  + 3 images new")
    printer.raw("2 failed\n")
    printer.document({"said": "2 failed"})
    printer.error(UsageError("wrong", remedy="Mend it."))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("env", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colours_are_for_terminals_unless_somebody_says_otherwise(
    env: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream, has_colours in ((_Terminal(), terminal), (io.StringIO(), pipe)):
        said = printed(monkeypatch, stream, env)
        assert bool(ESCAPES.search(said)) is has_colours
        assert "2 failed\n" in said, "what a program reads is as it is"
        assert ESCAPES.sub("", said) == "  + 3 images new\n2 failed\nwrong\n-> Mend it.\n"


def test_a_document_for_a_program_has_no_colour_even_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ESCAPES.search(printed(monkeypatch, _Terminal(), {"FORCE_COLOR": "1"}, as_json=True))


def test_help_at_a_narrow_terminal_has_headings_and_names_and_fits(tmp_path: Path) -> None:
    shown = coralrun_at_terminal("--help", cwd=tmp_path, columns=40, env={"LANG": "C"}).text
    assert "\x1b[1;4mBegin\x1b[0m:" in shown
    assert "  \x1b[1mapply\x1b[0m " in shown
    assert max(map(len, ESCAPES.sub("", shown).splitlines())) <= 40


def test_an_error_at_a_terminal_of_the_c_locale_says_its_remedy_boldly(tmp_path: Path) -> None:
    sent = coralrun_at_terminal("validate", "r\xe9cif.yaml", cwd=tmp_path, columns=40, env={"LANG": "C"})
    assert sent.code == 2
    assert re.search(r"\x1b\[1m-> .*\x1b\[0m\r\n$", sent.text)
