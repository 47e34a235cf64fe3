"""What a plan says of dates that are not written as year-month-day."""

from __future__ import annotations

import pytest

from coralrun.planning.date_warnings import date_warnings, days_of, notes_on_days
from coralrun.planning.images import FoundImage


def warned(*dates: str, field: str = "date") -> list[str]:
    images = [
        FoundImage(name=f"{at}.jpg", url=f"https://reef.example/{at}", fields=("site", field), metadata=("a", text))
        for at, text in enumerate(dates)
    ]
    return list(date_warnings(("site", field), images))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12/06/2024", ("2024-06-12", "2024-12-06")),
        ("6/6/2024", ("2024-06-06",)),
        ("25.06.2024", ("2024-06-25",)),
        ("06-25-2024", ("2024-06-25",)),
        ("2024/06/12", ("2024-06-12",)),
        ("2024:06:12", ("2024-06-12",)),
        ("01/02/03", ("2001-02-03", "2003-01-02", "2003-02-01")),
        ("12 June 2024", ("2024-06-12",)),
        ("Jun 12, 2024", ("2024-06-12",)),
        ("20240612", ("2024-06-12",)),
        ("30/02/2024", ()),
        ("spring", ()),
        ("45455", ()),
    ],
)
def test_a_date_in_another_form_means_the_days_that_it_may(text: str, days: tuple[str, ...]) -> None:
    assert days_of(text) == days


def test_dates_that_may_mean_several_days_come_first_with_what_to_do() -> None:
    (said,) = warned("25/06/2024", "12/06/2024", "12/06/2024", "2024-06-12", "", "NA")
    assert said == (
        "dates in `date` that are not written as 2024-06-12 are not read, on 3 images, and 2 of them may mean several "
        "days: `12/06/2024` (2 images, 2024-06-12 or 2024-12-06); `25/06/2024` (1 image, 2024-06-25). No year, visit "
        "or span of dates goes by them. Write them so in the table (a spreadsheet calls it yyyy-mm-dd); a date in the "
        "names is read as it is written there, such as {date:%d%m%Y}"
    )


def test_of_dates_that_are_kept_as_written_those_of_several_days_are_told_once() -> None:
    assert list(notes_on_days(["25/06/2024", "2024-06-12T10:30:00Z", "", "last week"])) == []
    (said,) = notes_on_days(["25/6/2024", "7.4.2023 09:15", "7.4.2023 16:40", "7/5/2023"])
    assert said == (
        "dates on 3 rows can be read as several days and are kept as written: `7.4.2023` is 2023-04-07 or 2023-07-04, "
        "and 1 other date likewise. Write them so, year first"
    )


@pytest.mark.parametrize("field", ["Date", "photo_date", "eventDate"])
def test_every_field_that_holds_dates_is_looked_at(field: str) -> None:
    assert warned("12.6.2024", field=field)[0].startswith(f"dates in `{field}` that are not")


@pytest.mark.parametrize("text", ["2024", "2024-06", "2024-06-12", "2024-06-12T10:30:00Z", "2024-06-12 10:30", ""])
def test_a_year_a_month_or_a_day_as_iso_has_it_is_no_matter(text: str) -> None:
    assert warned(text) == []


def test_a_field_of_years_may_count_them() -> None:
    assert warned("first", "1", "2", field="year") == []
    assert len(warned("12/06/2024", field="year")) == 1
    assert warned("2024-13-40", "first")[0].count("`") == 6


def test_photos_of_one_day_are_of_one_date_whatever_their_time() -> None:
    (said,) = warned("12/06/2024 10:30:05", "12/06/2024 10:31", "2024:06:13 09:00:00")
    assert "`12/06/2024` (2 images, 2024-06-12 or 2024-12-06); `2024:06:13` (1 image, 2024-06-13). No" in said


def test_many_dates_are_counted_and_some_are_shown() -> None:
    (said,) = warned(*(f"{day}/01/2024" for day in range(13, 31)))
    assert "; and 13 more such. " in said
