"""What addresses foretell: signatures that end, against now and the time that the run takes, and endings."""

from __future__ import annotations

import pytest

from coralrun.errors import Problem
from coralrun.sources.outlook import Addressed, foresee, says_something

NOW = 1_780_315_200.0  # 2026-06-01 12:00 UTC
HOUR = 3600.0


def signed(name: str, hours: float, manifest: str = "m.csv") -> Addressed:
    return Addressed(manifest, name, f"https://h.test/{name}?Signature=S&Expires={NOW + hours * HOUR:.0f}")


def plain(name: str, manifest: str = "m.csv") -> Addressed:
    return Addressed(manifest, name, f"https://h.test/{name}")


def told(*images: Addressed, takes_s: float = 2 * HOUR) -> list[str]:
    return list(foresee(images, NOW, takes_s, all_images=len(images)).warnings)


def test_signatures_that_have_ended_are_told_with_their_times() -> None:
    assert told(signed("a.jpg", -1), signed("b.jpg", -25), signed("c.jpg", 9)) == [
        "m.csv: the signatures of 2 of 3 addresses have ended, so that their hosts refuse them (it is 2026-06-01 12:00 "
        "UTC by this computer's clock): `a.jpg` at 2026-06-01 11:00 UTC, `b.jpg` at 2026-05-31 11:00 UTC"
    ]
    assert told(signed("a.jpg", -1), plain("b.jpg"))[0].startswith("m.csv: the signature of 1 of 2 addresses has ended")


def test_many_are_told_from_the_first_to_the_last() -> None:
    (said,) = told(*(signed(f"{hours}.jpg", -hours) for hours in range(1, 6)), plain("a.jpg"))
    assert said.endswith(
        "`1.jpg` at 2026-06-01 11:00 UTC, `2.jpg` at 2026-06-01 10:00 UTC, `3.jpg` at 2026-06-01 09:00 UTC, ... "
        "(from 2026-06-01 07:00 UTC to 2026-06-01 11:00 UTC)"
    )


def test_signatures_that_end_before_the_run_can_be_over_are_told_with_both_times() -> None:
    assert told(signed("a.jpg", 1.5), signed("b.jpg", 2)) == [
        "m.csv: the signature of 1 image ends before the run can be over, at 2026-06-01 14:00 UTC or later: `a.jpg` at "
        "2026-06-01 13:30 UTC: have them signed for longer, or run fewer images at a time"
    ]


def test_a_signature_that_begins_later_is_told_and_a_slow_clock_is_not() -> None:
    url = "https://h.test/a.jpg?sig=S&st=2026-06-01T{}Z&se=2026-07-01"
    assert told(Addressed("m.csv", "a.jpg", url.format("13:00"))) == [
        "m.csv: the signature of 1 image begins later than now, 2026-06-01 12:00 UTC: `a.jpg` at 2026-06-01 13:00 UTC"
    ]
    assert told(Addressed("m.csv", "a.jpg", url.format("12:10"))) == []


@pytest.mark.parametrize(
    ("images", "others", "fatal"),
    [
        ([signed("a.jpg", -1), signed("b.jpg", -2, "n.csv")], 0, ["m.csv", "n.csv"]),
        ([signed("a.jpg", -1), signed("b.jpg", 9, "n.csv")], 0, []),
        ([signed("a.jpg", -1), plain("b.jpg")], 0, []),
        ([signed("a.jpg", -1)], 1, []),
    ],
)
def test_there_is_no_hope_where_every_signature_of_the_run_has_ended(
    images: list[Addressed], others: int, fatal: list[str]
) -> None:
    outlook = foresee(images, NOW, 0, all_images=len(images) + others)
    assert [problem.file for problem in outlook.fatal] == fatal
    assert all(isinstance(problem, Problem) for problem in outlook.fatal)
    assert outlook.warnings


def test_endings_of_files_that_are_no_photos_are_told_by_kind() -> None:
    assert told(plain("a.heic"), plain("b.NEF"), plain("c.arw"), plain("d.jpg")) == [
        "m.csv: 1 image has the ending of HEIC, which the service cannot read (`a.heic`): it reads JPEG, PNG, TIFF, "
        "WebP, GIF and BMP",
        "m.csv: 2 images have the ending of a camera's raw file, which the service cannot read (`b.NEF`, `c.arw`): it "
        "reads JPEG, PNG, TIFF, WebP, GIF and BMP",
    ]


def test_a_name_says_what_a_file_is_only_where_the_address_does_not() -> None:
    assert told(Addressed("m.csv", "a.mov", "https://h.test/get/17?id=a.jpg"))[0].startswith("m.csv: 1 image has")
    assert told(Addressed("m.csv", "a.NEF", "https://h.test/a.jpg")) == []


def test_ordinary_addresses_say_nothing() -> None:
    assert not says_something([plain("a.jpg"), plain("b"), Addressed("m.csv", "c", "https://h.test/c?v=2")])
    assert says_something([plain("a.jpg"), plain("b.mp4")])
    assert says_something([signed("a.jpg", 100)])
