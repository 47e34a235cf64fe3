"""At a terminal nothing stands still without saying why, however slow the service is."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.rehearsal import Desk, reef
from tests.terminal import coralrun_at_terminal

PAGE_S = 4.0
SILENT_S = 3.0
"""Less than a page takes, and enough for a machine that is busy: the line is to change every second."""


def test_a_run_on_slow_pages_tells_what_it_waits_for_all_the_time(tmp_path: Path) -> None:
    with reef(photos=3, seconds_per_image=1.5) as running:
        desk = Desk(tmp_path, running)
        running.order(delay_s=PAGE_S, delay_of="browse")

        survey = desk.survey(source="{coralnet: 1}")
        sent = coralrun_at_terminal("apply", str(survey), "--yes", cwd=tmp_path, env=desk.environment())

    assert sent.code == 0, sent.text
    assert sent.longest_silence_s < SILENT_S
    waits = r"listing the images of source 1 \(\d s\)"
    for said in (waits, "first result expected in", "writing the report", "finished"):
        assert re.search(said, sent.text), (said, sent.text)
