"""In which order the tests are tried: the long ones first, shared out evenly.

Rule: `pytest-xdist --dist worksteal` gives each process one run of neighbours, and later half of what another has left.
A process whose last test takes a minute keeps all the others waiting for that minute. So the tests of the modules below
stand at the beginnings of these runs. Those of one module stay together, for what they share is made once, but for
`APART`, whose tests share nothing. Every other process has them the other way round: simulated surveys need a core all
the time, and sessions mostly wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Final, TypeVar

Test = TypeVar("Test")

LONG: Final = ("sim/test_simulator.py", "exhaustive/", "property/", "benchmarks/", "local/", "docs/", "crash/", "e2e/")
APART: Final = ("sim/test_simulator.py", "exhaustive/test_every_crash.py", "docs/test_sessions.py")


def dealt(tests: Sequence[Test], paths: Sequence[str], processes: int) -> list[Test]:
    """The tests, each of some path below `tests`, in the order in which so many processes are to have them."""
    long = [(test, path) for test, path in zip(tests, paths, strict=True) if path.startswith(LONG)]
    long.sort(key=lambda one: next(place for place, part in enumerate(LONG) if one[1].startswith(part)))
    others = iter([test for test, path in zip(tests, paths, strict=True) if not path.startswith(LONG)])
    together = list(_together(long))
    order: list[Test] = []
    for number, size in enumerate(_shares(len(tests), processes)):
        hand = together[number::processes]
        mine = [test for members in (hand[::-1] if number % 2 else hand) for test in members]
        order += [*mine, *islice(others, max(0, size - len(mine)))]
    return [*order, *others]


def _together(long: Sequence[tuple[Test, str]]) -> Iterator[list[Test]]:
    """The tests that one process is to have together."""
    for path, of_path in groupby(long, key=lambda one: one[1]):
        members = [test for test, _ in of_path]
        yield from ([member] for member in members) if path in APART else [members]


def _shares(tests: int, processes: int) -> Iterator[int]:
    """How many tests each process is given at the start, as pytest-xdist counts them."""
    for number in range(processes):
        share = tests // (processes - number)
        yield share
        tests -= share
