"""People's labels are read in every format that points come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

KIND = "truth-of-squidle-and-cpce"
RUN = f"runs/{KIND}"


def test_the_files_of_the_case_are_read_as_labels(case: Callable[[str], Path], coralrun: Callable[..., Result]) -> None:
    folder = case(KIND)
    assert coralrun("apply", folder / "survey.yaml", "--yes").exit_code == 0
    for path in (folder / "squidle.csv", folder / "a.cpc"):
        refused = coralrun("accuracy", RUN, "--truth", path, "--labelled-by", "people")
        assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
            2,
            f"{path}: none of its 1 rows may judge {RUN}: 1 match no point of the run (the first: no image of the "
            "run has this name)",
        )
