"""Which image a written name means: the one rule by which names of images meet, whoever wrote them.

Rule: a name is first the image of exactly that name. Only where there is none, it is the image whose name is the same
but for upper and lower case, by `str.lower` as CoralNet has it and never by `casefold`, which takes `Straße.jpg` for
`STRASSE.jpg`; and then the one whose name looks the same: an accent that is a character of its own (NFD) or not (NFC),
another kind of blank, characters that show nothing. The two must be the only ones that are the same in this way, and
whatever was not exact is said. In tables that people bring, an address on the web is the image of exactly the name that
it ends in, as in a manifest without names; and a name without a folder is last the only image of exactly that name in
any folder, because a program that was given the photos one by one knows no folders. Other folders and endings are not
passed over: there the near miss is named.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from coralrun.values.addresses import NotAnAddress, address_of, last_part

_SHOWN = 3  # names spelt out in a message
_LETTER_MOST = 4  # characters that are joined to one letter: two marks in Vietnamese, three parts in Korean, and one
_PARTS_MOST = 20  # of a path, from its end; an image's name with more folders is matched exactly or not at all
_BLANK, _SHOWS_NOTHING = "Zs", "Cf"  # categories of Unicode: every kind of blank; marks of format, which have no width

_Form = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The image of each written name that is no image's exactly, by what makes the two one.

    `by_path` and `by_address` are what ends in the image's name exactly, `by_folder` names without the image's folders.
    """

    by_case: Mapping[str, str] = field(default_factory=dict)
    by_look: Mapping[str, str] = field(default_factory=dict)
    by_path: Mapping[str, str] = field(default_factory=dict)
    by_address: Mapping[str, str] = field(default_factory=dict)
    by_folder: Mapping[str, str] = field(default_factory=dict)

    @property
    def images(self) -> dict[str, str]:
        """Written names with their images; those that are exact are not among them."""
        return {**self.by_path, **self.by_case, **self.by_look, **self.by_address, **self.by_folder}

    @property
    def written(self) -> dict[str, str]:
        """Images with their written names, likewise."""
        return {image: name for name, image in self.images.items()}

    def unmatched(self, written: Iterable[str], images: Collection[str]) -> tuple[str, ...]:
        """Those of the written names that are no image's, in whatever way."""
        matched = self.images
        return tuple(name for name in written if name not in images and name not in matched)

    def warnings(self) -> Iterator[str]:
        """What a person should know of it, a line each."""
        yield from _describe_pairs(self.by_case, "ignoring upper and lower case")
        yield from _describe_pairs(self.by_look, "to one that is written in other characters")
        yield from _describe_pairs(self.by_address, "to the one that an address ends in")
        yield from _describe_pairs(self.by_folder, "to the only image that is called so in a folder")


def match_names(written: Collection[str], images: Collection[str], *, in_folders: bool = False) -> NameMatch:
    """Match written names to those of images; no name comes twice in either.

    With `in_folders` a name without a folder may be that of the only image that is called so in one, and an address
    that of the image that it alone ends in.
    All names are gone through again only where some are left over, and never each with each.
    """
    left = [name for name in written if name not in images]
    settled = [name for name in written if name in images] if left else []
    by_case = _only_two(str.lower, left, settled, images)
    by_look: dict[str, str] = {}
    for form in (look, loosely):
        settled += [name for name in left if name in by_case or name in by_look]
        left = [name for name in left if name not in by_case and name not in by_look]
        if not (all(map(str.isascii, left)) and all(map(str.isascii, images))):
            by_look |= _only_two(form, left, settled, images)
    by_folder, by_address = {}, {}
    if in_folders:
        settled += [name for name in left if name in by_look]
        left = [name for name in left if name not in by_look]
        taken = {*by_case.values(), *by_look.values()}
        by_address = {
            name: image
            for name, image in _only_two(end_of_address, left, settled, images).items()
            if image == end_of_address(name) and image not in taken
        }
        settled += by_address
        left = [name for name in left if name not in by_address]
        taken.update(by_address.values())
        by_folder = {
            name: image
            for name, image in _only_two(_last_part, left, settled, images).items()
            if name == _last_part(name) and image not in taken
        }
    return NameMatch(by_case, by_look, by_address=by_address, by_folder=by_folder)


def _only_two(form: _Form, left: Sequence[str], settled: Iterable[str], images: Iterable[str]) -> dict[str, str]:
    """The images of those names left that are, with their image, the only two of one form; some are `settled`."""
    if not left:
        return {}
    forms = [form(name) for name in left]
    rivals = Counter(forms)
    rivals.update(of_form for name in settled if (of_form := form(name)) in rivals)
    answers = _answers(form, rivals, images)
    pairs = ((name, answers.get(of_form)) for name, of_form in zip(left, forms, strict=True) if rivals[of_form] == 1)
    return {name: image for name, image in pairs if image is not None}


