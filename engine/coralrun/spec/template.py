"""A template of image names, such as `mcr_{site}_{habitat}_{date:%Y%m%d}.jpg`, as a reader of names.

Rule: a name is read in one way or not at all. A field holds at least one character, and never the text that follows
it in the template, so the first place where that text stands ends it. One field may be written with `...` after its
name, and may hold that text: the last place at which the rest of the template follows ends it. What stands outside
braces must stand in the name, letter for letter, but for the case of the file's ending. `{_}` is a part that says
nothing. A date is read by the directives below, must be a day of the calendar, and comes out in ISO form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

IGNORED: Final = "_"
LONG: Final = "..."
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|([^{}]+)|([{}])")
_FIELD = re.compile(r"[^\W\d][\w .()-]{0,99}")
_ENDING = re.compile(r"\.[A-Za-z]{2,4}$")
_DIRECTIVE = re.compile(r"%(.)", re.DOTALL)
_DIGITS: Final[Mapping[str, tuple[str, int]]] = {
    "Y": ("year", 4),
    "y": ("short year", 2),
    "m": ("month", 2),
    "d": ("day", 2),
    "H": ("hour", 2),
    "M": ("minute", 2),
    "S": ("second", 2),
}
"""strptime's directives that have a fixed number of digits and mean the same in every language."""
_CENTURY_TURN: Final = 69  # POSIX: %y of 69 to 99 is 19xx, of 00 to 68 is 20xx
_NEEDS: Final = (("day", "month"), ("hour", "day"), ("minute", "hour"), ("second", "minute"))


