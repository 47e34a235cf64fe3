"""What people made of the machine's labels, for a report: the answer becomes the corrected one where there is one.

Rule: nothing is reckoned here. A correction takes the machine's place in the answer, for the whole survey and for each
stratum, only where all groups have one; the single units stay the machine's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from coralrun.accuracy.agreement import Agreement
from coralrun.accuracy.by_unit import UnitBias
from coralrun.accuracy.corrected_warnings import visit_of, warnings_of
from coralrun.estimates.scope import without_scope
from coralrun.report.model import AtUnit, ByClass, Compared, Cover, Estimate, Review, TwoPhase

_Key = tuple[str, str, str]
"""The occasion ("" for none), the stratum ("" for all) and the group that a row is of."""
_BETWEEN: Final = " / "


def review_of(
    frame: pd.DataFrame,
    grouping: str,
    cover: Cover,
    audited: int,
    agreement: Agreement,
    by_unit: Sequence[UnitBias] = (),
    stratum: str = "",
) -> tuple[Review | None, Cover]:
    """The review, None where no audited point takes part, and the cover as it is to be answered with.

    `frame` is that of `corrected`, `grouping` the one that the report shows; `audited` counts the points of the audit;
    `by_unit` is the bias at each unit under that grouping, `stratum` the field of the strata in it, "" without any.
    """
    rows: dict[_Key, dict[Any, Any]] = {
        (visit_of(row), row["stratum"], row["group"]): row
        for row in frame[frame["grouping"] == grouping].to_dict("records")
    }
    whole = [row for (_, stratum, _), row in rows.items() if not stratum]
    if not whole or not audited:
        return None, cover
    first, of_visits = whole[0], list({visit_of(row): row for row in whole}.values())
    cover = replace(cover, overall=(*cover.overall, *_seen_by_people_alone(rows, cover)))
    is_correcting = not any(math.isnan(row["cover_corrected"]) for row in whole)
    biased = tuple(estimate.what for estimate in cover.overall)
    review = Review(
        unit=cover.unit,
        stratum=stratum,
        is_of_all_visits=bool(cover.occasions),
        biased=biased,
        at_units=tuple(_at_units(by_unit, biased)),
        photos=sum(int(row["images_reviewed"]) for row in of_visits),
        points=sum(int(row["points_reviewed"]) for row in of_visits),
        agreed=agreement.share,
        low=None if math.isnan(agreement.lo) else agreement.lo,
        high=None if math.isnan(agreement.hi) else agreement.hi,
        in_sample=agreement.in_sample,
        audited=audited,
        is_correcting=is_correcting,
        groups=tuple(
            _compared(row, visit)
            for visit in dict.fromkeys(visit for visit, _, _ in rows)
            for estimate in cover.overall
            if (row := rows.get((visit, "", estimate.what))) is not None and is_correcting
        ),
        warning=". ".join([*warnings_of(whole), *([] if is_correcting else [_why(first)])]),
    )
    if not is_correcting:
        return review, cover
    if cover.occasions:
        keys = {(visit, stratum): _BETWEEN.join(filter(None, (visit, stratum))) for visit, stratum, _ in rows}
        of_place = {place: key for key, place in keys.items()}
        occasions, strata = (
            tuple(_corrected(each, rows, of_place.get(each.place, (each.place, ""))) for each in estimates)
            for estimates in (cover.occasions, cover.strata)
        )
        return review, replace(cover, occasions=occasions, strata=strata)
    corrected = (_corrected(estimate, rows, ("", "")) for estimate in cover.overall)
    overall = sorted(corrected, key=lambda estimate: (-estimate.mean, estimate.what))
    strata = tuple(_corrected(estimate, rows, ("", estimate.stratum)) for estimate in cover.strata)
    return review, replace(cover, overall=tuple(overall), strata=strata)


def _seen_by_people_alone(rows: Mapping[_Key, Mapping[Any, Any]], cover: Cover) -> list[Estimate]:
    """Groups that no point of the machine's is in, as the machine has them: not seen."""
    known = {estimate.what for estimate in cover.overall}
    first = cover.overall[0]
    found = [
        replace(first, what=group, mean=0.0, low=None, high=None, unseen=True)
        for (_, stratum, group), row in rows.items()
        if not stratum and group not in known and row["correction"] > 0
    ]
    return list({estimate.what: estimate for estimate in found}.values())


def two_phase_of(frame: pd.DataFrame) -> TwoPhase | None:
    """What points that were drawn by class say, for a report; None where there is no such audit.

    `frame` is that of `by_class`.
    """
    rows = frame.sort_values("cover_machine", ascending=False, kind="stable").to_dict("records")
    if not rows:
        return None
    said = dict.fromkeys(
        part for row in rows for part in (_why(row), str(row["warning"]).rpartition("; ")[2]) if "no figure" not in part
    )
    return TwoPhase(
        level=str(rows[0]["grouping"]),
        points=int(frame["points_reviewed"].sum()),
        groups=tuple(
            ByClass(
                what=str(row["group"]),
                machine=row["cover_machine"] / 100,
                points=int(row["points_of_class"]),
                corrected=_known(row["cover_corrected"]),
                low=_known(row["lo"]),
                high=_known(row["hi"]),
                bias=_known(row["bias"]),
                bias_low=_known(row["bias_lo"]),
                bias_high=_known(row["bias_hi"]),
            )
            for row in rows
            if row["cover_machine"] == row["cover_machine"]
        ),
        said=". ".join(filter(None, said)),
    )


def _at_units(by_unit: Sequence[UnitBias], biased: Sequence[str]) -> Iterator[AtUnit]:
    units: dict[tuple[str, str], dict[str, UnitBias]] = {}
    for found in by_unit:
        units.setdefault((found.stratum, found.unit), {})[found.name] = found
    for (stratum, unit), of_unit in units.items():
        first = next(iter(of_unit.values()))
        bias = tuple(of_unit[name].bias if name in of_unit else 0.0 for name in biased)
        yield AtUnit(
            unit=unit,
            stratum=stratum,
            photos=first.images,
            points=first.points,
            agreed=first.agreement,
            bias=tuple(None if math.isnan(share) else share for share in bias),
        )


def _compared(row: Mapping[Any, Any], visit: str) -> Compared:
    return Compared(
        what=str(row["group"]),
        visit=visit,
        machine=row["cover_machine"] / 100,
        corrected=row["cover_corrected"] / 100,
        low=_known(row["lo"]),
        high=_known(row["hi"]),
        correction=row["correction"] / 100,
        correction_se=_known(row["correction_se"]),
    )


def _corrected(estimate: Estimate, rows: Mapping[_Key, Mapping[Any, Any]], where: tuple[str, str]) -> Estimate:
    row = rows.get((*where, estimate.what))
    if row is None or math.isnan(row["cover_corrected"]):
        return estimate
    mean, high = row["cover_corrected"] / 100, _known(row["hi"])
    return replace(
        estimate,
        mean=mean,
        low=_known(row["lo"]),
        high=high,
        unseen=estimate.unseen and mean == 0,
        why="" if high is not None else _why(row),
    )


def _why(row: Mapping[Any, Any]) -> str:
    """Why there is no interval: what the method says behind its name."""
    return without_scope(str(row["method"])).partition("; ")[2]


def _known(percent: float) -> float | None:
    return None if math.isnan(percent) else percent / 100
