"""How long a job takes at the server, and what it shows of itself meanwhile.

Rule: pure; a job's life follows from the seed, its number in the order of submission, its size and its start alone, so
every policy meets the same jobs. The seed also draws where in the server's cadence the survey begins. Times are in
seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

RUNNER_S = 120.0  # protocol 5: run_scheduled_jobs, every 2 minutes
COLLECTED_EVERY_S = 60.0  # protocol 5: collect_spacer_jobs, every minute
FIRST_IMAGE_S, LAST_IMAGE_S = 5.0, 29.0  # protocol 5: an image is scheduled at now + 5 to 29 s
IMAGE_S = (20.0, 90.0)  # one image on AWS Batch, its start included: an assumption, nothing is published


@dataclass(frozen=True, slots=True)
class Life:
    """When a job began, when it ends, and how many of its entries a status call shows as done at a time."""

    begun_s: float
    end_s: float
    done_at: Callable[[float], int]


Model = Callable[[Random, int, float, float], Life]
"""(chance, entries, start, phase) -> the life of a job; the server's own beats fall `phase` seconds after the start of
the survey, and every RUNNER_S before and after."""


def _lasting(draw: Callable[[Random, int], float], *, even: bool) -> Model:
    """Jobs that last as drawn; their counts grow evenly, or stand at 0 until the job is done."""

    def live(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
        length_s = draw(chance, entries)

        def done_at(now: float) -> int:
            return min(entries - 1, int(entries * (now - start_s) / length_s)) if even else 0

        return Life(start_s, start_s + length_s, done_at)

    return live


def _production(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
    """CoralNet's own cadence: its runner starts images every 2 minutes and collects what is done every minute."""
    seen: list[float] = []
    for _ in range(entries):
        due_s = start_s + chance.uniform(FIRST_IMAGE_S, LAST_IMAGE_S)
        done_s = _next_beat_s(due_s, RUNNER_S, phase_s) + chance.uniform(*IMAGE_S)
        seen.append(_next_beat_s(done_s, COLLECTED_EVERY_S, phase_s))
    return Life(start_s, max(seen), lambda now: sum(at_s <= now for at_s in seen))


def _next_beat_s(at_s: float, every_s: float, phase_s: float) -> float:
    return phase_s + math.ceil((at_s - phase_s) / every_s) * every_s


def _between(least_s: float, most_s: float) -> Callable[[Random, int], float]:
    return lambda chance, entries: chance.uniform(least_s, most_s)


def _heavy_tail(chance: Random, entries: int) -> float:
    """Three minutes as a rule, and now and then an hour: Pareto of shape 1.5 from 90 s, cut at an hour."""
    return min(3600.0, 90.0 * chance.paretovariate(1.5))


def _growing(chance: Random, entries: int) -> float:
    return 60.0 + 2.4 * entries


MODELS: Mapping[str, Model] = {
    "1-2 min": _lasting(_between(60, 120), even=False),
    "2-6 min": _lasting(_between(120, 360), even=False),
    "4-20 min": _lasting(_between(240, 1200), even=False),
    "1-2 min, even counts": _lasting(_between(60, 120), even=True),
    "2-6 min, even counts": _lasting(_between(120, 360), even=True),
    "4-20 min, even counts": _lasting(_between(240, 1200), even=True),
    "heavy tail": _lasting(_heavy_tail, even=False),
    "grows with size": _lasting(_growing, even=False),
    "production": _production,
    "exactly 5 min": _lasting(_between(300, 300), even=False),
}
"""By name. Without "even counts", a status call tells nothing before a job is done ("listing only")."""
