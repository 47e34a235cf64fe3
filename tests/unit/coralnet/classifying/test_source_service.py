"""A source that classifies its own photos, beside the embedded CoralNet: an outcome for whatever comes between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.clocks import HandClock
from tests.contract.peers import handle_of
from tests.emulator_faults import Faults

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.classifying.sent_photos import place_of
from coralrun.coralnet.classifying.sent_points import SentFolder
from coralrun.coralnet.classifying.source_service import SourceService
from coralrun.coralnet.classifying.waits import STANDS_STILL_S, Waits
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import OTHER_PASSWORD, OTHER_USERNAME, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.messages import Reply, Request
from coralrun.emulator.service import CoralNet
from coralrun.emulator.site import Annotation, Photo
from coralrun.machine.outcomes import Accepted, JobDone, Listed, NotReady, Progress, Refusal, Refused, Unknown
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import Answer, Entry
from coralrun.store.files import Disk

BASE = "http://127.0.0.1:1"
POINTS = (Point(5, 6), Point(0, 0), Point(5, 6))
CONFIRMED, UNCONFIRMED, NEW = 1, 2, 3
JOB = "b00001.a1"
PATIENCE_S = 6 * 3600.0


class Bench:
    """The client, and the embedded CoralNet with its faults; photo 1 is confirmed, 2 unconfirmed, 3 and 4 are new."""

    def __init__(self, folder: Path, username: str = USERNAME, password: str = PASSWORD) -> None:
        self.clock = HandClock()
        self.server: CoralNet = drawn_service(self.clock, Settings(base_url=BASE), images=6)
        self.faults = Faults(self.server)
        http = Http(BASE, self.clock, handle_of(self.server))
        self.site = Site(http, WebRate(self.clock, 1000.0), Credentials(username, password=password))
        self.folder = SentFolder(folder, Disk())
        self.service = self.anew()

    def anew(self) -> SourceService:
        """The service as another process has it."""
        return SourceService(self.site, 1, self.folder, 10, Waits(self.clock, PATIENCE_S))

    def photo(self, number: int) -> Photo:
        """A photo as the source has it."""
        return self.server.site.photos_by_id[number][1]

    def put(self, number: int, **changes: object) -> None:
        """Change a photo behind the client's back."""
        self.server.site.put_photo(self.server.site.sources_by_id[1], replace(self.photo(number), **changes))  # type: ignore[arg-type]

    def entries(self, *numbers: int, points: Sequence[Point] = POINTS) -> list[Entry]:
        """A batch of photos."""
        return [Entry(f"m{n}", place_of(BASE, n, self.photo(n).name), tuple(points)) for n in numbers]

    def laid(self, number: int) -> list[tuple[int, int]]:
        """Where the points of a photo are."""
        return [(point.row, point.column) for point in self.photo(number).annotations()]

    def fetched(self, job: str = JOB) -> dict[str, Reason | None]:
        """What became of each photo of a batch once its labels are there."""
        self.clock.sleep(60.0)
        answer = self.service.fetch(job)
        assert isinstance(answer, Answer), answer
        return {entry.mark: entry.reason for entry in answer.entries}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_labels_of_people_stay_and_the_others_of_the_batch_are_classified(bench: Bench) -> None:
    before = bench.photo(CONFIRMED)
    assert bench.service.submit(JOB, bench.entries(CONFIRMED, UNCONFIRMED, NEW)) == Accepted(JOB)
    assert bench.photo(CONFIRMED) is before
    assert bench.service.look(JOB) == Progress(0, 1, 3)
    assert bench.fetched() == {"m1": Reason.CONFIRMED, "m2": None, "m3": None}
    assert bench.laid(UNCONFIRMED) == [tuple(point) for point in POINTS]


def test_a_batch_of_photos_that_all_belong_to_people_is_over_at_once(bench: Bench) -> None:
    bench.service.submit(JOB, bench.entries(CONFIRMED))
    assert bench.service.look(JOB) == JobDone()
    assert bench.fetched() == {"m1": Reason.CONFIRMED}