def match_paths(paths: Mapping[str, Sequence[str]], images: Iterable[str]) -> NameMatch:
    """Match the paths of files: an image's name is the end of one, and of several such ends the longest is meant.

    `paths` has for each written name the paths that its image may have, the best one first. Two of them may come to
    mean one image, which is the caller's to refuse.
    """
    left = {name: [end for path in may_have for end in _ends(path)] for name, may_have in paths.items()}
    found: list[dict[str, str]] = []
    for form in (_slashed, _lower_path, _look_path, _loose_path):
        wanted = {form(end) for ends in left.values() for end in ends}
        answers = _answers(form, wanted, images) if wanted else {}
        longest = {name: next((end for end in map(form, ends) if end in answers), None) for name, ends in left.items()}
        images_of = {name: answers[end] for name, end in longest.items() if end is not None}
        found.append({name: image for name, image in images_of.items() if image is not None})
        left = {name: ends for name, ends in left.items() if longest[name] is None}
    by_path, by_case, by_look, by_both = found
    return NameMatch(by_case, by_look | by_both, by_path)


def with_label(label: str, lines: Iterable[str]) -> Iterator[str]:
    """What is said of names, with where they were written."""
    return (f"{label}: {line}" for line in lines)


class _Seen(dict[int, str]):
    """What is seen of each character, looked up once."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        self[code] = " " if kind == _BLANK else "" if kind == _SHOWS_NOTHING else chr(code)
        return self[code]


_SEEN = _Seen()


def look(name: str) -> str:
    """A name as a person sees it: accents joined to their letters, one kind of blank, nothing that shows nothing."""
    return name if name.isascii() else unicodedata.normalize("NFC", name.translate(_SEEN))


def loosely(name: str) -> str:
    """The same, whatever its case: names that share it may be meant for one another."""
    return look(name.lower())


def end_of_address(name: str) -> str:
    """The name that an address on the web ends in; of what is none, all of it."""
    if not name.lower().startswith(("http://", "https://")):
        return name
    with suppress(NotAnAddress):
        return last_part(address_of(name)) or name
    return name


def parts(name: str) -> list[str]:
    """The folders of a name and its last part, whichever slash is between them."""
    return [part for part in _slashed(name).split("/") if part]


def shown(name: str) -> str:
    """A name for a message, with what cannot be seen of its characters said in words."""
    return f"`{name}`{unseen(name)}"


def unseen(name: str) -> str:
    """What cannot be seen of a name's characters, in brackets; "" where all can."""
    found = list(dict.fromkeys(_unseen(name)))
    return f" ({', '.join(found)})" if found else ""


def _answers(form: _Form, wanted: Collection[str], images: Iterable[str]) -> dict[str, str | None]:
    """The image of each wanted form that some image has, None where several have it; no other is held."""
    answers: dict[str, str | None] = {}
    for image in images:
        of_form = form(image)
        if of_form in wanted:
            answers[of_form] = None if of_form in answers else image
    return answers


def _ends(path: str) -> list[str]:
    """The ends of a path, the longest first."""
    last = parts(path)[-_PARTS_MOST:]
    return ["/".join(last[start:]) for start in range(len(last))]


def _slashed(name: str) -> str:
    return name.replace("\\", "/")


def _last_part(name: str) -> str:
    return _slashed(name).rpartition("/")[2]


def _lower_path(name: str) -> str:
    return _slashed(name).lower()


def _look_path(name: str) -> str:
    return look(_slashed(name))


def _loose_path(name: str) -> str:
    return loosely(_slashed(name))


def _describe_pairs(pairs: Mapping[str, str], how: str) -> Iterator[str]:
    if pairs:
        were = "name was" if len(pairs) == 1 else "names were"
        first = [f"{shown(name)} for {shown(image)}" for name, image in islice(pairs.items(), _SHOWN)]
        more = ", ..." if len(pairs) > _SHOWN else ""
        yield f"{len(pairs):,} {were} matched {how}: {', '.join(first)}{more}"


def _unseen(name: str) -> Iterator[str]:
    """What cannot be seen of a name: letters that are written as several characters, unusual blanks and marks."""
    if name.isascii():
        return
    for letter in _letters(name):
        joined, kind = unicodedata.normalize("NFC", letter), unicodedata.category(letter[0])
        if (kind == _BLANK and letter != " ") or kind == _SHOWS_NOTHING:
            yield f"with {_code(letter[0])} {unicodedata.name(letter[0], 'a mark').lower()}"
        elif joined != letter:
            yield f"{joined} written as {' + '.join(map(_code, letter[:_LETTER_MOST]))}"


def _letters(name: str) -> Iterator[str]:
    """A name cut into letters, each with the characters that are joined to it."""
    letter = ""
    for char in name:
        is_joined = unicodedata.combining(char) or (
            len(letter) < _LETTER_MOST and len(unicodedata.normalize("NFC", letter + char)) == 1
        )
        if letter and not is_joined:
            yield letter
            letter = ""
        letter += char
    yield letter


def _code(char: str) -> str:
    return char if "!" <= char <= "~" else f"U+{ord(char):04X}"
