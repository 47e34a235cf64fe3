"""Points that were laid on a photo turned upright, which the service takes as the camera stored it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result


def test_points_of_the_same_photo_turned_are_told_with_both_sizes(
    case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    said = coralrun("plan", case("rotated-frame") / "survey.yaml")
    assert said.exit_code == 2
    assert said.stderr.splitlines()[-2] == (
        "a.cpc:1: the points of `a.jpg` were laid on 300 x 400 pixels (at 15 units a pixel); "
        "this one has 400 x 300: the same photo turned (EXIF orientation)"
    )
