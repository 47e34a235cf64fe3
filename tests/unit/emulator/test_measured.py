"""What is kept of the demo's accuracies is what training gives, and nobody trains to be told it."""

from __future__ import annotations

import json
from importlib.resources import files

from coralrun.emulator.demo import CONFIRMED_EVERY, DEMO_IMAGES, OLDER_LEARNS_EVERY, learner
from coralrun.emulator.measured import digest, kept_accuracies
from coralrun.emulator.reef import Reef


def test_the_accuracies_that_are_kept_are_those_that_training_gives() -> None:
    reef = Reef(0, DEMO_IMAGES)
    trained = {step: learner(reef, DEMO_IMAGES, step).accuracy for step in (CONFIRMED_EVERY, OLDER_LEARNS_EVERY)}
    measured = {
        "digest": digest(0, DEMO_IMAGES),
        "accuracies": {str(step): round(accuracy, 2) for step, accuracy in trained.items()},
    }
    kept = json.loads(files("coralrun.emulator").joinpath("measured.json").read_bytes())
    assert kept == measured, f"measured.json is no longer true; it should be {json.dumps(measured)}"


def test_for_another_seed_or_number_of_images_nothing_is_known() -> None:
    assert kept_accuracies(0, DEMO_IMAGES).keys() == {CONFIRMED_EVERY, OLDER_LEARNS_EVERY}
    assert kept_accuracies(1, DEMO_IMAGES) == kept_accuracies(0, DEMO_IMAGES - 1) == {}
