"""What a mistyped word may have meant.

Rule: words are compared without regard to case, blanks, `-` and `_`; one suggestion or none.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from coralrun.spec.point_design import Method

_LONGEST = 60  # nothing that long is a mistyped key, and comparing costs its square
_BETWEEN = re.compile(r"[\s_-]+")

_METHODS: Final = {
    "simple": Method.SIMPLE_RANDOM,
    "simplerandom": Method.SIMPLE_RANDOM,
    "stratified": Method.STRATIFIED_RANDOM,
    "stratifiedrandom": Method.STRATIFIED_RANDOM,
    "uniform": Method.UNIFORM_GRID,
    "uniformgrid": Method.UNIFORM_GRID,
}


def folded(word: str) -> str:
    """A word as it is compared."""
    return _BETWEEN.sub("", word).casefold()


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one comes nearest to, if any is near."""
    if len(word) > _LONGEST:
        return None
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(folded(candidate), candidate)
    mine = folded(word)
    near = difflib.get_close_matches(mine, by_folded, n=1, cutoff=0.65)
    if near:
        return by_folded[near[0]]
    # `rows` for `cell_rows`: a key's last word alone.
    return next((known for fold, known in by_folded.items() if len(mine) > 3 and fold.endswith(mine)), None)


def method_named(word: str) -> Method | None:
    """The point design that a person means by this word, in any case, short or long."""
    return _METHODS.get(folded(word)) if len(word) <= _LONGEST else None
