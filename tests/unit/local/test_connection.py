"""The way to classification on this computer: one classifier a run, found by its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests import tiny_classifier
from tests.local.hands import Hands
from tests.unit.plans import PLAN

from coralrun.accuracy.training import is_untold, judged_image
from coralrun.accuracy.truth import Why, in_sample
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.local.compute import FOLDER
from coralrun.local.connection import LocalConnection
from coralrun.local.entry import TERMS, limits_of
from coralrun.machine.outcomes import Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier
from coralrun.ports import Home
from coralrun.reaching import tells_nobody
from coralrun.service.limits import Speed
from coralrun.spec.model import ClassifierChoice


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalConnection:
    for variable in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    folder = tiny_classifier.write(tmp_path / "colours", tmp_path / "cache")
    return LocalConnection(TERMS.name, SystemClock(), limits_of({}), {FOLDER: str(folder)})


def test_a_run_is_not_gone_on_with_by_another_classifier(connection: LocalConnection, tmp_path: Path) -> None:
    home = Home(tmp_path / "spool", (), lambda unit: Unusable(Reason.NOT_FOUND))
    with pytest.raises(UsageError, match=r"colours holds colours \([0-9a-f]{12}\) now, not reef \(0123456789ab\)"):
        connection.service("reef (0123456789ab)", home)
    assert not home.folder.exists()


def test_a_plan_takes_the_speed_of_an_earlier_run(connection: LocalConnection) -> None:
    connection.classifier()
    assert connection.limits.speed == limits_of({}).speed
    connection.cluster = Hands(threads=3, worked=(20.0, 4_000))
    connection.close()
    later = LocalConnection(TERMS.name, SystemClock(), limits_of({}), connection.options)
    later.classifier()
    assert later.limits.speed == Speed(0.005, 3, "as 4,000 points took in an earlier run")


def test_the_classifier_of_another_run_is_taken_where_its_folder_holds_it_still(connection: LocalConnection) -> None:
    choice, own = ClassifierChoice(same_as="runs/year-1"), connection.classifier().called
    assert connection.pick_classifier(choice, (), {"runs/year-1": Classifier(id=own)}).classifier.id == own
    with pytest.raises(UsageError, match=r"holds colours \([0-9a-f]{12}\) now, not reef \(0123456789ab\)"):
        connection.pick_classifier(choice, (), {"runs/year-1": Classifier(id="reef (0123456789ab)")})


def test_a_plan_knows_which_of_its_photos_trained_the_classifier_by_their_content(connection: LocalConnection) -> None:
    picked = connection.pick_classifier(ClassifierChoice(), (), {}).classifier
    digests = ("ef" * 32, "cd" * 32, "cd" * 32, None)
    images = tuple(
        PlannedImage(key=f"{number}.jpg", name=f"{number}.jpg", source="folder:p", points=2, sha256=digest)
        for number, digest in enumerate(digests)
    )
    plan = connection.looked_at(replace(PLAN, classifier=picked, images=images), lambda plan: plan.images, tells_nobody)
    assert plan.classifier.trained is not None
    assert plan.classifier.trained.photos == ("cd" * 32,)
    assert plan.warnings[-2].startswith("whether the classifier was trained on 1 of these photos is not known")
    assert plan.warnings[-1].startswith("the classifier was trained on 1 of these photos: ")
    assert [in_sample(plan, image) for image in range(4)] == [None, Why.TRAINED_ON, Why.TRAINED_ON, None]
    said = [judged_image(plan, image, 9, {}) for image in range(4)]
    assert [one.may_have_trained for one in said] == [False, True, True, None]
    assert {one.why for one in said[1:3]} == {str(Why.TRAINED_ON)}
    assert [is_untold(one) for one in said] == [False, False, False, True]
