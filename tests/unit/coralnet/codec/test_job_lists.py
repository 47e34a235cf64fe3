"""Which jobs are newer than an earlier listing, and when the list cannot lack one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coralrun.coralnet.codec.job_lists import is_job, listed
from coralrun.coralnet.codec.wire import Jobs
from coralrun.machine.outcomes import Listed

FULL = tuple(str(number) for number in range(110, 100, -1))


def seen(*finished: str, active: Sequence[str] = (), max_active: int = 5, done_before: Sequence[str] = ()) -> Listed:
    """A listing, asked for by the marker of one that showed 100 at work, and 99, which had finished last."""
    marker = listed(Jobs(("100",), ("99", "98"), 5), None, ()).marker
    return listed(Jobs(tuple(active), finished, max_active), marker, done_before)


def test_what_was_listed_before_is_not_newer() -> None:
    assert seen("100", "99").newer == ()
    assert seen("102", "99", active=["104", "103", "100"]).newer == ("103", "104", "102")


def test_ids_are_compared_as_numbers() -> None:
    assert seen("99", active=["1000"]).newer == ("1000",)


def test_a_short_list_lacks_no_newer_job() -> None:
    assert seen(*FULL[1:]).conclusive
    assert not seen(*FULL).conclusive, "a full one may have pushed one out"


@pytest.mark.parametrize("done_before", [(), ("97",)])
def test_a_full_list_with_a_job_finished_before_has_pushed_nothing_out(
    done_before: tuple[str, ...],
) -> None:
    anchor = done_before[0] if done_before else "99"
    assert seen(*FULL[:-1], anchor, done_before=done_before).conclusive
    assert not seen(*FULL[:-1], "96", done_before=done_before).conclusive, "it may have finished since"


def test_an_account_that_may_have_no_job_has_no_list_to_prove_anything() -> None:
    assert not seen(max_active=0).conclusive


@pytest.mark.parametrize("marker", ["", "100", "x/y", "-1/", "1/2/3", "9" * 16 + "/"])
def test_by_what_is_no_marker_all_jobs_are_newer_and_nothing_is_proved(marker: str) -> None:
    found = listed(Jobs(("1",), ("0",), 5), marker, ("0",))
    assert (found.newer, found.conclusive) == (("1", "0"), False)


def test_an_account_without_jobs_gives_a_marker_too() -> None:
    marker = listed(Jobs((), (), 5), None, ()).marker
    found = listed(Jobs((), ("1",), 5), marker, ())
    assert (found.newer, found.conclusive) == (("1",), True)


def test_an_id_that_is_no_number_of_coralnets_names_no_job() -> None:
    assert is_job("17")
    assert not any(map(is_job, ["", "1/../2", "moorea", "-1", "9" * 16]))
