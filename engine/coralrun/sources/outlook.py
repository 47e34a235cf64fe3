"""What the addresses of photos show before any is fetched: signatures that end, and files that are no photos.

Rule: pure, and nobody is asked; the time of day comes from the caller. No text shows an address, which may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from coralrun.errors import Problem
from coralrun.sources.photo_files import READABLE, kind_by_ending
from coralrun.values.addresses import last_part
from coralrun.values.signatures import Signature, minute_of, signature_of

SIGN_ANEW = "Have the addresses signed anew, for longer than the run takes."
_USUAL_ENDINGS = (".jpg", ".JPG", ".jpeg", ".png")
_SHOWN = 3
_AHEAD_S = 900.0  # as far as storages let clocks differ: a signature that begins within it has begun


class Addressed(NamedTuple):
    """An image and the manifest that gives its address."""

    manifest: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the addresses of images foretell; `fatal` where no image at all can be had."""

    warnings: tuple[str, ...] = ()
    fatal: tuple[Problem, ...] = ()


class _Moment(NamedTuple):
    name: str
    at_s: float


def says_something(images: Iterable[Addressed]) -> bool:
    """Whether any address is signed or ends as no photo does: most manifests need no further look."""
    return any(
        _kind(image) or signature_of(image.url)
        for image in images
        if "?" in image.url or not image.url.endswith(_USUAL_ENDINGS)
    )


def foresee(images: Sequence[Addressed], now_s: float, takes_s: float, *, all_images: int) -> Outlook:
    """What the addresses say, against the time now and the least time that the run takes.

    `all_images` is how many images the run has, those without an address of their own too.
    """
    manifests: dict[str, list[Addressed]] = {}
    for image in images:
        manifests.setdefault(image.manifest, []).append(image)
    warnings: list[str] = []
    problems: list[Problem] = []
    for manifest, its in manifests.items():
        signed = [(image.name, found) for image in its if (found := signature_of(image.url)) is not None]
        ended = [_Moment(name, found.ends_s or 0.0) for name, found in signed if found.has_ended(now_s)]
        if ended:
            text = (
                f"{_ended(len(ended), len(its))} (it is {minute_of(now_s)} by this computer's clock): {_shown(ended)}"
            )
            problems += [Problem(manifest, 0, 0, text)] * (len(ended) == len(its))
            warnings.append(f"{manifest}: {text}")
        warnings += (f"{manifest}: {text}" for text in _times(signed, now_s, takes_s))
        warnings += (f"{manifest}: {text}" for text in _endings(its))
    all_lost = sum(len(manifests[problem.file]) for problem in problems) == all_images
    return Outlook(tuple(warnings), tuple(problems) if all_lost else ())


def _ended(count: int, of: int) -> str:
    if of == 1:
        return "the signature of its only address has ended, so that its host refuses it"
    which = f"signatures of all {of} addresses have" if count == of else f"signatures of {count} of {of} addresses have"
    which = which if count > 1 else f"signature of 1 of {of} addresses has"
    return f"the {which} ended, so that their hosts refuse them"


def _times(signed: Sequence[tuple[str, Signature]], now_s: float, takes_s: float) -> Iterator[str]:
    over_s = now_s + takes_s
    soon = [
        _Moment(name, found.ends_s)
        for name, found in signed
        if found.ends_s is not None and now_s < found.ends_s < over_s
    ]
    if soon:
        yield (
            f"{_signatures(soon)} before the run can be over, at {minute_of(over_s)} or later: {_shown(soon)}: "
            "have them signed for longer, or run fewer images at a time"
        )
    late = [
        _Moment(name, found.begins_s)
        for name, found in signed
        if found.begins_s is not None and found.begins_s > now_s + _AHEAD_S
    ]
    if late:
        yield f"{_signatures(late, 'begins', 'begin')} later than now, {minute_of(now_s)}: {_shown(late)}"


def _endings(images: Sequence[Addressed]) -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for image in images:
        if kind := _kind(image):
            kinds.setdefault(kind, []).append(image.name)
    for kind, names in kinds.items():
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        count = "1 image has" if len(names) == 1 else f"{len(names)} images have"
        yield f"{count} the ending of {kind}, which the service cannot read ({shown}): it reads {READABLE}"


def _kind(image: Addressed) -> str:
    """By the ending of the address, and where that has none, by the name's."""
    last = last_part(image.url)
    return kind_by_ending(last if "." in last else image.name)


def _signatures(moments: Sequence[_Moment], ends: str = "ends", end: str = "end") -> str:
    return f"the signature of 1 image {ends}" if len(moments) == 1 else f"the signatures of {len(moments)} images {end}"


def _shown(moments: Sequence[_Moment]) -> str:
    shown = ", ".join(f"`{moment.name}` at {minute_of(moment.at_s)}" for moment in moments[:_SHOWN])
    if len(moments) <= _SHOWN:
        return shown
    first, last = min(moment.at_s for moment in moments), max(moment.at_s for moment in moments)
    return f"{shown}, ... (from {minute_of(first)} to {minute_of(last)})"
