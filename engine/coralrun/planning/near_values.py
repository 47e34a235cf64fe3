"""Values of one field that are nearly the same: mostly one place, written in two ways.

Rule: two values are near where they differ in case or in the form of their accents alone, or where one of their words,
of `WORD_LEAST` letters or more, differs in one letter (another one, one more, one less) or has two neighbours in each
other's place. A word is a run of letters; digits, marks and words of one letter are told apart exactly, so site1 and
site2, or Reef A and ReefB, are not near. Nor are words of which three or more differ in their last letter alone
(sitea, siteb, sitec): that is a series. What is near is said, and never taken for the same. So is
a number that stands with its unit and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final
from unicodedata import normalize

WORD_LEAST: Final = 5
MOST_VALUES: Final = 20_000
"""A field with more values than this is no list of places or kinds: comparing them would be slow, and say nothing."""
_LONGEST_WORD = 40  # in letters; each costs as many keys, and nothing that long is a name of a place
_MOST_ALIKE = 50  # words that have one key, of which every two are compared
_WITH_UNIT = re.compile(
    r"([-+]?[0-9]{1,18}(?:\.[0-9]{0,18})?)\s*(|[cmk]?m|m(?:et(?:er|re)|[eè]tre|etro)s?|ft|feet|foot|fathoms?|fm)\.?",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_PARTS = re.compile(r"[^\W\d_]+|[\W\d_]")

Group = tuple[tuple[str, int], ...]
"""Values that are near to one another with their counts, the most frequent first."""


def nearly_the_same(counts: Mapping[str, int]) -> tuple[Group, ...]:
    """The groups of values that are near, those of most images first; `counts` are how many images have a value."""
    values = [value for value in counts if value] if len(counts) <= MOST_VALUES else []
    heads = list(range(len(values)))

    def head(at: int) -> int:
        while heads[at] != at:
            heads[at] = at = heads[heads[at]]
        return at

    for one, other in _pairs(values):
        heads[head(one)] = head(other)
    groups: dict[int, list[tuple[str, int]]] = {}
    for at, value in enumerate(values):
        groups.setdefault(head(at), []).append((value, counts[value]))
    near = [tuple(sorted(group, key=_most_first)) for group in groups.values() if len(group) > 1]
    return tuple(sorted(near, key=lambda group: _most_first(group[0])))


def numbers_with_a_unit(counts: Mapping[str, int]) -> tuple[Group, ...]:
    """The groups of values that are one number, with a unit of length and without it (`5`, `5 m`); those of most images
    first. Values in two units are two numbers."""
    found: dict[float, dict[str, str]] = {}
    for value in counts if len(counts) <= MOST_VALUES else ():
        if written := _WITH_UNIT.fullmatch(value):
            found.setdefault(float(written[1]), {})[value] = written[2].casefold()
    groups = [
        tuple(sorted(((value, counts[value]) for value in units), key=_most_first))
        for units in found.values()
        if len(set(units.values())) == 2 and "" in units.values()
    ]
    return tuple(sorted(groups, key=lambda group: _most_first(group[0])))


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _pairs(values: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Two and two values that are near, by their places; enough of them to join every group."""
    first: dict[str, int] = {}
    alike: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for at, value in enumerate(values):
        form = _INVISIBLE.sub("", normalize("NFC", value))
        if first.setdefault(form.lower(), at) != at:
            yield first[form.lower()], at
            continue
        parts = _parts(form)
        for place, word in enumerate(parts):
            if WORD_LEAST - 1 <= len(word) <= _LONGEST_WORD:
                around = " ".join(parts[:place]), " ".join(parts[place + 1 :])
                for short in {word, *(word[:cut] + word[cut + 1 :] for cut in range(len(word)))}:
                    alike.setdefault((*around, short), []).append((at, word))
    for (_, _, short), words in alike.items():
        if len(words) > 1:
            yield from _near(short, words)


def _near(short: str, words: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Of words from which a letter may be taken so that the same is left (`short`), those that are near."""
    series = {word for _, word in words if word[:-1] == short}
    in_series = series if len(series) > 2 else set()
    for (one, word), (other, another) in combinations(words[:_MOST_ALIKE], 2):
        if not {word, another} <= in_series and one != other and _is_one_slip(word, another):
            yield one, other


def _is_one_slip(word: str, other: str) -> bool:
    """Whether two words differ in one letter, or in the order of two neighbours; the longer one has enough of them."""
    if len(word) > len(other):
        word, other = other, word
    if len(other) < WORD_LEAST or len(other) - len(word) > 1:
        return False
    at = next((at for at, (one, another) in enumerate(zip(word, other, strict=False)) if one != another), len(word))
    if len(word) < len(other):
        return word[at:] == other[at + 1 :]
    swapped = word[at : at + 2] == other[at : at + 2][::-1] and word[at + 2 :] == other[at + 2 :]
    return swapped or word[at + 1 :] == other[at + 1 :]


def _parts(value: str) -> list[str]:
    """The words of a value in lower case, and all between them one by one; `ReefA` is the word reef and the word a."""
    parts: list[str] = []
    for part in _PARTS.findall(value):
        if part[-2:-1].islower() and part[-1].isupper():
            parts += [part[:-1].lower(), part[-1].lower()]
        else:
            parts.append(part.lower())
    return parts
