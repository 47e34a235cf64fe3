"""What a command line that is refused may have meant.

Rule: only what is really there is suggested: words that are one path once they are put together, and a survey in the
folder where the command was called.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from coralrun.values.phrases import typed

_MOST_WORDS = 6
"""Of a name with blanks: folders of cameras and of dives have fewer."""


def unquoted(words: Sequence[str]) -> str:
    """What to do about a word too many: it may be the rest of a name with a blank that was not quoted."""
    for n_words in range(min(_MOST_WORDS, len(words)), 1, -1):
        for first in range(len(words) - n_words + 1):
            name = " ".join(words[first : first + n_words])
            if _is_there(name):
                return f"`{name}` has a blank, and is one name in quotes alone: {typed(name)}"
    return "A name with a blank in it is written in quotes."


def survey_here(command: str) -> str:
    """What to do where no survey is named: the command with the one that is here, if there is just one."""
    found: list[Path] = []
    with suppress(OSError):
        found = [path for path in sorted(Path().iterdir()) if path.suffix in (".yaml", ".yml")]
    named = str(found[0]) if len(found) == 1 else "survey.yaml"
    return f"Name it: {command} {typed(named)}"


def _is_there(name: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(name).exists()
    return False
