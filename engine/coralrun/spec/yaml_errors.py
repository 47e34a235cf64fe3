"""What the YAML parser says -> what a person can act on.

Rule: every text of the parser's that a survey can meet has a sentence here. None repeats a value of the file, which
could be a password.
"""

from __future__ import annotations

from typing import Any

import yaml

_UNCLOSED = "the quote that is opened here is never closed"
_QUOTE = "a value that begins with `{}` must be in quotes"

# A piece of the parser's `problem`, and our sentence; the first that fits is taken.
_PROBLEMS: tuple[tuple[str, str], ...] = (
    ("'\\t' that cannot start", "a tab stands where YAML wants blanks: indent with blanks"),
    ("'%' that cannot start", _QUOTE.format("%")),
    ("'@' that cannot start", _QUOTE.format("@")),
    ("'`' that cannot start", _QUOTE.format("`")),
    (
        "mapping values are not allowed",
        "a second `:` stands where none can be: put text that holds `: ` in quotes, and look at the indentation",
    ),
    ("could not find expected ':'", "a key stands here without its `:`"),
    (
        "sequence entries are not allowed",
        "a list item (`- `) stands where none can be: put the list on lines of its own",
    ),
    ("mapping keys are not allowed", "a `?` stands where no key can be: put the text in quotes"),
    ("expected ',' or ']'", "a list that was opened with `[` is not closed: a `,` or `]` is missing before this"),
    ("expected ',' or '}'", "a mapping that was opened with `{` is not closed: a `,` or `}` is missing before this"),
    ("expected <block end>", "the line does not fit those above: look at the indentation, and at quotes and brackets"),
    ("expected the node content", "a value is missing here, or it begins with a character that must be in quotes"),
    ("unknown escape character", "in double quotes `\\` begins an escape: use single quotes, or write `\\\\`"),
    ("expected escape sequence", "in double quotes `\\` begins an escape: use single quotes, or write `\\\\`"),
    ("found unexpected end of stream", _UNCLOSED),
    ("found unexpected document separator", _UNCLOSED),
    ("expected '<document start>'", "this does not go on from the lines above: look at the indentation"),
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


def explain(error: yaml.MarkedYAMLError) -> tuple[str, Any]:
    """One sentence for an error of the parser's, and the parser's mark of where it is to be mended."""
    sentence = _sentence(error)
    return sentence, error.context_mark if sentence == _UNCLOSED else error.problem_mark


def _sentence(error: yaml.MarkedYAMLError) -> str:
    problem, context = error.problem or "", error.context or ""
    for piece, sentence in _PROBLEMS:
        if piece in problem:
            return sentence
    for piece, sentence in _CONTEXTS:
        if piece in context:
            return sentence
    return _OTHER
