"""`gcrmn`: benthic cover in the 27 columns of the Global Coral Reef Monitoring Network's database, with its checks.

Source: the README of github.com/GCRMN/gcrmndb_benthos, tables 2 (variables), 3 (categories) and 4 (checks). A row is a
category of one quadrat, that is, of one image: percent of its usable points. Categories come from the label groups
that are asked for, or else the survey's: their levels must be `category` and `subcategory`, and their categories must
all be GCRMN's: cover of any other would be lost. Unclear and unassigned points alone stay in the denominator without a
row. Check 9 wants every row above 0, so a category that was not seen has no row; check 8 wants no quadrat above 100, so
values are cut to six decimals, never rounded up, and summed up by the very columns that go out. The columns before the
categories stand in `gcrmn_events`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from coralrun.errors import UsageError
from coralrun.estimates.sample import Fate, sampled
from coralrun.exports import gcrmn_events
from coralrun.exports.gcrmn_events import NOT_CHECKED, Event, events_of, whose
from coralrun.exports.model import Export, ExportOptions, Results, notes_on_people
from coralrun.files.written import Csv
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import UNCLEAR, Classes, classes_of
from coralrun.spec.groups import Group, GroupOf, LabelGroups, of_project
from coralrun.values.phrases import figure

TABLE = Csv("gcrmn", is_for_people=False)

COLUMNS = (
    *gcrmn_events.COLUMNS, "category", "subcategory", "condition", "phylum", "class", "order", "family", "genus",
    "scientificName", "measurementValue",
)  # fmt: skip
CATEGORIES = frozenset({"Abiotic", "Algae", "Hard coral", "Other fauna", "Seagrass"})
LEVELS = ("category", "subcategory")
_TAXA = ("", "", "", "", "", "")  # phylum to scientificName: label groups are coarser
_PARTS = 10**6  # of a percent: six decimals
_GROUPS_REMEDY = (
    "Name a file of such groups, as configs/groups/gcrmn.yaml of the project: --groups FILE (in Python groups=). For "
    f"the survey's cover too: {of_project('gcrmn.yaml')}"
)

Kind = tuple[str, str, str]
Row = tuple[int, Event, Kind, int]
"""A row that goes out: the image's number, its event, the category with all that is said of it, and its cover in
millionths of a percent."""


def make(results: Results, options: ExportOptions) -> Export:
    """Write the cover of a run for GCRMN; raises UsageError with every check that fails."""
    options = gcrmn_events.by_column(options)
    unknown = sorted(({*options.fields, *options.values}) - set(COLUMNS))
    analysis = replace(results.plan.analysis, groups=options.groups or results.plan.analysis.groups)
    groups = _checked(analysis.groups)
    if unknown:
        raise UsageError(f"GCRMN has no column {', '.join(unknown)}", remedy=f"Its columns are: {', '.join(COLUMNS)}.")
    counts = results.counts_for_cover()
    classes = classes_of(counts, analysis)
    fate = sampled(counts, results.plan, analysis, classes, results.pending).fate
    there = np.flatnonzero((fate == Fate.USED) | (fate == Fate.NO_UNIT))  # a quadrat needs no design unit
    events = events_of(results, options, [int(number) for number in there])

    def rows() -> Iterator[Row]:
        return _rows(groups, counts, classes, events.of_image)

    names = [image.name for image in results.plan.images]
    problems = [*events.problems, *_too_full(rows(), names)]
    if problems:
        raise UsageError(
            "not for GCRMN yet:\n" + "\n".join(f"  {problem}" for problem in problems),
            remedy="Complete the survey's metadata and apply it again; name a field (--field locality=station), or one "
            "value for all (--set country=France).",
        )
    notes = [*events.notes]
    dropped = [names[number] for number in np.flatnonzero(fate == Fate.TOO_FEW)]
    if dropped:
        notes.append(f"left out, as from cover, for too few usable points: {whose(dropped, 0)}")
    rowless = [names[number] for number in sorted(events.of_image.keys() - {row[0] for row in rows()})]
    if rowless:
        notes.append(f"without a row, since all their points are unclear or unassigned: {whose(rowless, 0)}")
    if options.groups is not None:
        notes.append(f"categories by the label groups `{groups.name}`, which are not the survey's")
    return Export(_parts(rows()), [*notes, *notes_on_people(results), NOT_CHECKED])


def _checked(groups: LabelGroups | None) -> LabelGroups:
    """The label groups, whose categories are all GCRMN's; UsageError where any other would be lost."""
    if groups is None:
        raise UsageError("GCRMN's categories are not among this run's label groups", remedy=_GROUPS_REMEDY)
    if groups.levels != LEVELS:
        raise UsageError(
            f"the label groups `{groups.name}` have the levels {', '.join(groups.levels)}; GCRMN's are "
            f"{', '.join(LEVELS)}",
            remedy=f"Say `levels: [{', '.join(LEVELS)}]` in their file: a group may lack the second. {_GROUPS_REMEDY}",
        )
    paths = [group.path for group in groups.groups if group.usable]
    if groups.unmapped is not None:
        unusable = {group.path for group in groups.groups if not group.usable}
        paths += [groups.unmapped] if groups.unmapped not in unusable else []
    foreign = sorted({path[0] for path in paths} - CATEGORIES - {UNCLEAR})
    if foreign:
        raise UsageError(
            f"the label groups `{groups.name}` have categories that GCRMN has not, and whose cover would be lost: "
            f"{', '.join(foreign)}",
            remedy=f"GCRMN's are: {', '.join(sorted(CATEGORIES))}; beside them `{UNCLEAR}` may stand, and groups that "
            f"are not usable. {_GROUPS_REMEDY}",
        )
    return groups


