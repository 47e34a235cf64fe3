"""The images without predictions by name, in lines for people: a mail is read far from the table that has them all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from coralrun.app.run.run_directory import OpenRun
from coralrun.files.written import Table
from coralrun.results.tables import why_without

_SHOWN: Final = 5


def failed_lines(opened: OpenRun) -> Iterator[str]:
    """The first of them in the order of the plan, each with its reason, and where all stand."""
    if not opened.plan.classifies:
        return
    state = opened.plan_state
    failed = sorted(state.ended())
    for number in islice(failed, _SHOWN):
        yield f"  failed  {opened.plan.images[number].name}: {why_without(opened.plan, state, number)}"
    if len(failed) > _SHOWN:
        yield f"          and {len(failed) - _SHOWN:,} more: {opened.layout.outputs / Table.FAILURES.file}"
