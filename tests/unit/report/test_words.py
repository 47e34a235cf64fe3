"""What a report says of estimates, of what they rest on and of what is missing."""

from __future__ import annotations

from tests.unit.report.samples import cover, totals

from coralrun.report import words
from coralrun.report.model import Cover, Estimate, Failed, Totals
from coralrun.values.phrases import NARROW


def test_an_estimate_is_said_with_its_interval_in_the_same_digits() -> None:
    assert (
        words.said(Estimate(what="Hard coral", mean=0.23, low=0.184, high=0.291))
        == f"Hard coral 23{NARROW}% (18 to 29)"
    )
    assert (
        words.said(Estimate(what="Sponge", mean=0.034, low=0.012, high=0.114)) == f"Sponge 3.4{NARROW}% (1.2 to 11.4)"
    )


def test_without_an_interval_the_mean_alone_is_said() -> None:
    assert words.said(Estimate(what="Sand", mean=0.5, why="no interval: n = 1")) == f"Sand 50{NARROW}%"


def test_what_was_never_seen_has_its_upper_bound_and_no_zero() -> None:
    unseen = Estimate(what="Seagrass", mean=0.0, low=0.0, high=0.0113, unseen=True)
    assert words.said(unseen) == f"Seagrass not seen (0 to 1.1{NARROW}%)"


def test_the_basis_names_units_photos_and_points() -> None:
    assert words.basis(cover()) == "6 sites, 30 photos, 290 usable points"


def test_where_photos_are_the_units_they_are_not_named_twice() -> None:
    alone = Cover(by="label", unit="image", overall=(), photos=5, usable_points=50)
    assert words.basis(alone) == "5 photos, 50 usable points"


def test_what_is_lost_is_said_and_nothing_where_nothing_is() -> None:
    assert words.lost(totals(failed=1)) == "1 photo failed"
    assert words.lost(totals(failed=0)) == ""
    both = Totals(images=9, succeeded=5, failed=1, skipped=3, points=9, predicted=5, points_failed=1, points_skipped=3)
    assert words.lost(both) == "1 photo failed and 3 photos could not be submitted"


def test_the_first_few_of_the_lost_are_named_and_the_others_counted() -> None:
    both = Totals(images=20, succeeded=9, failed=9, skipped=2, points=9, predicted=5, points_failed=1, points_skipped=3)
    failures = (
        Failed(reason="not found", images=7, points=7, names=("a.jpg", "b.jpg")),
        Failed(reason="skipped: no size", images=2, points=2, names=("x.jpg", "y.jpg"), is_skipped=True),
        Failed(reason="denied", images=2, points=2, names=("c.jpg", "d.jpg")),
    )
    assert words.lost_named(both, failures) == [
        ("9 photos failed", "a.jpg, b.jpg, c.jpg and 6 more"),
        ("2 photos could not be submitted", "x.jpg and y.jpg"),
    ]
    assert words.lost_named(totals(failed=0), ()) == []
