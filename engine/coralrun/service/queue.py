"""How busy a service is: how long its jobs wait, and how many.

Rule: what a service shows of all its jobs, whoever sent them; none of it is needed to carry out a run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """From the 10th to the 90th percentile, in seconds."""

    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class Queue:
    """How long jobs waited to start, how long they took in all, how many are not done now. An image is a job here."""

    waited: Span | None
    total: Span | None
    incomplete: int | None
