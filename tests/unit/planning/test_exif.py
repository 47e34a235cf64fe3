"""What cameras wrote: used where nothing else is known, and no date that may be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from coralrun.planning.exif import FUTURE, RESET, with_exif
from coralrun.planning.images import FoundImage, Taken
from coralrun.planning.metadata import Gathered
from coralrun.spec.model import FolderSource, Metadata

SOURCE = FolderSource(path="photos")


def day(text: str, doubt: str = "") -> Taken:
    return Taken(date.fromisoformat(text), text.replace("-", ":"), doubt)


def gathered(taken: Mapping[str, Taken | None], known: Sequence[str] = (), fields: tuple[str, ...] = ()) -> Gathered:
    rows: list[tuple[str, ...]] = [(value,) for value in known] or [()] * len(taken)
    images = [
        FoundImage(name=name, taken=said, fields=fields, metadata=row)
        for (name, said), row in zip(taken.items(), rows, strict=True)
    ]
    return with_exif(Gathered([(SOURCE, images)], fields), Metadata(exif=True))


def dates(found: Gathered) -> list[str]:
    place = found.place("date")
    assert place is not None
    return [image.metadata[place] for image in found.inventory[0][1]]


def listed(found: Gathered) -> dict[str, tuple[str, ...]]:
    return {listing.what: listing.names for listing in found.listings}


def test_what_cameras_wrote_becomes_four_fields() -> None:
    palmyra = day("2024-06-01")._replace(latitude="5.883000", longitude="-162.083000", camera="Canon EOS 5D")
    found = gathered({"a.jpg": palmyra, "b.jpg": None})
    assert found.fields == ("date", "latitude", "longitude", "camera")
    assert [image.metadata for image in found.inventory[0][1]] == [
        ("2024-06-01", "5.883000", "-162.083000", "Canon EOS 5D"),
        ("", "", "", ""),
    ]
    assert found.listings == ()


def test_what_is_known_otherwise_is_believed_and_fields_are_one_in_any_case() -> None:
    found = gathered({"a.jpg": day("2024-06-02"), "b.jpg": day("2024-06-02")}, ["2024-06-01", ""], ("Date",))
    assert found.fields == ("Date", "latitude", "longitude", "camera")
    assert dates(found) == ["2024-06-01", "2024-06-02"]
    assert found.listings == ()


@pytest.mark.parametrize("known", ["2024-06-04", "2024-05-29", "2023", "2024-05", "2024-06-04T10:00"])
def test_a_date_far_from_the_one_in_the_table_or_the_name_is_listed(known: str) -> None:
    found = gathered({"a.jpg": day("2024-06-07" if "06" in known else "2024-06-05")}, [known], ("date",))
    assert dates(found) == [known]
    what = "EXIF dates that are more than 2 days from what the table or the name says, and are not used"
    assert list(listed(found)) == [what]


@pytest.mark.parametrize("known", ["2024-06-03", "2024-05-30", "2024", "2024-05"])
def test_a_date_within_two_days_of_what_is_known_is_no_contradiction(known: str) -> None:
    assert gathered({"a.jpg": day("2024-06-01", doubt=RESET)}, [known], ("date",)).listings == ()


def test_dates_in_doubt_are_listed_as_they_are_written_and_not_used() -> None:
    reset, future = day("2015-01-01", doubt=RESET), day("2044-01-05", doubt=FUTURE)
    found = gathered({"a.jpg": reset, "b.jpg": future, "c.jpg": Taken(is_nowhere=True)})
    assert dates(found) == ["", "", ""]
    assert listed(found) == {
        "EXIF dates that are those of a clock that began anew (1 or 2 January, or before 1995), and are not used": (
            "a.jpg (2015:01:01)",
        ),
        "EXIF dates that are later than today, and are not used": ("b.jpg (2044:01:05)",),
        "EXIF coordinates that are 0, 0 or no place on Earth, and are not used": ("c.jpg",),
    }


def test_a_date_unlike_those_of_the_photos_before_and_after_is_not_used() -> None:
    days = ["2024-06-01", "2024-06-01", "2019-03-05", "2024-06-02", "2024-06-02"]
    found = gathered({f"s/{number}.jpg": day(text) for number, text in enumerate(days)})
    assert dates(found) == ["2024-06-01", "2024-06-01", "", "2024-06-02", "2024-06-02"]
    what = "EXIF dates that are more than 2 days from those of the photos before and after, and are not used"
    assert listed(found) == {what: ("s/2.jpg (2019-03-05)",)}


@pytest.mark.parametrize(
    "days",
    [
        ["2024-06-01", "2024-06-01", "2024-06-09", "2024-06-09"],  # a second trip
        ["2024-06-01", "2024-06-09", "2024-06-01"],  # as many photos of one day as of another: names in another order
        ["2024-06-09", "2024-06-01", "2024-06-01", "2024-06-01", "2024-06-01"],  # nothing tells of the first
    ],
)
def test_dates_of_several_trips_are_all_used(days: list[str]) -> None:
    assert dates(gathered({f"{number}.jpg": day(text) for number, text in enumerate(days)})) == days


def test_photos_of_another_folder_are_no_neighbours() -> None:
    names = ["a/1.jpg", "a/2.jpg", "a/b/1.jpg", "a/c.jpg", "a/d.jpg"]
    days = ["2024-06-01", "2024-06-01", "2019-03-05", "2024-06-01", "2024-06-01"]
    assert dates(gathered({name: day(text) for name, text in zip(names, days, strict=True)})) == days


def test_a_known_date_tells_of_its_neighbours() -> None:
    days = ["", "", "2019-03-05", "", ""]
    taken = {f"{number}.jpg": day(text) if text else None for number, text in enumerate(days)}
    known = ["2024-06-01", "2024-06-01", "", "2024-06-01", "2024-06-01"]
    assert dates(gathered(taken, known, ("date",))) == known
