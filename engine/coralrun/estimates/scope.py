"""Of what part of the area a mean over strata is: a stratum without a used photo is in no mean.

Rule: what nobody has seen is never spoken for. Where a stratum that a figure should stand for has no used photo, the
figure is of the other strata, weighted as they are among themselves, and says so wherever it stands: of how much of the
area, and which strata are missing. It is no estimate of all of the area: nothing in the sample tells about a stratum
that is not in it (the sampled population, not the target population: Cochran 1977, Sampling Techniques, section 1.2).
A figure of everything should stand for all strata of the photos and of the table of areas; one of a part of the photos
for the strata in which some of these were planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_NAMED: Final = 5
"""Missing strata that are named; `cover.csv` has a row of each that has photos."""

_OF: Final = "; of "
_ALMOST_ALL: Final = 0.9995  # what `.3g` would write as 100


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is of (`part`), what it is not of (`rest`), as words, and the strata without a used photo."""

    part: str
    rest: str
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        """What stands in the column `method`."""
        return f"of {self.part}: no photo used in {self.named}"

    @property
    def note(self) -> str:
        """The same as a sentence about the whole survey."""
        strata = "stratum" if len(self.missing) == 1 else "strata"
        return (
            f"No photo is used in {strata} {self.named}, {self.rest}: what is said of the whole survey is of "
            f"{self.part} alone"
        )

    @property
    def named(self) -> str:
        """The strata that are missing."""
        named = [f"`{name}`" for name in self.missing[:MOST_NAMED]]
        more = len(self.missing) - len(named)
        if more:
            return f"{', '.join(named)} and {more:,} more"
        return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]


def scope_of(
    strata: Sequence[str], areas: NDArray[np.float64] | None, wanted: Sequence[int], used: Sequence[int]
) -> Scope | None:
    """What a figure is of; None where it is of all that it should stand for, or of nothing.

    `wanted` are the strata (their places in `strata`) that it should stand for, `used` those with a used photo; `areas`
    is None where none are given. A stratum without a name is none.
    """
    missing = [stratum for stratum in wanted if stratum not in used and strata[stratum]]
    if not missing or not len(used):
        return None
    names = tuple(strata[stratum] for stratum in missing)
    if areas is None:
        everything = len(missing) + len(used)
        return Scope(f"{len(used):,} of {everything:,} strata", f"{len(missing):,} of {everything:,} strata", names)
    lost, found = (float(areas[list(chosen)].sum()) for chosen in (missing, used))
    share = found / (found + lost)
    return Scope(f"{_percent(share)} of the area", f"{_percent(1 - share)} of the area", names)


def with_scope(method: str, scope: Scope | None) -> str:
    """A method, and of what part of the area its figure is."""
    return method if scope is None else f"{method}; {scope.words}"


def scope_in(methods: Iterable[str]) -> str:
    """Of what part of the area the figures with these methods are; "" for all of it, or where they differ."""
    found = {method.partition(_OF)[2] for method in methods}
    return f"of {found.pop()}" if len(found) == 1 and "" not in found else ""


def without_scope(method: str) -> str:
    """A method as it is without that."""
    return method.partition(_OF)[0]


def _percent(share: float) -> str:
    return "more than 99.9 %" if share >= _ALMOST_ALL else f"{100 * share:.3g} %"
