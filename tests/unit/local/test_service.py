"""A run's jobs beside it: what is kept, what is sent, and what becomes of tasks that go astray."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.local.hands import Hands, computed, service_at
from tests.local.instant import photos

from coralrun.errors import DiskError, RunDamaged
from coralrun.local.service import LocalService
from coralrun.local.tasks import Came, Died, Finished, Lost, Task
from coralrun.machine.outcomes import (
    Accepted,
    Done,
    JobDone,
    Listed,
    Missing,
    NotReady,
    Progress,
    Trouble,
    TroubleKind,
    Unusable,
)
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.planning.images import Point, Size
from coralrun.ports import Answer, Entry, Located, Place
from coralrun.store.files import Disk

POINTS = (Point(1, 2), Point(3, 4))
JOB = "b00001.a1"
SIGNED = "https://bucket.test/a.jpg?X-Amz-Date=20261129T000000Z&X-Amz-Expires=60&X-Amz-Signature=SECRET"
ENDED_S = 1_795_997_000.0


def batch(places: Sequence[Place], name: str = JOB) -> list[Entry]:
    mark, size = name.replace("b0000", "r.").replace("a", ""), Size(40, 30)
    return [Entry(f"{mark}.{unit}", place, POINTS, unit=unit, size=size) for unit, place in enumerate(places)]


def worked(service: LocalService, turns: int = 20) -> LocalService:
    for _ in range(turns):
        service.turn(0)
    return service


def reasons(service: LocalService, job: str = JOB) -> list[Reason | None]:
    answer = service.fetch(job)
    assert isinstance(answer, Answer), answer
    return [entry.reason for entry in answer.entries]


def to(of: str, came: Came, times: int = 99) -> Callable[[Task], Came | None]:
    """What becomes of a photo, so many times."""
    left = [times]

    def fate(task: Task) -> Came | None:
        if not str(task.place).endswith(of) or not left[0]:
            return None
        left[0] -= 1
        return came

    return fate


def test_a_batch_that_is_submitted_again_is_the_same_job(tmp_path: Path) -> None:
    hands, entries = Hands(), batch(photos(tmp_path, 2))
    service = service_at(tmp_path, hands)
    assert service.submit(JOB, entries) == service.submit(JOB, entries) == Accepted(JOB)
    again = service_at(tmp_path, Hands(), locate=lambda unit: Located(entries[unit].place, Size(40, 30)))
    assert again.submit(JOB, entries) == Accepted(JOB)
    worked(again)
    assert again.submit(JOB, entries) == Accepted(JOB), "one that is over, too"
    assert again.listing() == Listed((), (JOB,), 3, JOB)


def test_another_batch_of_the_same_name_is_not_taken_for_it(tmp_path: Path) -> None:
    service = service_at(tmp_path, Hands())
    service.submit(JOB, batch(photos(tmp_path, 2)))
    with pytest.raises(RunDamaged, match="another batch of this name"):
        service.submit(JOB, batch(photos(tmp_path, 3)))


def test_after_a_restart_what_has_no_result_is_sent_and_nothing_else(tmp_path: Path) -> None:
    paths = photos(tmp_path, 3)
    first = service_at(tmp_path, Hands(fate=to("2.jpg", Lost())))
    first.submit(JOB, batch(paths))
    worked(first)
    hands = Hands()
    second = service_at(tmp_path, hands, locate=lambda unit: Located(paths[unit], Size(40, 30)), nonce="m")
    assert second.look(JOB) == Progress(2, 0, 3)
    assert second.listing() == Listed((JOB,), (), 3, JOB, progress={JOB: Progress(2, 0, 3)})
    worked(second)
    assert [(task.key, task.place) for task in hands.sent] == [(f"r.{JOB}.2-m.1", paths[2])]
    assert second.look(JOB) == JobDone()
    assert reasons(second) == [None, None, None]


def test_a_result_that_comes_twice_or_late_or_from_a_former_life_is_kept_once(tmp_path: Path) -> None:
    class Repeating(Hands):
        def take(self, timeout_s: float) -> list[tuple[str, Came]]:
            came = super().take(timeout_s)
            wrong = [(key, Finished(Reason.UNREADABLE)) for key, _ in came]
            return came + wrong + [(key.replace("-n", "-former"), Finished(Reason.DENIED)) for key, _ in came]

    service = service_at(tmp_path, Repeating())
    service.submit(JOB, batch(photos(tmp_path, 5)))
    assert reasons(worked(service)) == [None] * 5


def test_a_photo_that_workers_die_of_is_tried_alone_and_then_fails_alone(tmp_path: Path) -> None:
    def fate(task: Task) -> Came | None:
        return Died() if str(task.place).endswith(("1.jpg", "3.jpg")) else None

    class Counting(Hands):
        def take(self, timeout_s: float) -> list[tuple[str, Came]]:
            at_once.append(len(self.waiting))
            return super().take(timeout_s)

    at_once: list[int] = []
    service = service_at(tmp_path, Counting(fate=fate))
    service.submit(JOB, batch(photos(tmp_path, 5)))
    assert reasons(worked(service)) == [None, Reason.WORKER_DIED, None, Reason.WORKER_DIED, None]
    assert at_once[:6] == [0, 5, 2, 1, 1, 0]


def test_a_photo_that_workers_died_of_is_sent_again_by_itself(tmp_path: Path) -> None:
    hands = Hands(fate=to("1.jpg", Died(), times=1), photos_at_once=3)
    service = service_at(tmp_path, hands)
    service.submit(JOB, batch(photos(tmp_path, 3)))
    assert reasons(worked(service)) == [None, None, None]
    assert [task.is_single for task in hands.sent] == [False, False, False, True]


def test_a_photo_that_is_sent_while_its_folder_is_away_is_tried_again(tmp_path: Path) -> None:
    paths = photos(tmp_path, 2)
    away = Trouble(TroubleKind.UNREACHABLE, "not there")
    located: Iterator[Located | Trouble] = iter([Located(paths[0], Size(40, 30)), away])
    service = service_at(
        tmp_path, Hands(fate=to("0.jpg", Finished(Reason.NOT_FOUND))), locate=lambda unit: next(located)
    )
    service.submit(JOB, batch(paths))
    paths[0].unlink()
    assert reasons(worked(service)) == [Reason.HOST_UNREACHABLE, None]


def test_a_job_that_is_waited_for_no_longer_is_let_go_of_with_what_comes_of_it(tmp_path: Path) -> None:
    hands = Hands()
    service = service_at(tmp_path, hands)
    service.submit(JOB, batch(photos(tmp_path, 3)))
    service.turn(0)
    assert service.release(JOB) == Done()
    worked(service)
    assert service.look(JOB) == Missing()
    assert not (tmp_path / "spool").exists()


def test_a_photo_beside_one_that_kills_succeeds_when_it_is_alone(tmp_path: Path) -> None:
    service = service_at(tmp_path, Hands(fate=to("1.jpg", Died(), times=1)))
    service.submit(JOB, batch(photos(tmp_path, 3)))
    assert reasons(worked(service)) == [None, None, None]


def test_what_a_cluster_lost_is_sent_again(tmp_path: Path) -> None:
    service = service_at(tmp_path, Hands(fate=to(".jpg", Lost(), times=4)))
    service.submit(JOB, batch(photos(tmp_path, 3)))
    assert reasons(worked(service)) == [None, None, None]


def test_no_more_is_under_way_than_keeps_the_workers_busy(tmp_path: Path) -> None:
    hands = Hands(threads=2)
    service = service_at(tmp_path, hands)
    service.submit(JOB, batch(photos(tmp_path, 40)))
    service.turn(0)
    assert len(hands.waiting) == 8
    assert reasons(worked(service)) == [None] * 40


@pytest.mark.parametrize("seen", [Reason.NOT_FOUND, Reason.CHANGED])
def test_a_photo_that_a_worker_does_not_see_as_it_is_here_is_sent_to_it(tmp_path: Path, seen: Reason) -> None:
    paths = photos(tmp_path, 2)
    hands = Hands(fate=to("1.jpg", Finished(seen)))
    service = service_at(tmp_path, hands, locate=lambda unit: Located(paths[unit], Size(40, 30)))
    service.submit(JOB, batch(paths))
    assert reasons(worked(service)) == [None, None]
    assert hands.sent[-1].place == paths[1].read_bytes()


def test_photos_of_a_folder_that_is_away_are_tried_again(tmp_path: Path) -> None:
    paths = photos(tmp_path, 2)
    paths[1].unlink()
    service = service_at(tmp_path, Hands(), locate=lambda unit: Trouble(TroubleKind.UNREACHABLE, "not there"))
    service.submit(JOB, batch(paths))
    assert reasons(worked(service)) == [None, Reason.HOST_UNREACHABLE]
    assert Reason.HOST_UNREACHABLE in AGAIN


def test_a_photo_that_is_gone_fails_alone(tmp_path: Path) -> None:
    paths = photos(tmp_path, 3)
    paths[1].unlink()

    def locate(unit: int) -> Located | Unusable:
        return Located(paths[unit], Size(40, 30)) if paths[unit].exists() else Unusable(Reason.NOT_FOUND)

    service = service_at(tmp_path, Hands(), locate=locate)
    service.submit(JOB, batch(paths))
    assert reasons(worked(service)) == [None, Reason.NOT_FOUND, None]
    assert service_at(tmp_path, Hands()).fetch(JOB) == service.fetch(JOB)


def test_a_photo_that_was_changed_since_it_was_planned_fails(tmp_path: Path) -> None:
    entries = [replace(entry, sha256="0" * 64) for entry in batch(photos(tmp_path, 1))]
    service = service_at(tmp_path, Hands())
    service.submit(JOB, entries)
    assert reasons(worked(service)) == [Reason.CHANGED]


def test_a_photo_too_large_for_a_worker_is_sent_to_none(tmp_path: Path) -> None:
    paths = photos(tmp_path, 2)
    large = [replace(entry, size=Size(8000, 8000)) if entry.unit else entry for entry in batch(paths)]
    hands = Hands(photo_bytes=400_000_000)
    service = service_at(tmp_path, hands)
    service.submit(JOB, large)
    assert reasons(worked(service)) == [None, Reason.TOO_LARGE_FOR_WORKER]
    assert [task.place for task in hands.sent] == [paths[0]]


def test_no_signature_is_written_and_an_address_that_has_ended_is_signed_anew(tmp_path: Path) -> None:
    fresh = SIGNED.replace("20261129", "20301129")
    hands = Hands(fate=lambda task: Finished(Reason.NOT_AN_IMAGE))
    service = service_at(tmp_path, hands, locate=lambda unit: Located(fresh, Size(40, 30)), wall_s=ENDED_S)
    service.submit(JOB, batch([SIGNED, fresh]))
    worked(service)
    assert [task.place for task in hands.sent] == [fresh, fresh]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "spool").rglob("*") if path.is_file())
    assert b"https://bucket.test/a.jpg" in kept
    assert b"SECRET" not in kept


def test_at_the_start_what_is_no_job_goes_and_so_does_what_no_run_wants(tmp_path: Path) -> None:
    first = service_at(tmp_path, Hands())
    for job in ("b00001.a1", "b00002.a1", "b00003.a1"):
        first.submit(job, batch(photos(tmp_path, 2), job))
    (tmp_path / "spool" / "b00003.a1" / "request.json").unlink()
    (tmp_path / "spool" / "notes.txt").write_text("somebody's own")
    second = service_at(tmp_path, Hands(), wanted=["b00002.a1", "b00003.a1"])
    of_two = {"b00002.a1": Progress(0, 0, 2)}
    assert second.listing() == Listed(("b00002.a1",), (), 3, "b00002.a1", progress=of_two)
    assert sorted(path.name for path in (tmp_path / "spool").iterdir()) == ["b00002.a1", "notes.txt"]


def test_nothing_is_left_of_a_run_whose_jobs_were_all_let_go_of(tmp_path: Path) -> None:
    service = service_at(tmp_path, Hands())
    service.submit(JOB, batch(photos(tmp_path, 2)))
    worked(service)
    assert service.release(JOB) == Done()
    assert service.fetch(JOB) == Missing()
    assert not (tmp_path / "spool").exists()


def test_a_cluster_in_trouble_is_told_of_and_its_results_can_be_had(tmp_path: Path) -> None:
    hands = Hands()
    service = service_at(tmp_path, hands)
    service.submit(JOB, batch(photos(tmp_path, 2)))
    worked(service)
    hands.trouble = "the Dask scheduler does not answer"
    away = Trouble(TroubleKind.UNREACHABLE, hands.trouble)
    assert (service.listing(), service.look(JOB)) == (away, JobDone())
    service.submit("b00002.a1", batch(photos(tmp_path, 2), "b00002.a1"))
    sent = len(hands.sent)
    worked(service)
    assert len(hands.sent) == sent, "nothing is sent meanwhile"
    assert service.look("b00002.a1") == away, "and a job that stands still is not to blame"
    assert reasons(service) == [None, None]


def test_a_full_disk_is_told_by_the_next_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = service_at(tmp_path, Hands())
    service.submit(JOB, batch(photos(tmp_path, 2)))

    def full(disk: Disk, path: Path, data: bytes) -> None:
        raise DiskError(f"{path}: No space left on device")

    monkeypatch.setattr(Disk, "replace", full)
    with pytest.raises(DiskError):
        worked(service)
    with pytest.raises(DiskError):
        service.listing()


@pytest.mark.parametrize("again", [False, True])
def test_a_result_that_was_damaged_is_computed_anew(tmp_path: Path, again: bool) -> None:
    service = service_at(tmp_path, Hands())
    service.submit(JOB, batch(photos(tmp_path, 2)))
    whole = worked(service).fetch(JOB)
    first, second = (tmp_path / "spool" / JOB / f"00000{entry}.scores" for entry in (0, 1))
    written = second.read_bytes()
    for data in (written.replace(b"null", b"nulk"), b"", first.read_bytes()):
        second.write_bytes(data)
        if again:
            service = service_at(tmp_path, Hands())
        else:
            assert service.fetch(JOB) == NotReady()
        assert service.look(JOB) == Progress(1, 0, 2)
        assert worked(service, 3).fetch(JOB) == whole
        assert second.read_bytes() == written


@pytest.mark.parametrize("again", [False, True])
def test_a_job_whose_request_was_damaged_is_there_no_more(tmp_path: Path, again: bool) -> None:
    service, entries = service_at(tmp_path, Hands()), batch(photos(tmp_path, 1))
    service.submit(JOB, entries)
    whole = worked(service).fetch(JOB)
    path = tmp_path / "spool" / JOB / "request.json"
    path.write_bytes(path.read_bytes().replace(b'"unit":0', b'"unit":1'))
    service = service_at(tmp_path, Hands()) if again else service
    assert service.fetch(JOB) == Missing()
    assert service.listing() == Listed((), (), 3)
    assert not (tmp_path / "spool").exists()
    assert service.submit(JOB, entries) == Accepted(JOB)
    assert worked(service).fetch(JOB) == whole


def test_a_job_of_another_classifier_is_none_of_this_one(tmp_path: Path) -> None:
    first = service_at(tmp_path, Hands())
    first.submit(JOB, batch(photos(tmp_path, 1)))
    assert worked(first).look(JOB) == JobDone()
    assert service_at(tmp_path, Hands(), classifier="retrained").look(JOB) == Missing()


def test_scores_come_back_best_first_and_all_of_them_in_the_reply(tmp_path: Path) -> None:
    service = service_at(tmp_path, Hands())
    service.submit(JOB, batch(photos(tmp_path, 1)))
    answer = worked(service).fetch(JOB)
    assert isinstance(answer, Answer)
    assert [[found.score for found in point.classifications] for point in answer.entries[0].points] == [
        [0.6, 0.2, 0.2]
    ] * 2
    task = Task("k", (tmp_path / "00000.jpg"), b"\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", None)
    finished = computed(task)
    assert isinstance(finished, Finished)
    assert finished.scores in answer.reply
