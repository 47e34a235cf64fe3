"""What a message says of a survey file, said to whoever gave arguments."""

from __future__ import annotations

import pytest

from coralrun.app.survey.said_in_python import in_arguments


@pytest.mark.parametrize(
    ("said", "in_words_of_python"),
    [
        ("images-52.txt: changed", "images: changed"),
        ("1 of the names in points.csv, and my-images.csv", "1 of the names in points, and my-images.csv"),
        ("bring it in with `metadata` in the survey.", "bring it in with metadata=."),
        ("say `name: atoll`: a run keeps its name", 'say `name="atoll"`: a run keeps its name'),
        ("with `sampling: {points: {from: coralnet}}`, or", 'with `points={"from": "coralnet"}`, or'),
        ("  survey      sampling.points.points: 5 -> 7", "  survey      points: 5 -> 7"),
        ("  survey      sampling.points.seed: 5 -> 7", "  survey      points.seed: 5 -> 7"),
        ("with `sampling: {images: {take: 5}}`, or", 'with `sampling={"images": {"take": 5}}`, or'),
    ],
)
def test_files_and_keys_become_arguments(said: str, in_words_of_python: str) -> None:
    assert in_arguments(said) == in_words_of_python
