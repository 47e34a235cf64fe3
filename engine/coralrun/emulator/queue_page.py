"""The page about the queue: how long the jobs of all users waited and took, as text.

Rule: as on the real page: an image is a job, times are the 10th and the 90th percentile of those that started, or were
done, in the time that is asked about, and whole minutes. Without any job both are 0 minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles
from typing import Final

from coralrun.emulator.dates import length
from coralrun.emulator.jobs import Jobs
from coralrun.emulator.pages import page

QUEUE_PATH = "/jobs/status/"
RECENT: Final = {
    "1": "hour",
    "4": "4 hours",
    "24": "day",
    "72": "3 days",
    "168": "week",
    "720": "30 days",
}
_USUAL = "72"


def queue_page(jobs: Jobs, asked: str, now: float, head: str) -> str:
    """How the queue is now, looking back so many hours as is asked for; as usual where that is none of the choices."""
    hours = asked if asked in RECENT else _USUAL
    since = now - 3600.0 * int(hours)
    units = list(jobs.units())
    waited = [
        unit.started_s - unit.scheduled_s
        for unit in units
        if unit.started_s is not None and unit.scheduled_s is not None and unit.started_s > since
    ]
    took = [
        unit.done_s - unit.scheduled_s
        for unit in units
        if unit.done_s is not None and unit.scheduled_s is not None and unit.done_s > since
    ]
    choices = "".join(
        f'<option value="{value}"{" selected" if value == hours else ""}>{shown}</option>'
        for value, shown in RECENT.items()
    )
    return page(
        "Sitewide job-processing status",
        "<h2>Sitewide job-processing status</h2>\n"
        '<form action="" method="get" class="no-padding"><label for="id_recency_threshold">Look at jobs from the past:'
        f'</label> <select name="recency_threshold" id="id_recency_threshold">{choices}</select></form>\n'
        '<ul class="detail_list">\n'
        f"<li>Jobs in the past {RECENT[hours]} - 10th to 90th percentile times:</li>\n<li>\n<ul>\n"
        f'<li>\n<span class="tooltip" id="time-waited-line">\n  Time waited before starting: {_span(waited)}\n</span>'
        "\n</li>\n"
        f'<li>\n<span class="tooltip" id="total-time-line">\n  Total time: {_span(took)}\n</span>\n</li>\n'
        "</ul>\n</li>\n<li>Number of incomplete jobs:</li>\n<li>\n<ul>\n"
        f"<li>Now: {sum(not unit.done for unit in units)}</li>\n</ul>\n</li>\n</ul>",
        head,
    )


def _span(times_s: Sequence[float]) -> str:
    if not times_s:
        return f"{length(0.0)} ~ {length(0.0)}"
    tenths = quantiles([*times_s, *times_s] if len(times_s) == 1 else times_s, n=10, method="inclusive")
    return f"{length(tenths[0])} ~ {length(tenths[-1])}"
