"""What is measured: every server model, 1 to 9 slots, alone and sharing, small and large surveys, with pages and not.

Rule: data. Ratios and shares are means over the seeds; largest numbers are the largest of any seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .models import MODELS
from .world import Case

SLOTS = range(1, 10)
USUAL_SLOTS = 5
SEEDS = 16
IMAGES = {7: 671, 60: 6_000, 1_750: 175_000}  # 671: seven jobs, the last not full
LONG_WITH_PAGES = frozenset({"2-6 min", "production"})
ODD_MODEL = "exactly 5 min"  # four beats of the fixed loop: the luckiest server that it can have


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that differ in their seed alone."""

    name: str
    cases: tuple[Case, ...]


def all_groups() -> Iterator[Group]:
    """The whole yardstick."""
    for model in MODELS:
        if model == ODD_MODEL:
            continue
        for jobs, images in IMAGES.items():
            for slots in SLOTS if jobs == 60 else (USUAL_SLOTS,):
                for shared, pages in ((False, False), (False, True), (True, False), (True, True)):
                    if shared and slots == 1:
                        continue  # there is nothing to share
                    if jobs > 60 and pages and (shared or model not in LONG_WITH_PAGES):
                        continue  # each takes a minute to compute
                    yield group(model, images, slots=slots, shared=shared, pages=pages)
    yield group(ODD_MODEL, 2_000)


def group(model: str, images: int, *, slots: int = USUAL_SLOTS, shared: bool = False, pages: bool = False) -> Group:
    """One row of the table."""
    jobs = -(-images // 100)
    words = [model, f"{jobs:,} jobs", f"{slots} slots", *["shared"] * shared, *["pages"] * pages]
    cases = (
        Case(model=model, images=images, slots=slots, shared=shared, pages=pages, seed=seed)
        for seed in range(_seeds(jobs, slots, pages))
    )
    return Group(", ".join(words), tuple(cases))


def _seeds(jobs: int, slots: int, pages: bool) -> int:
    """How many surveys make a row: a long one is its own average, a tiny one is quick, and pages take long."""
    if jobs != 60:
        return SEEDS if jobs < 60 else 1
    return (4 if pages else SEEDS) // (1 if slots == USUAL_SLOTS else 4)


def surer(group: Group) -> Group:
    """The same row by all the seeds: where an account is shared, one survey is as good as the other client's luck."""
    return replace(group, cases=tuple(replace(group.cases[0], seed=seed) for seed in range(SEEDS)))
