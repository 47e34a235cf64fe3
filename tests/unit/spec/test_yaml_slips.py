"""What is mistyped in YAML is told at its own line, though the parser stumbles over it later."""

from __future__ import annotations

import time

import pytest

from coralrun.errors import InvalidInput
from coralrun.limits import MAX_SURVEY_BYTES
from coralrun.spec.load import load, plain

SURVEY = """\
version: 1
name: reef
sources:
  - folder: photos
    filters:
      include: ["*_out*"]  # the site's, not `'`
sampling:
  points:
    method: simple random
    number_of_points: 10
outputs:
  directory: runs/reef
"""


def told(text: str) -> str:
    """The first thing that is wrong with a survey."""
    try:
        problems = load("s", text.encode()).problems
    except InvalidInput as error:
        problems = error.problems
    return str(problems[0]).removeprefix("s:")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("version: 1", "version 1", "1:1: a key stands here without its `:`"),
        ("version: 1", "version:1", "1:8: a blank must follow the `:`"),
        ("name: reef", "name reef", "2:1: a key stands here without its `:`"),
        ("name: reef", "name:reef", "2:5: a blank must follow the `:`"),
        ("name: reef", "name = reef", "2:6: a key is followed by `: `, and not by `=`"),
        ("name: reef", "name:\u00a0reef", "2:6: a special blank (U+00A0) stands here"),
        ("name: reef", "name\uff1a reef", "2:5: a `:` of another writing"),
        ("name: reef", " name: reef", "2:2: this is indented more than line 1"),
        ("name: reef", 'name: "reef', "2:7: the quote that is opened here is not closed in its line"),
        ("name: reef", "name: 'reef #1", "2:7: the quote that is opened here is"),
        ("name: reef", "name: \u201creef\u201d", "2:7: these are the quotes of a text"),
        ("name: reef", 'name: "reef" 2024', "2:14: text stands behind the quote that closes here"),
        ("name: reef", "name: 'ann's reef'", "2:12: text stands behind the quote that closes here"),
        ("name: reef", 'name: "a #1" b', "2:14: text stands behind the quote"),
        ("name: reef", "name: {site}_1", "2:13: text goes on behind `}`"),
        ("name: reef", "name: runs: reef", "2:11: a second `:` stands where none can be"),
        ("sources:", "sources", "3:1: a key stands here without its `:`"),
        ("  - folder", "  -folder", "4:3: a blank must follow the `-`"),
        ("  - folder", "  \u2013 folder", "4:3: an item of a list begins with `- `, and not with `\u2013`"),
        ("  - folder", "\t- folder", "4:1: a tab stands where YAML wants blanks"),
        ("    filters:", "   filters:", "5:4: this is indented more than line 4"),
        ('["*_out*"]', '["*_out*", "b]', "6:27: the quote that is opened here is never closed"),
        ('["*_out*"]', '["*_out*"', "6:16: the `[` that is opened here is never closed, or a `,` is missing"),
        ('["*_out*"]', '{a: "*_out*"', "6:16: the `{` that is opened here is never closed"),
        ('["*_out*"]', "[*_out*]", "6:22: a value that begins with `*` must be in quotes"),
        ("  points:", "  points", "8:3: a key stands here without its `:`"),
        ("    number_of", "      number_of", "10:7: this is indented more than line 9"),
        ("    number_of", "   number_of", "10:4: the line does not fit those above"),
        ("runs/reef", '"runs\\reef"', "12:14: in double quotes `\\` begins an escape"),
        (
            "name: reef",
            "<<<<<<< HEAD\nname: reef\n=======\nname: atoll\n>>>>>>> ann",
            "2:1: two versions of these lines, of",
        ),
        ("    filters:", "||||||| 81ab\n    filters:", "5:1: two versions of these lines"),
        ("runs/reef", '"D:\\new"', "12:14: in double quotes `\\` begins an escape"),
    ],
)
def test_a_slip_is_told_at_its_line_with_what_to_do(right: str, wrong: str, said: str) -> None:
    assert right in SURVEY
    for ending in ("\n", "\r\n"):
        assert told(SURVEY.replace(right, wrong, 1).replace("\n", ending)).startswith(said)


@pytest.mark.parametrize(
    "value",
    [
        '"a # b"',
        "'it''s'",
        '"a\\\\temp"',
        "\u2018Ili",
        '"a\n    b"',
        "C:\\temp",
        "a'b",
        "x -y",
        "======= b",
        "http://h/a",
    ],
)
def test_what_only_looks_like_a_slip_is_read(value: str) -> None:
    assert plain(load("s", SURVEY.replace("runs/reef", value).encode()).root)


def test_a_line_as_long_as_a_survey_may_be_is_looked_at_in_no_time() -> None:
    began = time.process_time()
    told("a: b\n c: " + ', "' * (MAX_SURVEY_BYTES // 3 - 10))
    assert time.process_time() - began < 2
