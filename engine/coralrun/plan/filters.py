"""Which images are kept: include, exclude, names_from, limit, and then a sample, always in this order.

Rule: a filter looks at names only and keeps the order that the source gave. Globs match the whole name and heed case;
`*` and `?` match any character, a slash too, because a name is not a path. Every step says how many images it removed.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from coralrun.ids import seed_from
from coralrun.plan.model import FoundImage, FunnelStep
from coralrun.spec.model import Filters, ImageSampling


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What the filters of one source left of its images, in the source's order, and what each step did."""

    images: tuple[FoundImage, ...]
    funnel: tuple[FunnelStep, ...]


def select(source: str, found: Sequence[FoundImage], filters: Filters, names: Iterable[str]) -> Selection:
    """Apply one source's filters; `names` is the content of the file that `names_from` names, empty without one."""
    images = list(found)
    funnel = [FunnelStep(source=source, step="found", removed=0, left=len(images))]

    def keep(step: str, kept: list[FoundImage]) -> None:
        nonlocal images
        funnel.append(FunnelStep(source=source, step=step, removed=len(images) - len(kept), left=len(kept)))
        images = kept

    if filters.include:
        wanted = matcher(filters.include)
        keep("include", [image for image in images if wanted(image.name)])
    if filters.exclude:
        unwanted = matcher(filters.exclude)
        keep("exclude", [image for image in images if not unwanted(image.name)])
    if filters.names_from is not None:
        named = frozenset(names)
        keep("names_from", [image for image in images if image.name in named])
    if filters.limit is not None:
        keep("limit", images[: filters.limit])
    return Selection(images=tuple(images), funnel=tuple(funnel))


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a name matches any of some globs: `*`, `?`, `[abc]`, `[!abc]`; a `[` never closed is itself."""
    patterns = [re.compile(fnmatch.translate(glob)) for glob in globs]
    return lambda name: any(pattern.match(name) for pattern in patterns)


def sample(keys: Sequence[str], sampling: ImageSampling) -> frozenset[str]:
    """The keys that are drawn: all of them, or `count`, each set of that many being equally likely.

    Each key has its own lot, drawn from (seed, key), and the lowest lots win. A larger count therefore keeps the images
    of a smaller one, and an image that comes or goes changes at most one place of the sample.
    """
    if sampling.count is None or sampling.count >= len(keys):
        return frozenset(keys)
    lots = sorted((seed_from("images", sampling.seed, key), key) for key in keys)
    return frozenset(key for _, key in lots[: sampling.count])
