"""What is measured: every server model, alone and sharing; few and many slots; small and large surveys; trouble.

Rule: data. Each group has the same number of seeds. Ratios and shares are means over them; largest numbers are the
largest of any seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coralrun.coralnet import protocol

from .models import MODELS
from .world import LIFE_S, Case

SEEDS = 16
USUAL_SLOTS = (protocol.DEFAULT_ACTIVE_JOBS,)
OTHER_SLOTS = ((1,), (2,), (9,))
CHANGING_SLOTS = (5, 3, 8)
SMALL, USUAL, LARGE = 671, 6_000, 175_000  # seven jobs, the last not full; 60; 1,750
LARGE_MODELS = ("1-2 min", "2-6 min", "heavy tail", "production", "runner and collector every 2 min")
GROWING = "grows with size"
FAILING, SHORT_LIFE_S = 0.03, 600.0
"""The trouble: an image in 33 fails once, and a URL serves ten minutes."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that differ in their seed alone."""

    name: str
    cases: tuple[Case, ...]


def all_groups() -> Iterator[Group]:
    """The whole yardstick, the large surveys last."""
    for model in MODELS:
        yield group(model, SMALL)
        yield group(model, USUAL)
        yield group(model, USUAL, shared=True)
    for model in ("2-6 min", "production"):
        for slots in OTHER_SLOTS:
            yield group(model, USUAL, slots=slots)
        yield group(model, USUAL, pages=True)
        yield group(model, USUAL, pages=True, trouble=True)
    for model in ("1-2 min", "2-6 min"):
        yield group(model, USUAL, slots=CHANGING_SLOTS)
    for model in LARGE_MODELS:
        yield group(model, LARGE)
    yield group("1-2 min", LARGE, shared=True)


def group(
    model: str,
    images: int,
    *,
    slots: tuple[int, ...] = USUAL_SLOTS,
    shared: bool = False,
    pages: bool = False,
    trouble: bool = False,
) -> Group:
    """One row of the table."""
    jobs = -(-images // protocol.MAX_ENTRIES_PER_JOB)
    words = [model, f"{jobs:,} jobs", f"{' -> '.join(map(str, slots))} slots", *["shared"] * shared, *["pages"] * pages]
    if trouble:
        words.append(f"{FAILING:.0%} of images fail once, URLs live {SHORT_LIFE_S / 60:.0f} min")
    cases = tuple(
        Case(
            model=model,
            images=images,
            slots=slots,
            shared=shared,
            pages=pages,
            failing=FAILING if trouble else 0.0,
            life_s=SHORT_LIFE_S if trouble else LIFE_S,
            seed=seed,
        )
        for seed in range(SEEDS)
    )
    return Group(", ".join(words), cases)
