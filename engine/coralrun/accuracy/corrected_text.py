"""Corrected cover as lines for people. Pure: frames in, lines out.

Rule: what must be known of a figure stands with it: whether the classifier may have been trained on what corrects it,
which classes rest on few points, and why there is no interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coralrun.accuracy.agreement import Agreement
from coralrun.accuracy.by_class import SURE_POINTS
from coralrun.accuracy.corrected_warnings import visit_of, warnings_of
from coralrun.accuracy.judgement import IN_SAMPLE
from coralrun.accuracy.measures import FEW_POINTS
from coralrun.estimates.scope import without_scope
from coralrun.review.other_points import elsewhere_words
from coralrun.values.phrases import figure, signed_figure, typed

if TYPE_CHECKING:
    import pandas as pd

    from coralrun.spec.model import Design

Row = Mapping[Any, Any]

_MORE_POINTS, _ONE_IN = 300, 4
"""How many points drawn by class are offered, and of a small run one in how many."""


def agreement_lines(found: Agreement) -> Iterator[str]:
    """How often person and machine agree in the survey, which need not be how often they do on what was reviewed."""
    if found.share == found.share:
        limits = "" if found.lo != found.lo else f" ({figure(100 * found.lo)} to {figure(100 * found.hi)})"
        share = f"{figure(100 * found.share)} %{limits}"
        yield f"  so they agree on the label of {share} of the survey's points, by the probabilities of the audit"


def corrected_lines(frame: pd.DataFrame, run: str, points: int, *, in_sample: bool) -> Iterator[str]:
    """The corrected cover of the survey `run` of so many points, by the coarsest classes that there are, on each
    occasion."""
    groupings = list(dict.fromkeys(frame["grouping"]))
    chosen = groupings[min(1, len(groupings) - 1)]  # labels come first, then the levels of the groups
    shown = frame[(frame["grouping"] == chosen) & (frame["stratum"] == "")]
    rows = shown.to_dict("records")
    if in_sample:
        yield f"  {IN_SAMPLE}: the classifier may have been trained on these photos; expect it to err more elsewhere"
    yield f"  cover by {chosen}, machine and corrected (95 % interval)"
    visits = dict.fromkeys(visit_of(row) for row in rows)
    for visit in visits:
        yield from [f"    {frame.columns[0]} {visit or '(not known)'}"] if len(visits) > 1 or visit else []
        of_visit = [row for row in rows if visit_of(row) == visit]
        yield from (_corrected_line(row) for row in sorted(of_visit, key=lambda row: -float(row["cover_machine"])))
    yield from (f"  warning: {warning}" for warning in warnings_of(rows))
    nothing = why_not_corrected(shown)
    if nothing:
        yield f"  no corrected cover: {nothing}"
    else:
        yield from dict.fromkeys(f"  {row['method']}" for row in rows if row["lo"] != row["lo"])
    if any(int(row["points_of_class"]) < FEW_POINTS for row in rows):
        more = min(_MORE_POINTS, points // _ONE_IN)
        yield f"  to see more of what is rare: coralrun review {typed(run)} --by-class {typed(chosen)} --sample {more}"


def why_not_corrected(frame: pd.DataFrame, elsewhere: int = 0) -> str:
    """Why no class of a frame is corrected, "" where one is; `elsewhere` counts labels of points that are gone."""
    if frame.empty:
        return "; ".join(filter(None, ("no point of an audit is reviewed", elsewhere_words(elsewhere))))
    if frame["cover_corrected"].notna().any():
        return ""
    return without_scope(str(frame["method"].iloc[0])).partition("; ")[2]


def not_told_by(by: Sequence[str], design: Design, occasion: str) -> str:
    """That corrected cover is not told by some fields, and what it takes that it is; "" where it is told by them."""
    told = [field for field in (occasion, design.strata_field) if field]
    if set(by) <= set(told):
        return ""
    field, *others = (field for field in by if field != occasion)
    takes = "no design has it by several fields at once"
    if not others:
        at = design.levels.index(field) + 1 if field in design.levels else 0
        is_within = design.unit not in (None, field, *design.levels[:at])
        unit = "" if is_within else ", a `unit` within it"
        takes = f"by `{field}` it takes `design: {{strata: {{field: {field}}}}}`{unit} and `coralrun apply`"
    alone = " and of each ".join(["of the whole survey", *(f"`{field}`" for field in told)])
    return f", {alone} alone: {takes}"


def _corrected_line(row: Row) -> str:
    machine = f"    {row['group']:<24} {figure(row['cover_machine']):>5} %"
    if row["cover_corrected"] != row["cover_corrected"]:
        return f"{machine}      -"
    limits = "" if row["lo"] != row["lo"] else f"  ({figure(row['lo'])} to {figure(row['hi'])})"
    return f"{machine}  {figure(row['cover_corrected']):>5} %{limits}"


def by_class_lines(rows: Sequence[Row]) -> Iterator[str]:
    """The cover corrected by points that were drawn by class; `rows` as the records of its frame."""
    yield f"  cover by {rows[0]['grouping']}, by points that were drawn by class (95 % intervals)"
    for row in sorted(rows, key=lambda row: -float(row["cover_machine"])):
        cover = f"    {row['group']:<24} machine {figure(row['cover_machine']):>5} %"
        if row["lo"] != row["lo"]:
            yield f"{cover}  no figure: {row['points_of_class']} audited points of it"
        else:
            yield (
                f"{cover}  corrected {figure(row['cover_corrected']):>5} % "
                f"({figure(row['lo'])} to {figure(row['hi'])})  bias {signed_figure(row['bias'])} "
                f"({signed_figure(row['bias_lo'])} to {signed_figure(row['bias_hi'])})"
            )
    yield from dict.fromkeys(f"  {row['method']}" for row in rows if "; " in row["method"])
    left = dict.fromkeys(str(row["warning"]).rpartition("; ")[2] for row in rows)
    yield from (f"  warning: {warning}" for warning in left if "not reviewed" in warning)
    unsure = [str(row["group"]) for row in rows if FEW_POINTS <= int(row["points_of_class"]) < SURE_POINTS]
    if unsure:
        yield (
            f"  warning: fewer than {SURE_POINTS} audited points of {', '.join(unsure)}: the limits of these biases "
            "hold no error that the classifier makes at few units alone"
        )
    if any(row["lo"] != row["lo"] for row in rows):
        level = rows[0]["grouping"]
        more = f"draw more, --by-class {level} with another --seed"
        yield f"  fewer than {FEW_POINTS} audited points give no figure: {more}"
