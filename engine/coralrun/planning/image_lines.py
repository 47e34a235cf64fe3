"""The images of a plan as the lines in which they were written: each becomes an object only when it is asked for.

Rule: every line is looked at once, when the plan is opened, and is right from then on. A million lines are 180 MB, and
as many objects three times that; what is asked of a whole survey is the same for all images of a kind, of which there
are few. What `image_lines` writes is matched by one expression, in a fifth of the time that reading it takes; any other
line is read.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Final, overload

from coralrun.planning.images import Kinds, PackedImages, PlannedImage
from coralrun.planning.lines import image_of

_WHOLE: Final = rb"[1-9][0-9]{0,8}"
_SHARE: Final = rb"(?:1\.0|0\.[0-9]*[1-9][0-9]*)"
_ASCII: Final = rb"[ !#-\[\]-~]*"  # without what JSON escapes
_BEYOND: Final = rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"  # most of UTF-8, and nothing that is not
_TEXT: Final = b'"' + _ASCII + b"(?:(?:" + _BEYOND + b")" + _ASCII + b')*"'


class NotAnImage(Exception):
    """A line is not an image of a plan; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is not an image of a plan")
        self.line = line


class ImageLines(PackedImages):
    """The images of a plan, of which `data` holds the lines and `known` is how many metadata fields each has.

    Raises NotAnImage for the first line that is none.
    """

    __slots__ = ("_ends", "_firsts", "_known", "_of_image", "data")

    def __init__(self, data: bytes, known: int) -> None:
        self.data = data
        self._known = known
        self._ends, self._of_image = array("Q"), array("I")
        self._firsts: list[int] = []
        numbers: dict[Hashable, int] = {}
        match, begin = _canonical(known).match, 0
        while begin < len(data):
            found = match(data, begin)
            end = found.end() if found is not None else data.find(b"\n", begin) + 1 or len(data)
            self._ends.append(end)
            kind = found.groups() if found is not None else self._read_kind(len(self._ends) - 1)
            number = numbers.setdefault(kind, len(numbers))
            if number == len(self._firsts):
                self._firsts.append(len(self._of_image))
            self._of_image.append(number)
            begin = end

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> PlannedImage: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[PlannedImage, ...]: ...
    def __getitem__(self, at: int | slice) -> PlannedImage | tuple[PlannedImage, ...]:
        if isinstance(at, slice):
            return tuple(map(self._image, range(*at.indices(len(self)))))
        return self._image(range(len(self))[at])

    def __iter__(self) -> Iterator[PlannedImage]:
        shared: dict[str, str] = {}
        begin = 0
        for end in self._ends:
            yield image_of(self.data[begin:end], self._known, shared)
            begin = end

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ImageLines):
            return (self.data, self._known) == (other.data, other._known)
        return isinstance(other, tuple) and len(self) == len(other) and all(map(PlannedImage.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment] # a plan is compared, and never a key

    @property
    def kinds(self) -> Kinds:
        """The kind of every image."""
        return Kinds(self._of_image, [self._image(first) for first in self._firsts])

    def _image(self, number: int) -> PlannedImage:
        begin = self._ends[number - 1] if number else 0
        return image_of(self.data[begin : self._ends[number]], self._known, {})

    def _read_kind(self, number: int) -> Hashable:
        try:
            return self._image(number).kind
        except ValueError as error:
            raise NotAnImage(number + 1) from error


@cache
def _canonical(known: int) -> re.Pattern[bytes]:
    """What `image_lines` writes for most images, with `known` fields of metadata; its groups tell the image's kind."""
    texts = b",".join([_TEXT] * known)
    metadata = b',"metadata":\\[%s\\]' % texts if known else b""
    return re.compile(
        rb'\{"key":%(text)s,"source":(%(text)s),"name":%(text)s,"points":(%(n)s)(?:(,"image_id":)%(n)s)?'
        rb'(?:(,"url":)%(text)s)?(?:,"etag":%(text)s)?(?:(,"sha256":)"[0-9a-f]{64}")?(?:,"size":\[(%(n)s),(%(n)s)\])?%(metadata)s(?:,"inclusion":%(share)s)?\}\n'
        % {b"n": _WHOLE, b"share": _SHARE, b"text": _TEXT, b"metadata": metadata}
    )
