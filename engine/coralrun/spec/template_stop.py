"""Why a name does not follow a template, in words for whoever wrote the template, and the change that would help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from coralrun.spec.template import LONG, BadTemplate, Piece, Template, template_of

_REMEDY = (
    "What stands outside braces is in each name as it stands, and a field ends at the text that comes after it. Give "
    "each part a field (`{_}` says nothing), and three dots to the one that may hold that text: `{site...}`."
)
_OTHER_LAYOUT = (
    "These are names of another layout: give a second template, `from_names: [A, B]`, or a table under `from:`."
)


def stop_of(template: Template, name: str) -> str:
    """Where a name that is not read stops to follow a template."""
    pieces = template.pieces
    patterns = [f"(?P<p{place}>{piece.pattern})" for place, piece in enumerate(pieces)]
    if whole := re.fullmatch("".join(patterns), name, re.DOTALL):
        return next(_no_days(pieces, whole))
    done, found = _followed(patterns, name)
    return _from(pieces, done, found, name[found.end() :])


def remedy_for(template: Template, names: Sequence[str], *, others_are_read: bool = False) -> str:
    """What to do about names that are not read, where others are or none: the template with the one `...` by which all
    are, or a second template where all stop at one place, or that with the one `...` by which the first is."""
    made = list(_made_long(template))
    fit = [one for one in made if all(map(one[2].read, names))]
    if len(fit) != 1 and others_are_read and _are_alike(template, names):
        return _OTHER_LAYOUT
    fit = fit if len(fit) == 1 else [one for one in made if one[2].read(names[0])]
    if len(fit) != 1:
        return _REMEDY
    text, field, _ = fit[0]
    return f"Write {text}: `{{{field}{LONG}}}` may hold the text that comes after it."


def _are_alike(template: Template, names: Sequence[str]) -> bool:
    """Whether several names all stop to follow a template at the same of its pieces, and not for their dates."""
    patterns = [piece.pattern for piece in template.pieces]
    whole = re.compile("".join(patterns), re.DOTALL)
    stops = {None if whole.fullmatch(name) else _followed(patterns, name)[0] for name in names}
    return len(names) > 1 and len(stops) == 1 and None not in stops


def _followed(patterns: Sequence[str], name: str) -> tuple[int, re.Match[str]]:
    """How many pieces a name follows, and these in it."""
    return next(
        (done, found)
        for done in range(len(patterns), -1, -1)
        if (found := re.match("".join(patterns[:done]), name, re.DOTALL))
    )


def _no_days(pieces: Sequence[Piece], whole: re.Match[str]) -> Iterator[str]:
    """The dates of a name that the calendar does not have."""
    for place, piece in enumerate(pieces):
        text = whole[f"p{place}"]
        if piece.is_field and ":" in piece.content and template_of(f"{{{piece.content}}}").read(text) is None:
            yield f"{_shown(piece)} is `{text}`, which no calendar has"


def _from(pieces: Sequence[Piece], done: int, found: re.Match[str], rest: str) -> str:
    """What is wrong after so many pieces were found."""
    field = next((place for place in range(done - 1, -1, -1) if pieces[place].is_field), None)
    told = "" if field is None else f"{_shown(pieces[field])} is `{found[f'p{field}']}`, and then "
    if done == len(pieces):
        return f"{told}the name goes on with `{rest}`"
    piece = pieces[done]
    after = pieces[done + 1].content if done + 1 < len(pieces) else ""
    text = rest.partition(after)[0] if after else rest
    if piece.is_field and ":" in piece.content and text:
        return f"{told}`{text}` is no date as `{piece.content.partition(':')[2]}`"
    return f"{told}{_there(rest)} where {_shown(piece)} is to be"


def _there(rest: str) -> str:
    return f"`{rest}` stands" if rest else "the name ends"


def _shown(piece: Piece) -> str:
    return f"`{{{piece.content}}}`" if piece.is_field else f"`{piece.content}`"


def _made_long(template: Template) -> Iterator[tuple[str, str, Template]]:
    """The template with each field in turn that may hold what ends it: its text, the field, and what it is then."""
    texts = [
        f"{{{piece.content}}}" if piece.is_field else piece.content.replace("{", "{{").replace("}", "}}")
        for piece in template.pieces
    ]
    for place, piece in enumerate(template.pieces):
        if piece.is_field:
            text = "".join((*texts[:place], f"{{{piece.content}{LONG}}}", *texts[place + 1 :]))
            with suppress(BadTemplate):  # a date, or a template that has such a field
                yield text, piece.content, template_of(text)
