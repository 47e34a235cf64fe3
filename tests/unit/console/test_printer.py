"""What is printed does nothing to a terminal but show itself."""

from __future__ import annotations

import json

import pytest

from coralrun.console.printable import printable
from coralrun.console.printer import Printer
from coralrun.errors import InvalidInput, Problem


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "bell\x07", "\x9b2J", "over\u202ewritten", "half\ud800", "two\nlines", "a\ttab", "back\r"]
)
def test_control_characters_of_a_name_are_shown_not_sent(text: str) -> None:
    shown = printable(text)

    assert "\\x" in shown
    assert shown.encode("utf-8").decode("utf-8").isprintable()


def test_ordinary_names_in_any_script_are_left_alone() -> None:
    assert printable("récif 珊瑚 🪸, line two") == "récif 珊瑚 🪸, line two"


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
