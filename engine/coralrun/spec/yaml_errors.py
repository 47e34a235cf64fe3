"""What the YAML parser says -> what a person can act on.

Rule: every text of the parser's that a survey can meet has a sentence here. None repeats a value of the file, which
could be a password.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from coralrun.spec.yaml_slips import Slip, around, lacks_colon, quote_left_open
from coralrun.values.conflict import LEFT, conflict_line

_UNCLOSED = "the quote that is opened here is never closed"
_QUOTE = "a value that begins with `{}` must be in quotes"
_TAB = "a tab stands where YAML wants blanks: indent with blanks"
_SECOND_COLON = "a second `:` stands where none can be: put text that holds `: ` in quotes, and look at the indentation"
_NO_COLON = "a key stands here without its `:`"
_LIST_OPEN = "a list that was opened with `[` is not closed: a `,` or `]` is missing before this"
_MAPPING_OPEN = "a mapping that was opened with `{` is not closed: a `,` or `}` is missing before this"
_NO_FIT = "the line does not fit those above: look at the indentation, and at quotes and brackets"
_NO_GOING_ON = "this does not go on from the lines above: look at the indentation"
ESCAPED = "in double quotes `\\` begins an escape: use single quotes, or write `\\\\`"

# A piece of the parser's `problem`, and our sentence; the first that fits is taken.
_PROBLEMS: tuple[tuple[str, str], ...] = (
    ("'\\t' that cannot start", _TAB),
    ("'%' that cannot start", _QUOTE.format("%")),
    ("'@' that cannot start", _QUOTE.format("@")),
    ("'`' that cannot start", _QUOTE.format("`")),
    ("mapping values are not allowed", _SECOND_COLON),
    ("could not find expected ':'", _NO_COLON),
    (
        "sequence entries are not allowed",
        "a list item (`- `) stands where none can be: put the list on lines of its own",
    ),
    ("mapping keys are not allowed", "a `?` stands where no key can be: put the text in quotes"),
    ("expected ',' or ']'", _LIST_OPEN),
    ("expected ',' or '}'", _MAPPING_OPEN),
    ("expected <block end>", _NO_FIT),
    ("expected the node content", "a value is missing here, or it begins with a character that must be in quotes"),
    ("unknown escape character", ESCAPED),
    ("expected escape sequence", ESCAPED),
    ("found unexpected end of stream", _UNCLOSED),
    ("found unexpected document separator", _UNCLOSED),
    ("expected '<document start>'", _NO_GOING_ON),
)
# The same for what the parser was doing, where its problem alone says too little.
_CONTEXTS: tuple[tuple[str, str], ...] = (
    ("scanning an alias", 'a value that begins with `*` must be in quotes, such as "*_out10m_*"'),
    ("scanning an anchor", _QUOTE.format("&")),
    ("scanning a tag", "tags (words that begin with `!`) have no place in a survey; put text in quotes"),
    ("parsing a node", "tags (words that begin with `!`) have no place in a survey; put text in quotes"),
    ("scanning a directive", _QUOTE.format("%")),
    ("scanning a block scalar", "after `|` or `>` the text begins on the next line, indented with blanks"),
)
_OTHER = "this is not YAML that can be read: look at the line and the one above"


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[str, int, int]:
    """One sentence for an error of the parser's in a text, and the line and column where it is to be mended.

    Both count from 1; 0 where they are not known.
    """
    if line := conflict_line(text):
        return LEFT, line, 1
    sentence = _sentence(error)
    mark, context = error.problem_mark, error.context_mark
    line, column = (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
    opened = (0, 0) if context is None else (context.line + 1, context.column + 1)
    if sentence == _UNCLOSED and context is not None:
        return sentence, *opened
    slip = _slip(error, sentence, text.splitlines(), line, column)
    if slip is not None:
        return slip.message, slip.line, slip.column
    if sentence in (_LIST_OPEN, _MAPPING_OPEN) and 0 < opened[0] < line:
        bracket = "[" if sentence == _LIST_OPEN else "{"
        return f"the `{bracket}` that is opened here is never closed, or a `,` is missing before line {line}", *opened
    return sentence, line, column


def _slip(error: yaml.MarkedYAMLError, sentence: str, lines: Sequence[str], line: int, column: int) -> Slip | None:
    """What was most likely mistyped, for an error that shows later than where it is."""
    if sentence in (ESCAPED, _TAB):
        return None
    if (unclosed := quote_left_open(lines, line)) is not None:
        return unclosed
    if sentence == _NO_COLON and error.context_mark is not None:
        return lacks_colon(lines, error.context_mark.line + 1)
    return around(lines, line, column) if sentence in (_SECOND_COLON, _NO_FIT, _NO_GOING_ON) else None


def _sentence(error: yaml.MarkedYAMLError) -> str:
    problem, context = error.problem or "", error.context or ""
    for piece, sentence in _PROBLEMS:
        if piece in problem:
            return sentence
    for piece, sentence in _CONTEXTS:
        if piece in context:
            return sentence
    return _OTHER
