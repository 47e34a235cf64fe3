"""Records that would fill the memory are refused before they do."""

from __future__ import annotations

from typing import Any

import pytest

from coralrun.errors import RunDamaged
from coralrun.machine.codec import MOST_IMAGES_PER_BATCH, fact_from_json

AT = "2026-01-01T00:00:00Z"
INTENT = {"t": "intent", "at": AT, "b": 1, "a": 1, "entries": 1, "after_job": 0, "done_before": []}


@pytest.mark.parametrize(
    "record",
    [
        {"t": "batched", "b": 1, "images": [[0, 10**12]]},
        {"t": "batched", "b": 1, "images": [[0, MOST_IMAGES_PER_BATCH // 2 + 1]] * 2},
        {**INTENT, "sizes": [[1, 1, 10**12]]},
        {**INTENT, "sizes": [[1, 1, -1]]},
    ],
    ids=["a run without end", "two long runs", "sizes without end", "fewer than none"],
)
def test_a_record_of_more_images_than_a_batch_can_have_is_damaged(record: dict[str, Any]) -> None:
    with pytest.raises(RunDamaged, match="not a record that this version knows"):
        fact_from_json(record)
