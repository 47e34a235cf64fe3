"""Which images are kept: those that every filter leaves, and then a sample.

Rule: filters are applied in the order in which a survey's schema, and so its record (`Filters`), has them; each is one
function here. A filter keeps the order that the source gave. Of the
objects of a bucket, those that are no images are removed before. Globs match the whole name and heed case; `*` and `?`
match any character, a slash too, because a name is not a path. A pattern is a regular expression only where it says so.
Every step says how many images it removed.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coralrun.planning.identity import stable_part
from coralrun.planning.images import FoundImage
from coralrun.planning.model import FOUND, FunnelStep, Listing
from coralrun.planning.name_match import loosely, match_names, shown, unseen, with_label
from coralrun.planning.where import meet
from coralrun.spec.model import REGEX, Asked, BucketSource, Filters, Source
from coralrun.spec.regex import searcher
from coralrun.values.ids import seed_from
from coralrun.values.phrases import count

IMAGE_FILES = "image files"
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp")
"""What an object of a bucket is called, in any case, that is an image: the formats whose size `image_size` reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What the filters of one source left of its images, in the source's order, and what each step did.

    `not_found` are the names of `names_from` that none of its images has.
    """

    images: tuple[FoundImage, ...]
    funnel: tuple[FunnelStep, ...]
    listings: tuple[Listing, ...] = ()
    not_found: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def select(
    source: Source,
    found: Sequence[FoundImage],
    names: Collection[str] = (),
    taken: Collection[str] = (),
    learnt: Collection[str] = (),
) -> Selection:
    """Apply one source's filters.

    `names` is the content of the file that `names_from` names, `taken` the keys of the images that the runs under
    `not_in` have, `learnt` the SHA-256 of the photos of the classifier of `not_trained_on`; empty without them.
    """
    work = _Selecting(source, found, names, taken, learnt, list(found))
    work.funnel.append(FunnelStep(source=source.label, step=FOUND, removed=0, left=len(found)))
    if isinstance(source, BucketSource):
        work.keep(IMAGE_FILES, [image for image in found if image.name.lower().endswith(IMAGE_ENDINGS)])
    for key, apply in _IN_ORDER:
        asked = getattr(source.filters, key)
        if asked:
            apply(work, asked)
    return Selection(
        images=tuple(work.images),
        funnel=tuple(work.funnel),
        listings=tuple(work.listings),
        not_found=work.not_found,
        warnings=tuple(work.warnings),
    )


@dataclass(slots=True)
class _Selecting:
    """The filters of one source at work: the images that are left, and what is to be said so far."""

    source: Source
    found: Sequence[FoundImage]
    names: Collection[str]
    taken: Collection[str]
    learnt: Collection[str]
    images: list[FoundImage]
    funnel: list[FunnelStep] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    not_found: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)

    def keep(self, step: str, kept: list[FoundImage]) -> None:
        """Go on with fewer images."""
        removed = len(self.images) - len(kept)
        self.funnel.append(FunnelStep(source=self.source.label, step=step, removed=removed, left=len(kept)))
        self.images = kept


def _include(work: _Selecting, patterns: Sequence[str]) -> None:
    wanted = matcher(patterns)
    work.warnings += _near_misses(work.source, "include", patterns, work.images)
    work.keep("include", [image for image in work.images if wanted(image.name)])


def _exclude(work: _Selecting, patterns: Sequence[str]) -> None:
    unwanted = matcher(patterns)
    work.warnings += _near_misses(work.source, "exclude", patterns, work.images)
    work.keep("exclude", [image for image in work.images if not unwanted(image.name)])


def _names_from(work: _Selecting, path: str) -> None:
    there = {image.name for image in work.found}
    match = match_names(work.names, there, in_folders=True)
    work.warnings += with_label(path, match.warnings())
    work.not_found = match.unmatched(work.names, there)
    named = frozenset(work.names).union(match.written)
    work.keep("names_from", [image for image in work.images if image.name in named])


def _where(work: _Selecting, conditions: Mapping[str, Asked]) -> None:
    for name, asked in conditions.items():
        met = meet(work.source.label, name, asked, work.images)
        work.listings.extend(met.listings)
        work.keep(f"where {name}", met.images)


def _not_in(work: _Selecting, runs: Sequence[str]) -> None:
    keys = [stable_part(work.source, image) for image in work.found]
    match = match_names(keys, work.taken)
    work.warnings += with_label(", ".join(runs), match.warnings())
    known = frozenset(work.taken).union(match.images)
    work.keep("not_in", [image for image in work.images if stable_part(work.source, image) not in known])


def _not_trained_on(work: _Selecting, folder: str) -> None:
    unknown = sum(image.sha256 is None and image.unfit is None for image in work.images)
    if unknown:
        work.warnings.append(
            f"{work.source.label}: whether {folder} was trained on {count(unknown, 'photo')} is not known, for only "
            "photos in folders are known by their content: they are kept"
        )
    work.keep("not_trained_on", [image for image in work.images if image.sha256 not in work.learnt])


def _limit(work: _Selecting, count: int) -> None:
    work.keep("limit", work.images[:count])


_FILTERS: Final[Mapping[str, Callable[[_Selecting, Any], None]]] = {
    "include": _include,
    "exclude": _exclude,
    "names_from": _names_from,
    "where": _where,
    "not_in": _not_in,
    "not_trained_on": _not_trained_on,
    "limit": _limit,
}
"""What each filter of a survey does, by its key."""
_IN_ORDER: Final = tuple((key, _FILTERS[key]) for key in Filters.__struct_fields__)


def _near_misses(source: Source, key: str, patterns: Sequence[str], images: Sequence[FoundImage]) -> Iterator[str]:
    """What patterns that match no image would match if they were written in another case, or in other characters."""
    names = [image.name for image in images]
    for pattern in patterns:
        if any(map(matcher([pattern]), names)):
            continue
        alike = list(filter(_blind(pattern), names))
        if not alike:
            continue
        other = next((spelling for spelling in _spellings(pattern) if all(map(matcher([spelling]), alike))), None)
        would = "in other letters it would match" if other is None else f"{shown(other)} would match"
        example = f", such as {shown(alike[0])}" if other is None else ""
        yield (
            f"{source.label}: `{key}: {pattern}`{unseen(pattern)} matches no image, but {would} {len(alike):,}{example}"
        )


def _blind(pattern: str) -> Callable[[str], bool]:
    """A test whether a name matches a pattern in whatever case and characters."""
    if pattern.startswith(REGEX):
        return matcher([_blind_regex(pattern)])
    matches = matcher([loosely(pattern)])
    return lambda name: matches(loosely(name))


def _blind_regex(pattern: str) -> str:
    return f"{REGEX}(?i){pattern.removeprefix(REGEX)}"


def _spellings(pattern: str) -> Iterator[str]:
    """A pattern as it may have been meant, the likeliest first."""
    if pattern.startswith(REGEX):
        yield _blind_regex(pattern)
        return
    start, dot, ending = pattern.rpartition(".")
    cases = (str, str.lower, str.upper)
    yield from (of_start(start) + dot + of_ending(ending) for of_start in cases for of_ending in cases)
    yield from (unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a name matches any of some globs, or any of some regular expressions is found in it.

    In a glob there are `*`, `?`, `[abc]`, `[!abc]`; a `[` never closed is itself. `REGEX` begins a regular expression.
    Both take a time in proportion to the name: of each `*` of a glob but the last, `fnmatch` tries no second length.
    """
    finders = [searcher(one.removeprefix(REGEX)) if one.startswith(REGEX) else _glob(one) for one in patterns]
    return lambda name: any(find(name) for find in finders)


def _glob(pattern: str) -> Callable[[str], bool]:
    match = re.compile(fnmatch.translate(pattern)).match
    return lambda name: match(name) is not None


def sample(groups: Mapping[str, str], count: int, seed: int) -> dict[str, float]:
    """The keys that are drawn, each with the probability that it had: `count` of each group, or all where it has fewer.

    `groups` maps each key to its group. In a group each set of that many keys is equally likely. Each key has its own
    lot, drawn from (seed, key), and the lowest lots win. A larger count therefore keeps the images of a smaller one,
    and an image that comes or goes changes at most one place of the sample.
    """
    members: dict[str, list[str]] = {}
    for key, group in groups.items():
        members.setdefault(group, []).append(key)
    drawn: dict[str, float] = {}
    for keys in members.values():
        lots = sorted((seed_from("images", seed, key), key) for key in keys)
        probability = min(1.0, count / len(keys))
        drawn |= {key: probability for _, key in lots[:count]}
    return drawn
