"""The page about the queue: read with tolerance, for a figure that is lost must cost no plan."""

from __future__ import annotations

import pytest

from coralrun.coralnet.codec.queue_page import read_queue
from coralrun.service.queue import Queue, Span

WAITED, TOTAL = "0\u00a0minutes ~ 3\u00a0minutes", "1\u00a0minute ~ 14\u00a0minutes"


def page(waited: str = WAITED, total: str = TOTAL, now: str = "4") -> bytes:
    return (
        '<ul><li><ul><li> <span class="tooltip" id="time-waited-line">'
        f" Time waited before starting: {waited} </span></li>"
        f'<li><span id="total-time-line" title="x: 1 minute ~ 2 minutes">\nTotal time: {total}\n</span></li></ul></li>'
        f"<li><ul><li>Now: {now}</li><li>Rough average over the past 3 days: 12</li></ul></li></ul>"
    ).encode()


def test_the_page_tells_how_long_jobs_waited_and_took_and_how_many_are_to_do() -> None:
    assert read_queue(page()) == Queue(Span(0.0, 180.0), Span(60.0, 840.0), 4)
    assert read_queue(page(now="1,234")) == Queue(Span(0.0, 180.0), Span(60.0, 840.0), 1234)


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("0\u00a0minutes ~ 0\u00a0minutes", Span(0.0, 0.0)),
        ("2 hours, 5 minutes ~ 1 day, 3 hours", Span(7500.0, 97_200.0)),
        ("1 week ~ 1 month, 1 week", Span(604_800.0, 3_196_800.0)),
        ("59 minutes ~ 1 year", Span(3540.0, 31_536_000.0)),
    ],
)
def test_lengths_of_time_are_read_as_they_are_written(said: str, span: Span) -> None:
    found = read_queue(page(total=said))
    assert found is not None
    assert found.total == span


@pytest.mark.parametrize(
    "said",
    ["", "soon", "3 minutes", "5 minutes ~ 3 minutes", "1 fortnight ~ 2 fortnights", "~", "-1 minutes ~ 2 minutes"],
)
def test_what_is_said_otherwise_is_not_known_and_the_rest_is(said: str) -> None:
    assert read_queue(page(total=said)) == Queue(Span(0.0, 180.0), None, 4)


def test_a_page_that_tells_nothing_of_it_is_none() -> None:
    assert read_queue(b"<h2>Sitewide job-processing status</h2><p>A new design: 3 minutes ~ 4 minutes</p>") is None
    assert read_queue(b"") is None
