"""Label groups as a table: a row a label, with its id or its short code, and a column a level.

Rule: a label is known by its id, where the row has one, and else by its short code. The levels are the columns whose
headings are usual for one; without such, every further column that is no remark on the label. Which they are is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from coralrun.sources.lacking import found
from coralrun.sources.table import Problems, Table, Warn, read_table, unheard
from coralrun.spec.groups import Group, LabelGroups
from coralrun.values.numerals import whole
from coralrun.values.unknown import known

_COLUMNS = {
    "Label ID": ("label id", "id", "id coralnet", "coralnet id", "label number"),
    "Short Code": ("short code", "label code", "label short code", "default short code", "code", "label"),
    "Name": ("name", "label name"),
}
_LEVELS = re.compile(
    r"(functional |label |benthic )?(group|category|class|type)( \d)?"
    r"|(major|minor|main|broad|sub) ?(group|category|class)"
    r"|subcategory|subgroup|(level|tier) ?\d|(growth |life )?form|morphology|phylum|order|family|genus|species"
)
_REMARKS = re.compile(
    r".*\b(names?|comments?|notes?|remarks?|descriptions?|url|link|status|verified|popularity|count|default"
    r"|duplicate( of)?)"
)
_MOST_LEVELS = 4  # as in a group file (groups.v1.json)
_NO_WORD = re.compile(r"[^a-z0-9]+")


def read_groups(label: str, data: bytes, warn: Warn = unheard) -> LabelGroups:
    """The groups of a table; `label` is the file as the survey names it.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label, warn)
    table = read_table(problems, data, needed={}, optional=_COLUMNS)
    if not {"Label ID", "Short Code"} & table.columns.keys():
        message = "there is no column of labels: name it `Label ID` (the best) or `Short Code`"
        raise problems.refusal(1, f"{message}; {found(table.header)}")
    places = _levels_of(problems, table)
    labels: dict[int | str, int] = {}
    paths: dict[tuple[str, ...], list[int | str]] = {}
    for line, cells in table.rows:
        one = _label(problems, line, cells, table)
        path = _path(problems, line, cells, places, table)
        if one is None or not path:
            continue
        key = one.casefold() if isinstance(one, str) else one
        if key in labels:
            problems.add(line, f"the label `{one}` is already on line {labels[key]}: each label stands once")
            continue
        labels[key] = line
        paths.setdefault(path, []).append(one)
    problems.raise_if_any()
    if not labels:
        raise problems.refusal(0, "the table has no labels")
    levels = tuple(_level(table.header[place], number) for number, place in enumerate(places, start=1))
    if len(set(levels)) < len(levels):
        raise problems.refusal(1, f"two levels are called alike: {', '.join(levels)}")
    return LabelGroups(
        name=_NO_WORD.sub("-", PurePosixPath(label).stem.lower()).strip("-") or "groups",
        title=f"the table {PurePosixPath(label).name}",
        date="",
        source="a table of the survey",
        levels=levels,
        groups=tuple(_group(path, members) for path, members in paths.items()),
    )


def _levels_of(problems: Problems, table: Table) -> tuple[int, ...]:
    """Where the levels stand, in the order of the table, which is the coarsest first."""
    further = [place for place, name in enumerate(table.header) if name and place not in table.columns.values()]
    usual = [place for place in further if _LEVELS.fullmatch(_words(table.header[place]))]
    levels = usual or [place for place in further if not _REMARKS.fullmatch(_words(table.header[place]))]
    if not levels:
        message = "there is no column of groups: each further column is a level, such as `Functional Group`"
        raise problems.refusal(1, f"{message}; {found(table.header)}")
    named = _listed(table, levels)
    if len(levels) > _MOST_LEVELS:
        message = f"{len(levels)} columns are levels ({named}), and there may be {_MOST_LEVELS}: delete the others"
        raise problems.refusal(1, message)
    left_out = [place for place in further if place not in levels]
    if len(further) > 1:
        more = f", and not by {_listed(table, left_out)}" if left_out else ", the coarsest first"
        problems.warn(f"{problems.label}: labels are grouped by {named}{more}")
    return tuple(levels)


def _listed(table: Table, places: Sequence[int]) -> str:
    return ", ".join(f"`{table.header[place]}`" for place in places)


def _label(problems: Problems, line: int, cells: Sequence[str], table: Table) -> int | str | None:
    """A row's label by its id or else its code; None, with the problem noted, where there is neither."""
    columns = table.columns
    number = known(cells[columns["Label ID"]]) if "Label ID" in columns else ""
    code = cells[columns["Short Code"]] if "Short Code" in columns else ""
    if number:
        label = whole(number)
        if not label:
            problems.add(line, f"the label id `{number[:20]}` is not a whole number from 1")
        return label or None
    if not code:
        problems.add(line, "there is no label: it needs an id or a short code")
    return code or None


def _path(problems: Problems, line: int, cells: Sequence[str], places: Sequence[int], table: Table) -> tuple[str, ...]:
    """A row's group, a name a level; it may end before the last level, and has no gap."""
    names = [known(cells[place]) for place in places]
    filled = sum(bool(name) for name in names)
    if not filled or not all(names[:filled]):
        gap = next(place for place, name in zip(places, names, strict=True) if not name)
        problems.add(line, f"the group is not known: `{table.header[gap]}` is empty")
        return ()
    return tuple(names[:filled])


def _group(path: tuple[str, ...], members: Sequence[int | str]) -> Group:
    return Group(
        path=path,
        labels=tuple(label for label in members if isinstance(label, int)),
        codes=tuple(label for label in members if isinstance(label, str)),
    )


def _words(heading: str) -> str:
    return " ".join(_NO_WORD.sub(" ", heading.lower()).split())


def _level(heading: str, number: int) -> str:
    """A level's name as a column of results has it."""
    name = _NO_WORD.sub("_", heading.lower()).strip("_")[:40]
    return name if name[:1].isalpha() and name != "label" else f"level_{number}"
