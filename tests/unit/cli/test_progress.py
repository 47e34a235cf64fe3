"""What is shown while a run goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from coralrun.cli.progress import LiveProgress


def test_the_points_shown_grow_with_each_job_that_closes_and_each_image_that_ends() -> None:
    counts = [10**number for number in range(5)]
    durable = SimpleNamespace(closed=[], ended={})
    state = cast(Any, SimpleNamespace(durable=durable))
    progress = LiveProgress(cast(Any, None), counts)
    shown = [progress._points(state)]

    durable.ended[3] = "unreadable"
    shown.append(progress._points(state))
    durable.closed.append(SimpleNamespace(sha256="0", images=[[0, 2]], missed=[1]))
    shown.append(progress._points(state))
    durable.ended |= {1: "unreadable", 4: "unreadable"}
    shown += [progress._points(state), progress._points(state)]

    assert shown == [0, 1000, 1101, 11111, 11111]