def _rows(groups: LabelGroups, counts: LabelCounts, classes: Classes, events: Mapping[int, Event]) -> Iterator[Row]:
    """The rows that go out, in the order of the plan."""
    finder = GroupOf(groups)
    kinds = [
        _kind(finder.find(label.id, label.code), bool(unclear))
        for label, unclear in zip(counts.labels, classes.unclear, strict=True)
    ]
    starts = np.searchsorted(counts.image, np.arange(len(counts.total) + 1))
    for number, event in events.items():
        seen: dict[Kind, int] = {}
        usable = int(counts.unassigned[number])
        for row in range(starts[number], starts[number + 1]):
            label, points = counts.label[row], int(counts.points[row])
            if classes.usable[label] and points:
                usable += points
                seen[kinds[label]] = seen.get(kinds[label], 0) + points
        for kind, points in sorted(seen.items()):
            if kind[0]:
                yield number, event, kind, points * 100 * _PARTS // usable


def _kind(group: Group | None, unclear: bool) -> Kind:
    """Category, subcategory and condition of a label; an unclear one has none and gets no row."""
    if group is None or unclear or group.path[0] == UNCLEAR:
        return ("", "", "")
    return (group.path[0], group.path[1] if len(group.path) > 1 else "", group.condition)


def _too_full(rows: Iterable[Row], names: Sequence[str]) -> Iterator[str]:
    """Check 8, by the columns that go out: photos that are one quadrat there, with the sum of its cover."""
    photos: dict[Event, dict[int, int]] = {}
    for number, event, _, parts in rows:
        of_event = photos.setdefault(event, {})
        of_event[number] = of_event.get(number, 0) + parts
    shared = [of_event for of_event in photos.values() if len(of_event) > 1]
    if shared:
        most = max(shared, key=lambda of_event: sum(of_event.values()))
        sharing = [names[number] for number in most]
        yield (
            f"{sum(map(len, shared))} photos are {len(shared)} quadrat{'' if len(shared) == 1 else 's'} by GCRMN's "
            f"columns, where a photo is one: nothing tells apart {whose(sharing, 0)}, whose cover sums up to "
            f"{figure(sum(most.values()) / _PARTS)} % (check 8; --field eventID=FIELD, or a field of the depth)"
        )


def _parts(rows: Iterable[Row]) -> Iterator[bytes]:
    yield TABLE.lines([COLUMNS])
    for _, event, kind, parts in rows:
        yield TABLE.lines([(*event, *kind, *_TAXA, repr(parts / _PARTS))])
