"""How many photos travel to a worker together, by how long they took lately; and what workers computed in all.

Rule: a scheduler hands out so many tasks a second and no more, so photos that take hardly any time share a task. One
that travels itself, or that workers died near, goes alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.local.tasks import Finished, Task

MOST_AT_ONCE: Final = 16
_TOGETHER_S: Final = 0.1
"""So long a worker computes before it gives its results, where there are few: most photos take longer, each alone."""

_TASKS_A_SECOND: Final = 100
"""Half of what a scheduler and its client hand out, at some 5 ms each (docs/local.md)."""

_LATELY: Final = 8


@dataclass(slots=True)
class Took:
    """What workers took: a photo lately, and all that they computed."""

    photo_s: float = float("inf")
    worked_s: float = 0.0
    points: int = 0

    def learn(self, finished: Sequence[Finished], took_s: float) -> None:
        """So long the photos of one task took."""
        each_s = took_s / len(finished)
        self.worked_s += took_s
        self.points += sum(len(one.scores) // (2 * one.labels) for one in finished if one.labels)
        is_known = self.photo_s != float("inf")
        self.photo_s = self.photo_s + (each_s - self.photo_s) / _LATELY if is_known else each_s

    def at_once(self, threads: int) -> int:
        """So many photos in a task that the scheduler keeps up with workers; one while it is not known."""
        together_s = max(_TOGETHER_S, threads / _TASKS_A_SECOND)
        return max(1, min(MOST_AT_ONCE, int(together_s / max(self.photo_s, 1e-6))))


def grouped(tasks: Sequence[Task], most: int) -> Iterator[list[Task]]:
    """Tasks of so many photos."""
    shared = [task for task in tasks if not (task.is_single or isinstance(task.place, bytes))]
    yield from (shared[first : first + most] for first in range(0, len(shared), most))
    yield from ([task] for task in tasks if task.is_single or isinstance(task.place, bytes))