class BadTemplate(ValueError):
    """Why a text is no template, in words for its author."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of a template (its `content` is what stands in names), or a field (what stands in the braces), and the
    pattern of what it may be in a name."""

    is_field: bool
    content: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was understood. `fields` are its fields in order, without those that say nothing, `pieces` all
    that it is made of."""

    fields: tuple[str, ...]
    pieces: tuple[Piece, ...]
    _pattern: re.Pattern[str]
    _places: tuple[int, ...]
    _dates: Mapping[str, tuple[str, ...]]
    _ends: tuple[tuple[tuple[tuple[str, int], ...], str], ...]
    """Fields that one text ends, with the field that follows the last of them, each by its name and its place, and that
    text; none of them a date."""

    def read(self, name: str) -> tuple[str, ...] | None:
        """The value of each field in a name; None where the name does not follow the template."""
        match = self._pattern.fullmatch(name)
        if match is None:
            return None
        values = []
        for field, place in zip(self.fields, self._places, strict=True):
            value = _iso(match, place, self._dates[field]) if field in self._dates else match[f"f{place}"]
            if value is None:
                return None
            values.append(value)
        return tuple(values)

    def cut_twice(self, name: str) -> Iterator[tuple[str, str]]:
        """The fields of a name that may have been cut short, for the text that ends them stands in a later one too: the
        first of those that it ends, with what is read of them all."""
        if match := self._pattern.fullmatch(name):
            for fields, end in self._ends:
                if end in match[f"f{fields[-1][1]}"]:
                    yield fields[0][0], ", ".join(f"{field} is {match[f'f{place}']}" for field, place in fields)


def template_of(text: str) -> Template:
    """Understand a template; raises BadTemplate."""
    pieces = _pieces(text)
    fields: dict[str, int] = {}
    dates: dict[str, tuple[str, ...]] = {}
    made: list[Piece] = []
    long = ""
    for index, (kind, content) in enumerate(pieces):
        is_last = index + 1 == len(pieces)
        if kind == "text":
            made.append(Piece(False, content, _literal(content, is_last=is_last)))
            continue
        name, colon, form = content.partition(":")
        _check_dots(name)
        is_long, name = name.endswith(LONG), name.removesuffix(LONG)
        following = ("end", "") if is_last else pieces[index + 1]
        if is_long:
            _check_long(content, long, colon)
            long = content
        if name != IGNORED:
            _check_field(name, list(fields))
            fields[name] = index
        if colon:
            part, parts = _date(form, name, index)
            dates[name] = parts
            made.append(Piece(True, content, part))
            continue
        if following[0] == "field":
            raise BadTemplate(
                f"`{{{name}}}` must be followed by a text that ends it, such as `_`, before the next field"
            )
        stop = _literal(following[1], is_last=index + 2 == len(pieces))
        end = f"(?!{stop})" if following[0] == "text" and not is_long else ""
        made.append(Piece(True, content, f"(?P<f{index}>(?:{end}.)+)"))
    if not fields:
        raise BadTemplate("it has no field: a field stands in braces, such as `{site}`")
    pattern = re.compile("".join(piece.pattern for piece in made), re.DOTALL)
    return Template(tuple(fields), tuple(made), pattern, tuple(fields.values()), dates, tuple(_ends(pieces)))


def _ends(pieces: list[tuple[str, str]]) -> Iterator[tuple[tuple[tuple[str, int], ...], str]]:
    """Each field that another follows, after those before it that the same text ends: as `Template._ends` has it.

    A field that may hold what ends it is cut as its author said, and the name of a folder holds no slash.
    """
    fields: tuple[tuple[str, int], ...] = ()
    before = ""
    for place in range(2, len(pieces)):
        (kind, field), (between, end), (_, following) = pieces[place - 2 : place + 1]
        is_folder = "/" in end and following == IGNORED
        is_said = any(":" in name or name.endswith(LONG) for name in (field, following))
        if (kind, between) == ("field", "text") and not is_folder and not is_said:
            goes_on = end == before and fields[-1][1] == place - 2
            fields = (*(fields if goes_on else ((field, place - 2),)), (following, place))
            before = end
            yield fields, end


def _literal(text: str, *, is_last: bool) -> str:
    """The pattern of a text outside braces: cameras write `.JPG`, and programs `.jpg`."""
    ending = _ENDING.search(text) if is_last else None
    at = len(text) if ending is None else ending.start()
    return re.escape(text[:at]) + (f"(?i:{re.escape(text[at:])})" if text[at:] else "")


def _pieces(text: str) -> list[tuple[str, str]]:
    """A template cut into ("text", its characters) and ("field", what stands in the braces), texts joined."""
    pieces: list[tuple[str, str]] = []
    for match in _PIECE.finditer(text):
        if match[3]:
            raise BadTemplate(
                f"the brace `{match[3]}` has no partner: write `{match[3] * 2}` for one that is part of a name"
            )
        if match[1] is not None:
            pieces.append(("field", match[1]))
            continue
        literal = match[2] or match[0][0]
        if pieces and pieces[-1][0] == "text":
            literal = pieces.pop()[1] + literal
        pieces.append(("text", literal))
    return pieces


def _check_field(name: str, fields: list[str]) -> None:
    if not _FIELD.fullmatch(name):
        raise BadTemplate(f"`{{{name}}}` is no name of a field: begin with a letter, then letters, digits and blanks")
    if name.casefold() in (field.casefold() for field in fields):
        raise BadTemplate(f"the field `{name}` stands twice: write `{{_}}` for a part that is to be passed over")


def _check_dots(name: str) -> None:
    """A name may end in a dot of its own; any other number of them, or the sign for three, is a slip."""
    bare = name.rstrip(".\N{HORIZONTAL ELLIPSIS}")
    if name[len(bare) :] not in ("", ".", LONG):
        raise BadTemplate(f"`{{{name}}}`: three dots say that a field may hold what ends it, as `{{{bare}{LONG}}}`")


def _check_long(content: str, before: str, colon: str) -> None:
    if before:
        raise BadTemplate(f"`{{{before}}}` and `{{{content}}}`: one field alone may hold what ends it")
    if colon:
        raise BadTemplate(f"`{{{content}}}` is a date, and never holds what ends it: leave `{LONG}` out")


def _date(form: str, name: str, index: int) -> tuple[str, tuple[str, ...]]:
    """The pattern of a date's form and the names of its parts, in the order in which they stand."""
    if name == IGNORED:
        raise BadTemplate("`{_}` is passed over, so it has no form")
    pattern, parts, at = "", [], 0
    for match in _DIRECTIVE.finditer(form):
        pattern += re.escape(form[at : match.start()])
        if match[1] not in _DIGITS:
            raise BadTemplate(
                f"`%{match[1]}` is not known in `{{{name}:{form}}}`: there are %Y, %y, %m, %d, %H, %M and %S"
            )
        part, digits = _DIGITS[match[1]]
        parts.append(part.removeprefix("short "))
        pattern += f"(?P<f{index}{parts[-1]}{'s' if part.startswith('short') else ''}>[0-9]{{{digits}}})"
        at = match.end()
    if len(set(parts)) < len(parts):
        raise BadTemplate(f"`{{{name}:{form}}}` has a part of the date twice")
    if "year" not in parts or ("month" not in parts and len(parts) > 1):
        raise BadTemplate(f"`{{{name}:{form}}}` is no date: it needs %Y, or %Y and %m, or %Y, %m and %d")
    missing = [needed for part, needed in _NEEDS if part in parts and needed not in parts]
    if missing:
        raise BadTemplate(f"`{{{name}:{form}}}` is no date: it lacks the {missing[0]}")
    return pattern + re.escape(form[at:]), tuple(parts)


def _iso(match: re.Match[str], index: int, parts: tuple[str, ...]) -> str | None:
    """A date in ISO form, as exact as its parts; None where the calendar has no such day, or the clock no such time."""
    found = match.groupdict()
    short = found.get(f"f{index}years")
    year = int(found[f"f{index}year"]) if short is None else _century(int(short))
    rest = {part: int(found[f"f{index}{part}"]) for part in parts if part != "year"}
    try:
        when = datetime(year, **{"month": 1, "day": 1, **rest})  # type: ignore[arg-type]
    except ValueError:
        return None
    if "hour" in rest:
        return when.isoformat()
    return when.date().isoformat()[: 10 if "day" in rest else 7 if "month" in rest else 4]


def _century(short_year: int) -> int:
    return short_year + (1900 if short_year >= _CENTURY_TURN else 2000)
