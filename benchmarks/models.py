"""How long a job takes at the server, and what it shows of itself meanwhile.

Rule: pure; a job's life follows from the seed, its number in the order of submission, its size and its start alone, so
every policy meets the same jobs. The seed also draws where in the server's cadence the survey begins, and how busy the
server is when. Times are in seconds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

RUNNER_S = 120.0  # protocol 5: run_scheduled_jobs, every 2 minutes
COLLECTED_EVERY_S = 60.0  # protocol 5: collect_spacer_jobs, every minute
FIRST_IMAGE_S, LAST_IMAGE_S = 5.0, 29.0  # protocol 5: an image is scheduled at now + 5 to 29 s
IMAGE_S = (20.0, 90.0)  # one image on AWS Batch, its start included: an assumption, nothing is published

USERS = 30
USERS_JOB_EVERY_S = 3600.0  # each of the others sends a job an hour on average, all through one queue
QUEUE_JOB_S = (40.0, 160.0)  # what a job of another user takes of the queue, which works five sixths of the time
STRAGGLER_SHARE, STRAGGLER_S = 0.002, (600.0, 1800.0)  # of images: so every fifth job waits for one


@dataclass(frozen=True, slots=True)
class Life:
    """When a job began, when it ends, and how many of its entries a status call shows as done at a time."""

    begun_s: float
    end_s: float
    done_at: Callable[[float], int]


Model = Callable[[Random, int, float, float], Life]
"""(chance, entries, start, phase) -> the life of a job; the server's own beats fall `phase` seconds after the start of
the survey, and every RUNNER_S before and after."""


def _lasting(draw: Callable[[Random, int], float], *, even: bool = False) -> Model:
    """Jobs that last as drawn; their counts grow evenly, or stand at 0 until the job is done."""

    def live(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
        length_s = draw(chance, entries)

        def done_at(now: float) -> int:
            return min(entries - 1, int(entries * (now - start_s) / length_s)) if even else 0

        return Life(start_s, start_s + length_s, done_at)

    return live


def _in_beats(collected_every_s: float) -> Model:
    """CoralNet's own cadence: its runner starts images every 2 minutes, and what is done is collected at another."""

    def live(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
        seen: list[float] = []
        for _ in range(entries):
            due_s = start_s + chance.uniform(FIRST_IMAGE_S, LAST_IMAGE_S)
            done_s = _next_beat_s(due_s, RUNNER_S, phase_s) + chance.uniform(*IMAGE_S)
            seen.append(_next_beat_s(done_s, collected_every_s, phase_s))
        return Life(start_s, max(seen), lambda now: sum(at_s <= now for at_s in seen))

    return live


def _next_beat_s(at_s: float, every_s: float, phase_s: float) -> float:
    return phase_s + math.ceil((at_s - phase_s) / every_s) * every_s


def _between(least_s: float, most_s: float) -> Callable[[Random, int], float]:
    return lambda chance, entries: chance.uniform(least_s, most_s)


def _heavy_tail(chance: Random, entries: int) -> float:
    """Three minutes as a rule, and now and then an hour: Pareto of shape 1.5 from 90 s, cut at an hour."""
    return min(3600.0, 90.0 * chance.paretovariate(1.5))


def _growing(chance: Random, entries: int) -> float:
    return 60.0 + 2.4 * entries


def _two_kinds(chance: Random, entries: int) -> float:
    """2 minutes for three of four jobs, 20 for the fourth, each give or take a tenth."""
    return (120.0 if chance.random() < 0.75 else 1200.0) * chance.uniform(0.9, 1.1)


def _straggling(chance: Random, entries: int) -> float:
    """The job takes as long as its slowest image, and a few images take very long."""
    return max(chance.uniform(*(STRAGGLER_S if chance.random() < STRAGGLER_SHARE else IMAGE_S)) for _ in range(entries))


def _hourly(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
    """2 to 6 minutes, up to four times as long where the hour is busy: a wave of three hours."""
    load = 2.5 + 1.5 * math.sin(2 * math.pi * (start_s + 90 * phase_s) / 10_800.0)
    return Life(start_s, start_s + load * chance.uniform(120.0, 360.0), lambda now: 0)


def _queued(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
    """1 to 2 minutes of work, after all that others have put into the one queue before it."""
    arrivals_s, free_s = _queue_of_others(phase_s)
    before = bisect_right(arrivals_s, start_s)
    begins_s = max(start_s, free_s[before - 1]) if before else start_s
    return Life(start_s, begins_s + chance.uniform(60.0, 120.0), lambda now: 0)


@lru_cache(maxsize=64)
def _queue_of_others(phase_s: float) -> tuple[list[float], list[float]]:
    """When other users' jobs came to the queue, from an hour before the survey on, and when it had worked them off."""
    chance, at_s, free = Random(f"queue:{phase_s}"), -3600.0, -3600.0
    arrivals_s, free_s = list[float](), list[float]()
    while at_s < 200 * 3600.0:
        at_s += chance.expovariate(USERS / USERS_JOB_EVERY_S)
        free = max(free, at_s) + chance.uniform(*QUEUE_JOB_S)
        arrivals_s.append(at_s)
        free_s.append(free)
    return arrivals_s, free_s


def _lying(chance: Random, entries: int, start_s: float, phase_s: float) -> Life:
    """2 to 6 minutes, with counts that say half at once, then nearly all, then fewer again."""
    length_s = chance.uniform(120.0, 360.0)
    shown = [chance.randrange(entries) for _ in range(8)]
    return Life(start_s, start_s + length_s, lambda now: shown[int(now - start_s) // 45 % len(shown)])


MODELS: Mapping[str, Model] = {
    "1-2 min": _lasting(_between(60, 120)),
    "2-6 min": _lasting(_between(120, 360)),
    "4-20 min": _lasting(_between(240, 1200)),
    "2-6 min, even counts": _lasting(_between(120, 360), even=True),
    "2-6 min, counts that lie": _lying,
    "heavy tail": _lasting(_heavy_tail),
    "2 or 20 min": _lasting(_two_kinds),
    "straggling images": _lasting(_straggling),
    "load by the hour": _hourly,
    "queue of 30 users": _queued,
    "grows with size": _lasting(_growing),
    "production": _in_beats(COLLECTED_EVERY_S),
    "runner and collector every 2 min": _in_beats(RUNNER_S),
    "exactly 5 min": _lasting(_between(300, 300)),
}
"""By name. Without "even counts", a status call tells nothing before a job is done, or nothing that is true."""
