"""How long a point takes, by the runs that were before."""

from __future__ import annotations

from pathlib import Path

from coralrun.local.compute import Compute
from coralrun.local.speed import LEAST_POINTS, Worked, keep_speed, speed_of
from coralrun.service.limits import Speed

HERE = Compute(workers=4)
WORKED = Worked(point_s=0.02, points=LEAST_POINTS, workers=8)


def test_a_speed_is_of_one_extractor_and_of_the_workers_that_it_was_seen_on(tmp_path: Path) -> None:
    keep_speed("lite0", HERE, tmp_path, WORKED)
    assert speed_of("lite0", HERE, tmp_path) == Speed(0.02, 4, "as 1,000 points took in an earlier run")
    assert speed_of("lite0", Compute(), tmp_path) == Speed(0.02, 8, "as 1,000 points took in an earlier run")
    assert speed_of("b0", HERE, tmp_path) is None
    assert speed_of("lite0", Compute(scheduler="tls://head:8786"), tmp_path) is None


def test_few_points_tell_nothing_and_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    keep_speed("lite0", HERE, tmp_path, Worked(point_s=0.02, points=LEAST_POINTS - 1, workers=8))
    assert speed_of("lite0", HERE, tmp_path) is None
    keep_speed("lite0", HERE, tmp_path, WORKED)
    (kept,) = (tmp_path / "speeds").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"0.02", b"0.03"))
    assert speed_of("lite0", HERE, tmp_path) is None
