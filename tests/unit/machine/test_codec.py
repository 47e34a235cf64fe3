"""A record is what was written, or damage: no other value passes for one, and none fills the memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.codec import decode_fact, encode_fact
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.runs import MOST_UNITS_PER_BATCH

AT = "2026-01-01T00:00:00Z"
LIMITED = {"t": "limits", "at": AT, "max_active": 1}
INTENT = {"t": "intent", "at": AT, "batch": 1, "attempt": 1, "entries": 1, "marker": "", "done_before": []}


@pytest.mark.parametrize(
    "record",
    [
        {"t": "batched", "batch": 1, "unit_runs": [[0, 10**12]]},
        {"t": "batched", "batch": 1, "unit_runs": [[0, MOST_UNITS_PER_BATCH // 2 + 1]] * 2},
        {"t": "batched", "batch": 1, "unit_runs": [[5, 3]]},
        {**INTENT, "size_runs": [[[1, 1], 10**12]]},
        {**INTENT, "size_runs": [[[1, 1], -1]]},
        {**LIMITED, "max_active": True},
        {**LIMITED, "max_active": 1.0},
        {**LIMITED, "max_active": "1"},
        {**LIMITED, "max_active": -1},
        {**LIMITED, "more": 1},
        {**LIMITED, "at": "yesterday"},
        {**LIMITED, "t": "limit"},
        {"t": "ended", "at": AT, "final": {"01": "denied"}},
        {"t": "ended", "at": AT, "final": {"1": "a reason"}},
    ],
    ids=lambda record: json.dumps(record)[-30:],
)
def test_a_record_that_no_run_writes_is_damage(record: dict[str, Any]) -> None:
    with pytest.raises(RunDamaged, match="not a record that this version knows"):
        decode_fact(json.dumps(record).encode())


def test_half_a_character_in_a_services_text_stops_no_journal() -> None:
    paused = facts.Paused(AT, PauseWhy.UNREACHABLE, "away \ud83d")
    assert decode_fact(encode_fact(paused)) == paused
    assert paused.detail == "away ?"
