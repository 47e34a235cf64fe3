"""Numbers, counts and lengths of time as people say them. Pure: values in, texts out.

Rule: a share is a percentage with as many digits as it bears (one decimal below ten per cent). A share that is not zero
is never written as zero.
"""

from __future__ import annotations

import shlex

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_ONE_DECIMAL_BELOW = 0.0995
_LEAST = 0.0005


def digits_of(share: float) -> int:
    """How many decimals a percentage of this size is written with."""
    return 1 if abs(share) < _ONE_DECIMAL_BELOW else 0


def number(share: float, digits: int | None = None) -> str:
    """A share as a percentage, without its sign: "23", "3.4", "<0.1"."""
    digits = digits_of(share) if digits is None else digits
    if 0 < share < _LEAST:
        return "<0.1"
    written = f"{abs(100 * share):.{digits}f}"
    return f"{MINUS}{written}" if share < 0 and float(written) else written


def percent(share: float) -> str:
    """A share as a percentage: "23 %"."""
    return f"{number(share)}{NARROW}%"


def count(number_of: int, noun: str) -> str:
    """A number with its noun: "1,230 photos"."""
    return f"{number_of:,} {noun if number_of == 1 else plural(noun)}"


def of_which(number_of: int, singular: str, several: str) -> str:
    """Some of what was counted, with the verb that goes with them: "1 is there", "1,230 are there"."""
    return f"{number_of:,} {singular if number_of == 1 else several}"


def plural(noun: str) -> str:
    """More than one of it: its last word is declined, unless it is no plain word, as a field's name may be."""
    before, blank, last = noun.rpartition(" ")
    if not last.isalpha():
        return noun
    if last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        last = f"{last[:-1]}ies"
    else:
        last += "es" if last.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return before + blank + last


def duration(seconds: float) -> str:
    """A length of time in the two largest units that matter."""
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60:02d} s"
    if total < 48 * 3600:
        return f"{total // 3600} h {total % 3600 // 60:02d} min"
    return f"{total // 86400} days {total % 86400 // 3600} h"


def roughly(seconds: float) -> str:
    """A length of time as a guess is told: in one unit, or two where hours are few: "about 4 min"."""
    if seconds < 5:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(1, round(seconds / 10)) * 10} s"
    if seconds < 3600:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {duration(round(seconds / 600) * 600)}"


def signed(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: "+1.8"."""
    written = number(difference, 1)
    return f"+{written}" if difference > 0 and written not in ("0.0", "<0.1") else written


def figure(percent_of: float) -> str:
    """A percentage as a table of text has it, without its sign: "23.4", "<0.1" for what is less than that and not 0."""
    return number(percent_of / 100, 1).replace(MINUS, "-")


def signed_figure(points: float) -> str:
    """A difference in percentage points as a table of text has it: "+1.8", "0.0" where it rounds to nothing."""
    written = f"{points:+.1f}"
    return "0.0" if float(written) == 0 else written


def share_list(names: tuple[str, ...]) -> str:
    """Names as a sentence lists them: "SHAD, TAPE and FRM"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def typed(word: object) -> str:
    """A path or a name as it is typed in a command: quoted where it has blanks or what a shell reads otherwise."""
    return shlex.quote(str(word))
