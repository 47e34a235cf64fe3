"""What a service has that hands over nothing but the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.ports.words import LIMITS, Words
from tests.unit.plans import PLAN

from coralrun.clock import SystemClock
from coralrun.connection import Connection
from coralrun.errors import ServiceError, UsageError
from coralrun.machine.outcomes import Listed, Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.ports import Home, Located, Place
from coralrun.service.checks import Check, Verdict
from coralrun.spec.model import ClassifierChoice

GIVEN = {"runs/2023": Classifier(id="best")}
IMAGE = PlannedImage(key="a", source="folder:photos", name="a.jpg", points=1)


class Asked(Words):
    """The service of the tests, with the listing that a test wants."""

    listed: Listed | Trouble

    def listing(self, since: str | None = None, done_before: Sequence[str] = ()) -> Listed | Trouble:  # type: ignore[override]
        return self.listed


@dataclass(frozen=True, slots=True)
class Placed:
    place: Place

    def locate(self, image: PlannedImage) -> Located:
        return Located(self.place, Size(1, 1))


@dataclass(slots=True)
class Bare(Connection):
    asked: Asked = field(default_factory=lambda: Asked(Path()))
    place: Place = b""

    def service(self, classifier: str, home: Home | None = None) -> Asked:
        return self.asked

    def images(self, plan: Plan) -> Placed:
        return Placed(self.place)


NONE = Listed((), (), 2)


def bare(listed: Listed | Trouble = NONE, place: Place = b"") -> Bare:
    connection = Bare("Bare", SystemClock(), LIMITS, place=place)
    connection.asked.listed = listed
    return connection


def test_without_an_account_jobs_are_listed_and_requests_sent_at_any_time() -> None:
    connection = bare()
    connection.sign_in()
    connection.check_account("")
    assert (connection.account, connection.may_list, connection.budget, connection.queue()) == ("", True, None, None)
    assert connection.jobs().max_active == 2
    assert connection.drift(GIVEN["runs/2023"]) == ()
    connection.close()


def test_a_listing_that_does_not_come_is_the_services_error() -> None:
    with pytest.raises(ServiceError, match=r"^Bare: the spool is gone$"):
        bare(Trouble(TroubleKind.UNREACHABLE, "the spool is gone")).jobs()
    (check,) = bare(Trouble(TroubleKind.UNREACHABLE)).checks()
    assert (check.what, check.verdict, check.said) == ("service", Verdict.WRONG, "Bare: unreachable")


def test_the_doctor_says_how_many_jobs_may_be_made() -> None:
    assert list(bare(Listed(("x",), (), 2)).checks()) == [
        Check("service", Verdict.OK, "1 of 2 jobs are free; active: x")
    ]
    (check,) = bare(Listed(("x", "y"), (), 2)).checks()
    assert (check.verdict, check.remedy) == (Verdict.NOTE, "A run waits until one is done; jobs cannot be cancelled.")


def test_a_classifier_is_the_one_that_is_named_or_that_of_an_earlier_run() -> None:
    connection = bare()
    assert connection.pick_classifier(ClassifierChoice(id="best"), [], {}).classifier == Classifier(id="best")
    check = connection.check_classifier(ClassifierChoice(same_as="runs/2023"), [], GIVEN)
    assert check == Check("classifier", Verdict.OK, "best")
    assert connection.check_classifier(ClassifierChoice(id="best"), [], {}).said == "best"
    with pytest.raises(UsageError, match="Bare has no such classifier"):
        connection.pick_classifier(ClassifierChoice(source=3), [], {})


def test_sources_that_it_has_not_are_refused_with_what_there_is_instead() -> None:
    with pytest.raises(UsageError, match="Bare has no sources of images") as caught:
        _ = bare().sources
    assert caught.value.remedy == "Name the images by a manifest, a bucket or a folder."


def test_a_photo_is_read_from_where_the_service_would_find_it(tmp_path: Path) -> None:
    plan = replace(PLAN, images=(IMAGE,), design=None)
    (tmp_path / "a.jpg").write_bytes(b"photo")
    assert bare(place=b"itself").photos(plan)(IMAGE) == b"itself"
    assert bare(place=tmp_path / "a.jpg").photos(plan)(IMAGE) == b"photo"
    assert bare(place=tmp_path / "b.jpg").photos(plan)(IMAGE) == Unusable(Reason.NOT_FOUND)
    assert bare(place=tmp_path).photos(plan)(IMAGE) == Trouble(TroubleKind.UNREACHABLE, "a folder, not a file")
    away = bare(place="http://127.0.0.1:1/a.jpg").photos(plan)(IMAGE)
    assert isinstance(away, Trouble)
