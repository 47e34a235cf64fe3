"""What is measured: every server model, 1 to 9 slots, alone and sharing, small and large surveys, with pages and not.

Rule: data. Ratios and shares are means over the seeds; largest numbers are the largest of any seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .models import MODELS
from .world import Case

SEEDS = 16  # of a survey of 60 jobs; a long one is its own average, and a tiny one is quick
LONG_SEEDS = 1
SLOTS = (1, 2, 5, 9)
IMAGES = {7: 671, 60: 6_000, 1_750: 175_000}  # 671: seven jobs, the last not full


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that differ in their seed alone."""

    name: str
    cases: tuple[Case, ...]


def all_groups() -> Iterator[Group]:
    """The whole yardstick."""
    for model in MODELS:
        for jobs, images in IMAGES.items():
            for slots in SLOTS if jobs == 60 else (5,):
                for shared in (False, True):
                    if shared and slots == 1:
                        continue  # there is nothing to share
                    for pages in (False, True):
                        yield group(model, images, slots=slots, shared=shared, pages=pages)


def group(model: str, images: int, *, slots: int = 5, shared: bool = False, pages: bool = False) -> Group:
    """One row of the table."""
    jobs = -(-images // 100)
    seeds = SEEDS if jobs < 60 or (jobs == 60 and not pages) else 4 if jobs == 60 else LONG_SEEDS
    words = [model, f"{jobs:,} jobs", f"{slots} slots", *["shared"] * shared, *["pages"] * pages]
    cases = (
        Case(model=model, images=images, slots=slots, shared=shared, pages=pages, seed=seed) for seed in range(seeds)
    )
    return Group(", ".join(words), tuple(cases))
