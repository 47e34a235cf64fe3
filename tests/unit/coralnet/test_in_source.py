"""A source that is to classify its own photos: what is found before anything is planned on it, and said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.clocks import RealClock
from tests.contract.peers import handle_of
from tests.unit.plans import PLAN

from coralrun.clock import SystemClock
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.classifying.sent_points import SentFolder, SentPoints
from coralrun.coralnet.connection import CoralNetConnection
from coralrun.coralnet.entry import RUN_IN, TERMS, limits_of
from coralrun.coralnet.in_source import InSourceConnection, by_way_of
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.emulator.demo import (
    NEWER_CLASSIFIER,
    OLDER_CLASSIFIER,
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    USERNAME,
    Settings,
    drawn_service,
)
from coralrun.emulator.service import CoralNet
from coralrun.errors import CredentialsError, UsageError
from coralrun.machine.outcomes import JobDone, Missing, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.ports import Home
from coralrun.reaching import tells_nobody
from coralrun.services import connect
from coralrun.spec.model import ClassifierChoice
from coralrun.store.files import Disk

BASE = "http://127.0.0.1:1"
CHOICE = ClassifierChoice(run_in=1)
CONFIRMED, UNCONFIRMED, NEW = 1, 2, 3


def reached(account: Credentials) -> tuple[InSourceConnection, CoralNet]:
    """Source 1 of an embedded CoralNet, and that."""
    clock = SystemClock()
    server = drawn_service(RealClockOfServer(), Settings(base_url=BASE), images=6)
    http = Http(BASE, clock, handle_of(server))
    limits = limits_of({**TERMS.options, RUN_IN: 1})  # type: ignore[dict-item]
    site, record = Site(http, WebRate(clock, 1000.0), account), UploadRecord(clock, BASE)
    connection = CoralNetConnection("CoralNet", clock, limits, http, site, Limiter(clock), account, record)
    by_way = by_way_of(connection, 1, 3600.0)
    assert isinstance(by_way, InSourceConnection)
    return by_way, server


class RealClockOfServer(RealClock):
    """The server's own."""

    def now(self) -> float:
        return 1_795_364_610.0


def plan_of(*numbers: int) -> Plan:
    """A plan of photos of the source."""
    images = (PlannedImage(key=str(n), source="coralnet:1", name=f"{n}.jpg", points=1, image_id=n) for n in numbers)
    return replace(PLAN, images=tuple(images))


def all_of(plan: Plan) -> Sequence[PlannedImage]:
    """What a run that has not begun has still to send."""
    return plan.images


@pytest.fixture
def bench() -> tuple[InSourceConnection, CoralNet]:
    return reached(Credentials(USERNAME, password=PASSWORD))


def test_the_classifier_is_the_one_that_the_source_uses_now(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, server = bench
    picked = connection.pick_classifier(CHOICE, (), {}).classifier
    assert picked.id == str(NEWER_CLASSIFIER)
    assert connection.drift(picked) == ()
    source = server.site.sources_by_id[1]
    server.site.put(replace(source, classifiers=source.classifiers[:1]))
    assert f"uses classifier {OLDER_CLASSIFIER} now, not {NEWER_CLASSIFIER}" in connection.drift(picked)[0]


def test_a_source_that_would_never_classify_is_refused(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, server = bench
    source = server.site.sources_by_id[1]
    server.site.put(replace(source, labels=()))
    with pytest.raises(UsageError, match="has no labelset"):
        connection.pick_classifier(CHOICE, (), {})
    server.site.put(replace(source, classifiers=()))
    with pytest.raises(UsageError, match="no classifier yet"):
        connection.pick_classifier(CHOICE, (), {})


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (Credentials(OTHER_USERNAME, password=OTHER_PASSWORD), "may not see the uploads of source 1"),
        (Credentials(USERNAME, token="0" * 40), "for signed-in accounts alone"),
    ],
)
def test_an_account_that_may_not_edit_the_source_is_refused(account: Credentials, said: str) -> None:
    connection, _ = reached(account)
    with pytest.raises(CredentialsError, match=said):
        connection.pick_classifier(CHOICE, (), {})


def test_a_plan_names_what_is_deleted_and_what_is_left_to_people(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, _ = bench
    plan = connection.looked_at(plan_of(CONFIRMED, UNCONFIRMED, NEW), all_of, tells_nobody)
    assert [(("people" in listing.what), len(listing.names)) for listing in plan.listings] == [(True, 1), (False, 1)]
    assert "the points of 2 photos in source 1 are REPLACED" in plan.warnings[0]
    assert "the machine's labels of 1 of them are deleted" in plan.warnings[0]
    assert [image.key for image in plan.images] == ["1", "2", "3"]
    assert "CoralNet does not say which" in plan.about.untold


def test_what_the_run_has_classified_is_not_among_what_is_deleted(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, _ = bench
    plan = connection.looked_at(plan_of(CONFIRMED, UNCONFIRMED, NEW), lambda plan: plan.images[2:], tells_nobody)
    assert plan.listings == ()
    assert "the points of 1 photo in source 1 are REPLACED" in plan.warnings[0]
    assert plan.warnings[0].endswith("of each photo as it is sent; 2 others of this run are not sent again")
    finished = connection.looked_at(plan_of(CONFIRMED, UNCONFIRMED), lambda plan: [], tells_nobody)
    assert not any("REPLACED" in warning for warning in finished.warnings)


def test_a_plan_of_photos_that_are_all_peoples_is_refused(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, _ = bench
    with pytest.raises(UsageError, match="people have labelled points of each of the photos"):
        connection.looked_at(plan_of(CONFIRMED), all_of, tells_nobody)


def test_the_embedded_coralnet_has_nothing_of_what_an_earlier_process_sent(tmp_path: Path) -> None:
    home = Home(tmp_path, ["b00001.a1"], lambda unit: Unusable(Reason.NOT_FOUND))
    sent = SentPoints(source=1, photos=())
    listed = []
    for service in ("emulator", "http://127.0.0.1:1"):
        SentFolder(tmp_path, Disk()).keep("b00001.a1", sent)
        connection = connect(service, {**TERMS.options, RUN_IN: 1})  # type: ignore[dict-item]
        listed.append(connection.service("", home).look("b00001.a1"))
    assert listed == [Missing(), JobDone()]


def test_a_photo_is_fetched_from_its_page(bench: tuple[InSourceConnection, CoralNet]) -> None:
    connection, _ = bench
    photo = connection.photos(plan_of(NEW))
    assert isinstance(photo(plan_of(NEW).images[0]), bytes)
