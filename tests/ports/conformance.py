"""What every service must do behind the port: a suite that each implementation takes over and runs.

Rule: nothing here is any one service's. A subclass gives `bench`; what it tests beyond this stands beside it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import count
from typing import Protocol

import pytest

from coralrun.machine.job_id import attempt_name
from coralrun.machine.outcomes import Accepted, Done, JobDone, Listed, Missing, NotReady, Progress, Refusal, Refused
from coralrun.planning.images import Point
from coralrun.ports import Answer, Entry, Service
from coralrun.service.limits import ServiceLimits

POINTS = (Point(5, 6), Point(0, 0), Point(2, 3))
NUMBERS = count(1)


def a_name() -> str:
    """A name that no batch had."""
    return attempt_name(next(NUMBERS), 1)


class Bench(Protocol):
    """A service with nobody else in the account, and a hand on its time."""

    limits: ServiceLimits

    def service(self) -> Service:
        """The service as a new process reaches it."""
        ...

    def entries(self, count: int, points: Sequence[Point]) -> list[Entry]:
        """A batch of so many images, with these points on each, marked `r.1.1.0` and so on."""
        ...

    def work(self) -> None:
        """All jobs are done."""
        ...


class ServiceConformance(ABC):
    """The suite."""

    @pytest.fixture
    @abstractmethod
    def bench(self) -> Bench:
        """The service under test."""

    def submitted(self, bench: Bench, service: Service, count: int = 2) -> str:
        outcome = service.submit(a_name(), bench.entries(count, POINTS))
        assert isinstance(outcome, Accepted), outcome
        return outcome.job

    def listed(self, service: Service, since: str | None = None) -> Listed:
        listed = service.listing(since)
        assert isinstance(listed, Listed), listed
        return listed

    def test_a_job_is_active_until_it_is_done_and_then_finished(self, bench: Bench) -> None:
        service = bench.service()
        job = self.submitted(bench, service)
        assert self.listed(service).active == (job,)
        assert service.look(job) == Progress(0, 0, 2)
        assert self.listed(service).progress in ({}, {job: Progress(0, 0, 2)}), "as far as a listing tells it"
        assert service.fetch(job) == NotReady()
        bench.work()
        assert service.look(job) == JobDone()
        later = self.listed(service)
        assert (later.active, later.finished, later.progress) == ((), (job,), {})

    def test_a_result_holds_what_was_asked_in_its_order_with_scores_best_first(self, bench: Bench) -> None:
        service = bench.service()
        job = self.submitted(bench, service)
        bench.work()
        answer = service.fetch(job)
        assert isinstance(answer, Answer)
        assert [(entry.mark, entry.places, entry.reason) for entry in answer.entries] == [
            ("r.1.1.0", POINTS, None),
            ("r.1.1.1", POINTS, None),
        ]
        for point in (point for entry in answer.entries for point in entry.points):
            scores = [found.score for found in point.classifications]
            assert scores
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in scores)

    def test_two_jobs_never_have_the_same_id(self, bench: Bench) -> None:
        service = bench.service()
        first = self.submitted(bench, service)
        assert self.submitted(bench, service) != first

    def test_a_job_made_since_a_listing_is_newer_than_it_at_work_and_over(self, bench: Bench) -> None:
        service = bench.service()
        before = self.submitted(bench, service)
        marker = self.listed(service).marker
        since = self.submitted(bench, service)
        assert (self.listed(service, marker).newer, self.listed(service, marker).conclusive) == ((since,), True)
        bench.work()
        later = self.listed(service, marker)
        assert (later.newer, later.conclusive) == ((since,), True)
        assert before in later.finished

    def test_a_marker_serves_a_process_that_did_not_ask_for_it(self, bench: Bench) -> None:
        marker = self.listed(bench.service()).marker
        job = self.submitted(bench, bench.service())
        assert self.listed(bench.service(), marker).newer == (job,)

    def test_without_a_marker_a_listing_says_nothing_of_what_is_newer(self, bench: Bench) -> None:
        service = bench.service()
        self.submitted(bench, service)
        assert (self.listed(service).newer, self.listed(service).conclusive) == ((), False)

    def test_one_job_more_than_may_be_active_is_refused_and_leaves_none(self, bench: Bench) -> None:
        service = bench.service()
        jobs = [self.submitted(bench, service, 1) for _ in range(bench.limits.jobs_at_once)]
        refused = service.submit(a_name(), bench.entries(1, POINTS))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.NO_SLOT
        assert sorted(self.listed(service).active) == sorted(jobs)

    @pytest.mark.parametrize("job", ["999999999999", "no-such-job", "../1", ""])
    def test_a_job_that_it_never_made_is_missing(self, bench: Bench, job: str) -> None:
        service = bench.service()
        assert (service.look(job), service.fetch(job)) == (Missing(), Missing())

    def test_a_result_is_there_again_for_another_process_and_can_be_let_go_of(self, bench: Bench) -> None:
        service = bench.service()
        job = self.submitted(bench, service)
        bench.work()
        assert bench.service().fetch(job) == service.fetch(job)
        assert service.release(job) == Done()
        assert service.release(job) == Done(), "once more does no harm"