def test_a_photo_that_has_another_name_or_is_gone_is_not_found(bench: Bench) -> None:
    entries = bench.entries(3, 4, 5)
    bench.put(3, name="another name.jpg")
    bench.put(6, name=bench.photo(4).name)
    bench.put(4, name="moved.jpg")
    bench.service.submit(JOB, entries)
    assert (bench.laid(3), bench.laid(6)) == ([], [])
    assert bench.fetched() == {"m3": Reason.NOT_IN_SOURCE, "m4": Reason.NOT_IN_SOURCE, "m5": None}


@pytest.mark.parametrize("lost", ["lost_requests_of", "lost_replies_of", "errors_of"])
@pytest.mark.parametrize("page", ["upload_preview", "upload_confirm"])
def test_what_was_lost_is_not_there_and_the_same_batch_may_be_sent_again(bench: Bench, lost: str, page: str) -> None:
    listed = bench.service.listing()
    assert isinstance(listed, Listed)
    getattr(bench.faults, lost).append(page)
    assert isinstance(bench.service.submit(JOB, bench.entries(NEW)), Unknown)
    assert bench.anew().listing(listed.marker) == Listed((), (), 10, "", (), conclusive=True)
    assert bench.service.submit("b00001.a2", bench.entries(NEW)) == Accepted("b00001.a2")
    assert bench.laid(NEW) == [tuple(point) for point in POINTS]
    assert bench.fetched("b00001.a2") == {"m3": None}


def test_a_session_that_ended_is_opened_again_but_not_before_a_confirmation(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.service.submit(JOB, bench.entries(NEW))
    bench.server.identity.end_sessions()
    assert bench.service.submit("b00002.a1", bench.entries(4)) == Accepted("b00002.a1")

    def after(request: Request, reply: Reply) -> None:
        if "upload_preview" in request.path:
            bench.server.identity.end_sessions()

    monkeypatch.setattr(bench.faults, "after", after)
    assert isinstance(bench.service.submit("b00003.a1", bench.entries(5)), Unknown)
    assert bench.laid(5) == []


def test_a_table_that_is_refused_is_not_confirmed_nor_is_the_one_before_it(bench: Bench) -> None:
    bench.faults.lost_requests_of.append("upload_confirm")
    bench.service.submit(JOB, bench.entries(NEW))
    refused = bench.service.submit("b00002.a1", bench.entries(4, points=[Point(9999, 0)]))
    assert isinstance(refused, Refused)
    assert refused.why is Refusal.BAD_REQUEST
    assert "Row value is 9999" in refused.detail
    assert (bench.laid(NEW), bench.laid(4)) == ([], [])


def test_whoever_may_not_edit_the_source_is_told_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OTHER_USERNAME, OTHER_PASSWORD)
    refused = bench.service.submit(JOB, bench.entries(NEW))
    assert refused == Refused(Refusal.CREDENTIALS, "the account may not edit source 1")


def test_points_that_somebody_laid_since_are_not_taken_for_ours(bench: Bench) -> None:
    bench.service.submit(JOB, bench.entries(2, 3, 4, 5))
    bench.clock.sleep(60.0)
    assert bench.service.look(JOB) == JobDone()
    bench.put(2, status="unclassified")
    assert bench.service.fetch(JOB) == NotReady()
    bench.put(2, status="unconfirmed", annotations=lambda: [Annotation(5, 6)])
    assert bench.service.fetch(JOB) == NotReady(), "the first of three points"
    bench.put(2, annotations=lambda: [Annotation(1, 1)])
    bench.put(3, status="confirmed", annotations=lambda: [Annotation(*point, 1) for point in POINTS])
    bench.server.site.remove_photo(bench.server.site.sources_by_id[1], bench.photo(4))
    assert bench.fetched() == {
        "m2": Reason.POINTS_REPLACED,
        "m3": Reason.LABELLED_SINCE,
        "m4": Reason.NOT_FOUND,
        "m5": None,
    }


