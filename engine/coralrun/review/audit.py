"""The audit: images drawn at random, and with which probability each is among them.

Rule: everything that was ever drawn for the audit is one sample, as if it had been drawn at once. A further draw takes
from the images that are left until every part of the survey has as many as one draw of that size would have given it,
so the probabilities follow from how many images are drawn where, and not from when. Same images and
request, same draw.

The audit spreads over the design units. Where there are at least as many images to draw as units, every unit gets its
share, rounded so that none is left out; where there are fewer, units are drawn first, and one image of each. Strata, if
any are named, get their share first (Cochran 1977, Sampling Techniques, chapters 5 and 10).

How many a part gets follows from its size and from how many it has had, never from which images those were. So within a
unit all images are as likely, and an image is in the audit with the probability n / M, n of the M images of its unit in
its stratum being drawn, times S / K where only S of the K units there are. Were two draws independent that would be
p1 + (1 - p1) p2; here p2 depends on what the first draw left, which the counts take in exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coralrun.review.sets import DrawnPoint, ReviewSet, Wanted
from coralrun.values.ids import SplitMix64, seed_from


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image that may be drawn: its number in the plan, its stratum ("" for none) and its design unit, or the part of
    that unit which the same draws could draw from: each is to have its share."""

    image: int
    stratum: str
    unit: str


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image of the audit. `inclusion` is the probability with which it is in it, `unit_inclusion` its unit's."""

    image: int
    stratum: str
    inclusion: float
    unit_inclusion: float


def draw_images(
    candidates: Sequence[Candidate], wanted: Wanted, seed: int, earlier: Collection[int] = ()
) -> tuple[DrawnImage, ...]:
    """Draw the images of an audit, or further ones beside those that `earlier` draws gave it.

    Returns the whole audit in plan order, the earlier images among it with the probabilities that they have now. As
    many images are added as `wanted` makes of all candidates, as far as there are.
    """
    had = frozenset(earlier)
    strata = _by_stratum(candidates)
    had_in = {name: sum(candidate.image in had for candidate in members) for name, members in strata.items()}
    total = min(len(candidates), sum(had_in.values()) + wanted.of(len(candidates))) if candidates else 0
    targets = _targets({name: len(members) for name, members in strata.items()}, had_in, total)
    chosen = set(had)
    for name, members in sorted(strata.items()):
        # a further draw must not follow the chances of the first one with the same seed
        parts = ("audit", seed, name, len(had)) if had else ("audit", seed, name)
        chosen.update(_in_stratum(members, had, targets[name], SplitMix64(seed_from(*parts))))
    return with_probabilities(candidates, chosen)


def images_for_every_unit(candidates: Sequence[Candidate], earlier: Collection[int]) -> int:
    """How many images a further draw beside these `earlier` ones needs, that every unit of every stratum has one."""
    strata = _by_stratum(candidates)
    sizes = {name: len(members) for name, members in strata.items()}
    had = {name: [one for one in members if one.image in earlier] for name, members in strata.items()}
    had_in = {name: len(members) for name, members in had.items()}
    needed = {
        name: had_in[name] + len({one.unit for one in members} - {one.unit for one in had[name]})
        for name, members in strata.items()
    }

    def reaches(further: int) -> bool:
        targets = _targets(sizes, had_in, sum(had_in.values()) + further)
        return all(targets[name] >= least for name, least in needed.items())

    return bisect_left(range(len(candidates)), True, key=reaches)


def with_probabilities(candidates: Iterable[Candidate], images: Collection[int]) -> tuple[DrawnImage, ...]:
    """An audit of these images, in plan order, with the probability of each; those that are no candidates are left out.

    A unit that lies in several strata is in the audit unless none of them drew it.
    """
    strata = _by_stratum(candidates)
    of_unit: dict[str, float] = {}
    inclusion: dict[str, tuple[float, Mapping[str, float]]] = {}
    for name, members in strata.items():
        sizes = Counter(candidate.unit for candidate in members)
        drawn = Counter(candidate.unit for candidate in members if candidate.image in images)
        reached = len(drawn) / len(sizes)
        for unit in sizes:
            before = of_unit.get(unit, 0.0)
            of_unit[unit] = before + reached - before * reached
        inclusion[name] = reached, {unit: count / sizes[unit] for unit, count in drawn.items()}
    return tuple(
        DrawnImage(
            candidate.image, name, inclusion[name][0] * inclusion[name][1][candidate.unit], of_unit[candidate.unit]
        )
        for name, candidate in sorted(
            ((name, member) for name, members in strata.items() for member in members if member.image in images),
            key=lambda pair: pair[1].image,
        )
    )  # fmt: skip


def _by_stratum(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    strata: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        strata.setdefault(candidate.stratum, []).append(candidate)
    return strata


def _in_stratum(
    members: Sequence[Candidate], earlier: Collection[int], target: int, chance: SplitMix64
) -> Iterator[int]:
    """The further images of a stratum that brings it to `target`."""
    left: dict[str, list[int]] = {}
    had: Counter[str] = Counter()
    for candidate in members:
        of_unit = left.setdefault(candidate.unit, [])
        if candidate.image in earlier:
            had[candidate.unit] += 1
        else:
            of_unit.append(candidate.image)
    names = sorted(left)
    fresh = [name for name in names if not had[name]]
    if target - had.total() >= len(fresh):
        goals = _targets({name: had[name] + len(left[name]) for name in names}, had, target)
        further = {name: goals[name] - had[name] for name in names}
    else:
        names = [fresh[index] for index in chance.sample(len(fresh), target - had.total())]
        further = dict.fromkeys(names, 1)
    for name in names:
        for index in chance.sample(len(left[name]), further[name]):
            yield left[name][index]


def _targets(sizes: Mapping[str, int], had: Mapping[str, int], total: int) -> dict[str, int]:
    """Divide `total` in proportion to sizes, by largest remainders: at least one each and what each has had, never more
    than there are."""
    everything = sum(sizes.values())
    least = {name: max(1, had[name]) for name in sizes}
    shares = {name: min(size, max(least[name], total * size // everything)) for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(total * sizes[name] % everything), name))
    left = total - sum(shares.values())
    while left:
        step = 1 if left > 0 else -1
        order = by_remainder if left > 0 else by_remainder[::-1]
        moving = [name for name in order if least[name] <= shares[name] + step <= sizes[name]][: abs(left)]
        if not moving:
            break  # what every part has at the least is more than `total`
        for name in moving:
            shares[name] += step
        left -= step * len(moving)
    return shares


def audit_points(
    images: Iterable[DrawnImage], counts: Mapping[int, int], per_image: int | None, seed: int
) -> Iterator[DrawnPoint]:
    """The points of an audit: all of each drawn image, or `per_image` of them at random. `counts` is by image."""
    for drawn in images:
        count = counts[drawn.image]
        chosen: Sequence[int] = range(count)
        if per_image is not None and per_image < count:
            chosen = SplitMix64(seed_from("audit points", seed, drawn.image)).sample(count, per_image)
        inclusion = drawn.inclusion * len(chosen) / count
        for index in chosen:
            yield DrawnPoint(ReviewSet.AUDIT, drawn.image, index + 1, drawn.stratum, inclusion, drawn.unit_inclusion)
