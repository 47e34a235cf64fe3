"""Images without predictions, by name."""

from __future__ import annotations

from pathlib import Path

from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.run.failed import failed_lines


def test_the_first_images_that_failed_are_named_with_why_and_where_all_stand(tmp_path: Path) -> None:
    run = finished_run(tmp_path, [Photo("ok.jpg", sure("A")), *(Photo(f"{n}.jpg", None) for n in range(7))])
    named = list(failed_lines(run))
    assert [line.split(": ")[0] for line in named[:-1]] == [f"  failed  {n}.jpg" for n in range(5)]
    assert all(len(line.split(": ", 1)[1]) > 10 for line in named[:-1])
    assert named[-1] == f"          and 2 more: {tmp_path / 'outputs' / 'failures.csv'}"
    assert not list(failed_lines(finished_run(tmp_path / "whole", [Photo("ok.jpg", sure("A"))])))
