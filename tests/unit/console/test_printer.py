"""What is printed does nothing to a terminal but show itself."""

from __future__ import annotations

import io
import json
import sys
from typing import cast

import pytest

from coralrun.app.run.progress import PlainProgress
from coralrun.app.run.run_directory import OpenRun
from coralrun.console.printable import folded, printable
from coralrun.console.printer import Printer
from coralrun.errors import InvalidInput, Problem, ServiceError, UsageError


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "bell\x07", "\x9b2J", "over\u202ewritten", "half\ud800", "two\nlines", "a\ttab", "back\r"]
)
def test_control_characters_of_a_name_are_shown_not_sent(text: str) -> None:
    shown = printable(text)

    assert "\\x" in shown
    assert shown.encode("utf-8").decode("utf-8").isprintable()


def test_ordinary_names_in_any_script_are_left_alone() -> None:
    assert printable("récif 珊瑚 🪸, line two") == "récif 珊瑚 🪸, line two"


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("  time        at least 15 s (image pages)", ["  time        at least 15 s", "              (image pages)"]),
        ("  warning: this source is not public", ["  warning: this source is not", "    public"]),
        ("-> Write another number of a source", ["-> Write another number of a", "   source"]),
        ("there is no source of that number", ["there is no source of that", "number"]),
        (
            "-> Move it, or call `coralrun apply` with what was moved",
            ["-> Move it, or call", "   `coralrun apply` with what", "   was moved"],
        ),
        ("  next    coralrun report runs/a-long-name", ["  next    coralrun report runs/a-long-name"]),
        (
            "    largest: CCA at A, Sand at B, Turf at C  IN-SAMPLE",
            ["    largest: CCA at A, Sand at", "      B, Turf at C  IN-SAMPLE"],
        ),
        ("Ab  recall 52.1% (<0.3 to 9.0)", ["Ab  recall 52.1% (<0.3 to 9.0)"]),
        ("Ab  precision 7.5% (0.3 to 9.0)", ["Ab  precision", "    7.5% (0.3 to 9.0)"]),
        ("save it, then: coralrun show runs/x b.jpg", ["save it, then:", "coralrun show runs/x b.jpg"]),
        (
            "  note: for each `habitat` say `unit: site`, then coralrun apply; or pool",
            ["  note: for each `habitat` say", "    `unit: site`, then", "    coralrun apply; or pool"],
        ),
        ("ok    versions: coralrun 0.7.0, Python 3.99", ["ok    versions: coralrun", "      0.7.0, Python 3.99"]),
        ("    runs/a-long-name/outputs/predictions.csv", ["    runs/a-long-name/outputs/predictions.csv"]),
    ],
)
def test_a_line_is_folded_between_words_and_a_command_stays_whole(line: str, lines: list[str]) -> None:
    assert folded(line, 30) == lines


def test_a_name_cannot_feign_a_line_of_a_commands_own(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().lines(["named but not found: 1 (a.jpg\n  warning: all is lost)", "classifier\t7"])
    assert capsys.readouterr().out == "named but not found: 1 (a.jpg\\x0a  warning: all is lost)\nclassifier\\x097\n"


def test_an_error_as_json_is_one_document_with_every_problem(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(as_json=True).error(InvalidInput([Problem("s.yaml", 3, 7, "wrong"), Problem("s.yaml", 9, 1, "too")]))

    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == 2
    assert [problem["line"] for problem in document["problems"]] == [3, 9]


def test_an_error_for_people_names_the_remedy_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().error(InvalidInput([Problem("s.yaml", 3, 7, "wrong")]))

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "s.yaml:3:7: wrong\n-> Correct the lines named above and run the command again.\n"


def test_where_nobody_is_there_nothing_is_asked_and_a_run_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    assert printer.ask is None
    assert printer.agrees("Carry it out?")
    with printer.watching(cast(OpenRun, None)) as watcher:
        assert isinstance(watcher, PlainProgress)
    assert capsys.readouterr() == ("", "")


def test_somebody_at_a_terminal_is_asked_who_they_are_and_whether_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    said = ["ann", "secret", "", "no"]

    def answer(question: str, **_: object) -> str:
        asked.append(question.replace("\n", " "))
        return said.pop(0)

    monkeypatch.setattr("coralrun.console.printer.at_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", answer)
    monkeypatch.setattr("typer.confirm", lambda question, **_: answer(question) == "yes")
    ask = Printer().ask
    assert ask is not None
    assert ask("coralnet.example") == ("ann", "secret")
    assert ask("coralnet.example") is None, "Enter alone"
    assert not Printer().agrees("Carry it out?")
    assert Printer(as_json=True).agrees("Carry it out?"), "a program is not asked"
    with pytest.raises(UsageError, match="nobody is at a terminal to be asked: nothing was written"):
        Printer(as_json=True).agrees("Write them?", is_lasting=True)
    name = "User name at coralnet.example (used by this command, and kept nowhere; Enter for none)"
    assert asked == [name, "Password", name, "Carry it out?"]


def test_why_a_run_stands_still_is_no_second_document(capsys: pytest.CaptureFixture[str]) -> None:
    error = ServiceError("the service is away")
    Printer(as_json=True).paused(error)
    assert capsys.readouterr() == ("", "")
    Printer().paused(error)
    assert capsys.readouterr().err.startswith("the service is away\n-> ")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, term: str) -> str:
    """What a terminal is sent for two things that go on, an answer, and one more until the end."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "30")
    printer = Printer()
    printer.doing("listing the images of source 1", 20, 60)
    printer.doing("compiling")
    printer.begin("reading")
    printer.say("Plan")
    printer.doing("fetching a.jpg")
    printer.close()
    return terminal.getvalue()


def test_what_goes_on_is_one_line_at_a_terminal_and_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    anew = "\r\x1b[2K"
    assert at_a_terminal(monkeypatch, "xterm") == (
        f"{anew}listing the imag...: 20 of 60{anew}compiling{anew}Plan\n{anew}fetching a.jpg{anew}"
    )


def test_a_terminal_that_cannot_go_back_is_told_in_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert at_a_terminal(monkeypatch, "dumb").splitlines() == [
        "listing the images of source 1: 20 of 60",
        "compiling",
        "Plan",
        "fetching a.jpg",
    ]