def test_what_has_labels_does_not_wait_for_a_photo_that_gets_none(bench: Bench) -> None:
    bench.server.classifying.never.add(4)
    bench.service.submit(JOB, bench.entries(2, 3, 4))
    bench.clock.sleep(60.0)
    assert bench.service.look(JOB) == Progress(2, 0, 3)
    bench.clock.sleep(STANDS_STILL_S)
    assert bench.fetched() == {"m2": None, "m3": None, "m4": Reason.NOT_LABELLED_YET}
    bench.service.release(JOB)
    before = bench.faults.requests
    assert bench.service.submit("b00002.a1", bench.entries(4)) == Accepted("b00002.a1")
    assert bench.faults.requests == before, "its points wait there still"
    assert bench.service.look("b00002.a1") == Progress(0, 0, 1)
    bench.clock.sleep(PATIENCE_S - 60.0)
    assert isinstance(bench.service.look("b00002.a1"), Progress)
    assert bench.fetched("b00002.a1") == {"m4": Reason.NOT_LABELLED}
    assert bench.service.submit("b00003.a1", bench.entries(4)) == Accepted("b00003.a1")
    assert bench.faults.requests > before + 2, "tried again, its points are laid anew"


def test_an_earlier_batch_that_is_read_later_does_not_say_which_points_wait(bench: Bench) -> None:
    bench.server.classifying.never.add(4)
    others, later = POINTS[:1], "b00002.a1"
    bench.service.submit(JOB, bench.entries(2, 4))
    bench.service.submit(later, bench.entries(3, 4, points=others))
    bench.clock.sleep(60.0)
    assert [bench.service.look(job) for job in (later, JOB)] == [Progress(1, 0, 2)] * 2
    bench.clock.sleep(STANDS_STILL_S)
    for job, done in ((later, "m3"), (JOB, "m2")):
        assert bench.fetched(job) == {done: None, "m4": Reason.NOT_LABELLED_YET}
        bench.service.release(job)
    before = bench.faults.requests
    assert bench.service.submit("b00003.a1", bench.entries(4, points=others)) == Accepted("b00003.a1")
    assert bench.faults.requests == before, "the later points wait there still"


def test_an_export_that_was_cut_says_of_no_photo_that_it_is_gone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.service.submit(JOB, bench.entries(2, 3, 4))
    bench.clock.sleep(60.0)
    whole, lines = bench.site.annotations, len(POINTS) + 1
    monkeypatch.setattr(
        bench.site, "annotations", lambda *a, **k: b"".join(whole(*a, **k).splitlines(keepends=True)[:lines])
    )
    assert bench.service.fetch(JOB) == NotReady()
    monkeypatch.undo()
    assert bench.fetched() == {"m2": None, "m3": None, "m4": None}


def test_photos_that_wait_are_not_given_up_while_others_of_the_run_get_labels(bench: Bench) -> None:
    bench.server.classifying.never.add(3)
    bench.service.submit(JOB, bench.entries(3))
    bench.service.look(JOB)
    for number in (4, 5):
        bench.clock.sleep(PATIENCE_S - 120.0)
        bench.service.submit(f"b0000{number}.a1", bench.entries(number))
        assert isinstance(bench.service.look(f"b0000{number}.a1"), Progress)
        assert bench.fetched(f"b0000{number}.a1") == {f"m{number}": None}
        assert bench.service.look(JOB) == Progress(0, 0, 1)
    bench.clock.sleep(PATIENCE_S)
    assert bench.fetched() == {"m3": Reason.NOT_LABELLED}


def test_another_process_knows_what_was_sent_and_asks_about_all_in_turn(bench: Bench) -> None:
    jobs = [f"b{number:05d}.a1" for number in range(1, 9)]
    for job in jobs:
        bench.service.submit(job, bench.entries(NEW))
    again = bench.anew()
    before = bench.faults.requests
    listed = again.listing()
    assert isinstance(listed, Listed)
    assert (listed.active, bench.faults.requests - before) == (tuple(jobs), 3)
    bench.clock.sleep(60.0)
    assert again.listing(jobs[5]) == Listed((), tuple(jobs), 10, jobs[-1], tuple(jobs[6:]), conclusive=True)
    bench.folder.sweep(jobs[:1])
    assert bench.folder.jobs() == jobs[:1]
