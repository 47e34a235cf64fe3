"""The samples that R has estimated cover of, as photos and designs; and how far coralrun is from R.

Rule: what R said is kept (`r/cover.csv`), so nobody needs R to hold coralrun to it; `r_check` runs R again. `r/draw.R`
made the samples, `r/cover.R` the estimates.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.unit.cover.samples import IDS, Photo, reader

from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design

R: Final = Path(__file__).parent / "r"
CLASSES: Final = ("coral", "algae", "sand", "sponge")
FIELDS: Final = ("stratum", "site", "size", "reef")
QUANTITIES: Final = ("mean", "se", "df", "lo", "hi", "ciprop_lo", "ciprop_hi")
OURS: Final = QUANTITIES[:5]
IN_PERCENT: Final = frozenset(QUANTITIES) - {"df"}
GROUPS: Final = LabelGroups(
    name="lab", title="", date="", source="", levels=("category",),
    groups=tuple(Group(path=(name,), labels=(IDS[name],)) for name in CLASSES),
)  # fmt: skip

Row = Mapping[str, str]


@dataclass(frozen=True)
class Sample:
    """Photos, and the design that they are read with."""

    name: str
    photos: list[Photo]
    design: Design
    areas: Mapping[str, float]
    drawn_by: str | None

    def cover(self) -> dict[str, dict[str, float | None]]:
        """Cover of the whole sample as coralrun tells it, by class."""
        read = reader(self.photos, FIELDS, self.design, groups=GROUPS, areas=self.areas, drawn_by=self.drawn_by)
        frame = read.by(())
        found = frame[frame["grouping"] == "category"].astype(object)
        records = found.where(found.notna(), None).to_dict("records")
        return {row["group"]: {quantity: row[quantity] for quantity in OURS} for row in records}


def samples() -> Iterator[Sample]:
    """All of them."""
    photos, strata = table(R / "photos.csv"), table(R / "strata.csv")
    for name in dict.fromkeys(row["set"] for row in photos):
        rows, known = ([row for row in part if row["set"] == name] for part in (photos, strata))
        yield _sample(name, rows, known)


def _sample(name: str, rows: list[Row], strata: list[Row]) -> Sample:
    levels = ("stratum", "site") if name == "strata nested" else ("site",)
    unit = "image" if name == "photos are the units" else "site"
    areas = {row["stratum"]: float(row["area"]) for row in strata if row["area"]}
    design = Design(
        unit=unit,
        levels=levels if unit == "site" else (),
        strata_field="stratum" if len(strata) > 1 else None,
        areas="areas.csv" if areas else None,
        weights="size" if rows[0]["size"] else None,
        units_in_all=_in_all(name, strata),
    )
    by_reef = "reef" if name == "units by the photos that theirs stand for" else None
    return Sample(name, [_photo(row) for row in rows], design, areas, by_reef)


def _in_all(name: str, strata: list[Row]) -> int | dict[str, int] | None:
    known = {row["stratum"]: int(row["units_in_all"]) for row in strata if row["units_in_all"]}
    if len(known) == 1 or name == "a population that crosses strata":
        return next(iter(known.values()))
    return known or None


def _photo(row: Row) -> Photo:
    points = tuple(label for label in CLASSES for _ in range(int(row[label])))
    return Photo((row["stratum"], row["site"], row["size"], "reef"), points, inclusion=float(row["inclusion"]))


def estimates_of_r(path: Path = R / "cover.csv") -> dict[str, dict[str, Row]]:
    """What R says, by sample and class; an empty cell is what it does not tell."""
    found: dict[str, dict[str, Row]] = {}
    for row in table(path):
        found.setdefault(row["set"], {})[row["class"]] = row
    return found


def distance(ours: Mapping[str, Mapping[str, float | None]], theirs: Mapping[str, Row]) -> dict[str, float]:
    """The largest difference between coralrun and R by quantity, in percentage points but for `df`; infinite where only
    one of them tells it. The limits by svyciprop are told for few samples.
    """
    found = {}
    for quantity in QUANTITIES:
        of_r = {name: row[quantity] for name, row in theirs.items()}
        by_class = {
            name: _between(ours[name][quantity.removeprefix("ciprop_")], text, quantity)
            for name, text in of_r.items()
            if text or not quantity.startswith("ciprop_")
        }
        if by_class:
            found[quantity] = max(by_class.values())
    return found


def _between(ours: float | None, text: str, quantity: str) -> float:
    if ours is None or not text:
        return 0.0 if ours is None and not text else float("inf")
    return abs(ours - float(text) * (100 if quantity in IN_PERCENT else 1))


def table(path: Path) -> list[Row]:
    """The rows of a table of R's."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
