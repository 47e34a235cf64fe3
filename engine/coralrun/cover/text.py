"""Cover as lines for people. Pure: records in, lines out.

Rule: a number stands with what it rests on and with its interval, or with the reason why it has none. Where years are
mixed there is the reason alone; the means stand in the tables. Groups stand in the order that people gave them, labels
by their cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from coralrun.cover.estimate import NOT_SEEN
from coralrun.estimates.occasions import ACROSS_YEARS
from coralrun.estimates.scope import scope_in, without_scope
from coralrun.results.groupings import LABEL
from coralrun.values.phrases import count, figure

Row = Mapping[str, Any]

_CHANCES = (
    "  not seen: points of one unit are alike, so each unit is one chance to see a class, however many its points"
)


def cover_lines(rows: Sequence[Row], by: Sequence[str], unit: str | None) -> Iterator[str]:
    """The cover of a run, by groups where it has them and else by label; `rows` as the records of a frame."""
    if not rows:
        yield "  no image has predictions"
        return
    levels = list(dict.fromkeys(row["grouping"] for row in rows))
    shown = [level for level in levels if level != LABEL] or levels
    is_unseen = False
    wide = max(len(str(row["group"])) for row in rows if row["grouping"] in shown)
    for values, group in groupby(rows, key=lambda row: tuple(row[field] for field in by)):
        block = list(group)
        if by:
            yield "  " + ", ".join(f"{field} {value or '(not known)'}" for field, value in zip(by, values, strict=True))
        yield f"  {_basis(block[0], unit)}"
        across = next((row["method"] for row in block if row["method"].startswith(ACROSS_YEARS)), "")
        if across:
            yield f"  no figure: {without_scope(across).removeprefix('no interval: ')}"
            continue
        scope = scope_in(row["method"] for row in block)
        if scope:
            yield f"  {scope}"
            block = [{**row, "method": without_scope(row["method"])} for row in block]
        reasons = {row["method"] for row in block}
        if len(reasons) == 1 and block[0]["lo"] is None:
            yield f"  {reasons.pop()}"
        for level in shown:
            yield f"    {level}"
            yield from (f"      {_line(row, wide, bool(reasons))}" for row in _ordered(block, level))
        is_unseen |= any(NOT_SEEN in row["method"] for row in block if row["grouping"] in shown)
    if is_unseen:
        yield _CHANCES


def _ordered(block: Sequence[Row], level: str) -> Sequence[Row]:
    """The rows of one grouping, of labels the largest first."""
    rows = [row for row in block if row["grouping"] == level]
    return sorted(rows, key=lambda row: -(row["mean"] or 0)) if level == LABEL else rows


def _basis(row: Row, unit: str | None) -> str:
    """What the rows of a block rest on."""
    photos, points = count(row["images_planned"], "photo"), count(row["points_usable"], "usable point")
    said = [f"{row['images_used']:,} of {photos}", points]
    if unit is not None:
        said.insert(0, f"{count(row['units'], 'unit')} ({unit})")
    for what in ("failed", "dropped", "pending"):
        if row[f"images_{what}"]:
            said.append(f"{row[f'images_{what}']:,} {what}")
    if row["points_unusable"]:
        said.append(f"{count(row['points_unusable'], 'point')} not usable")
    return ", ".join(said)


def _line(row: Row, wide: int, with_reason: bool) -> str:
    name = f"{row['group']:{wide}}"
    if row["mean"] is None:
        return f"{name}      -"
    said = f"{name} {figure(row['mean']):>6} %"
    why = row["method"] if with_reason else ""
    if row["lo"] is not None:
        said += f"  ({figure(row['lo'])} to {figure(row['hi'])})"
        _, _, why = row["method"].partition("; ")
    if row["unassigned"]:
        said += f"  at most {figure(row['mean_with_unassigned'])} with all unassigned points"
    return f"{said}  {why}".rstrip()
