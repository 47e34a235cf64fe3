"""The rows of cover of any sets of images.

Rule: see `reader`. A row stands for one class of one grouping in one set, whether the class was seen there or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coralrun.cover.estimate import NO_UNIT, Estimate, Units, estimate, only_means, without_interval
from coralrun.estimates.placed import Domains, Numbers, Whole
from coralrun.estimates.sample import Fate, Sampled
from coralrun.estimates.scope import Scope, with_scope
from coralrun.estimates.two_stages import Drawn
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import Classes, Grouping

COVER_COLUMNS: Final = (
    "grouping", "group", "label_id", "mean", "se", "df", "lo", "hi", "method",
    "unassigned", "mean_with_unassigned", "coralnet_all_images",
    "images_planned", "images_used", "images_failed", "images_dropped", "images_pending",
    "units", "points_usable", "points_unusable", "points_seen", "area_weight", "weighting",
)  # fmt: skip
"""The columns of every frame of cover, behind those that name its rows.

`grouping` is `label` or a level of the groups, `group` the class. `mean`, its `se` and the 95 % limits `lo` and `hi`
are percent of usable points; `method` says how, or why there is no interval. `unassigned` is the percent of usable
points whose best score is too low, and `mean_with_unassigned` what `mean` would be were they all of this class.
`coralnet_all_images` is CoralNet's ALL IMAGES: the unweighted mean over images of the percent of all points,
each by its best label whatever its score.
`area_weight` is the share of the area that the row stands for, `weighting` what weighted the strata; where strata are
missing from a row, its `method` ends with what it is of (see `estimates.scope`).
"""

_UNASSIGNED: Final = 1
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class _Cells:
    """Pooled points of every unit in every stratum in every domain, in this order."""

    domain: Whole
    stratum: Whole
    unit: Whole
    weighted: Numbers  # sum of weight * usable points
    worth: Numbers  # what these points are worth (Kish)
    weight: Numbers  # of the cell in its stratum
    photos: Whole  # how many it has
    of_image: Whole  # the cell of each image; -1 for one that is not used


def _cells(sample: Sampled, domains: Domains) -> _Cells:
    used = np.flatnonzero(sample.used)
    unit = sample.unit if sample.unit_fields is not None else np.zeros_like(sample.unit)
    keys = np.stack([domains.of_image[used], sample.stratum[used], unit[used]], axis=1)
    found, place = np.unique(keys, axis=0, return_inverse=True)
    place = place.reshape(-1)
    of_image = np.full(len(sample.used), -1, np.int64)
    of_image[used] = place
    n, w = sample.usable[used], sample.weight[used]
    weighted = _summed(place, w * n, len(found))
    return _Cells(
        domain=found[:, 0],
        stratum=found[:, 1],
        unit=found[:, 2],
        weighted=weighted,
        worth=weighted**2 / _summed(place, w * w * n, len(found)),
        weight=sample.unit_weights(used, place, len(found)),
        photos=np.bincount(place, minlength=len(found)).astype(np.int64),
        of_image=of_image,
    )


def _summed(place: Whole, values: Numbers, length: int) -> Numbers:
    return np.asarray(np.bincount(place, values, length), float)


def rows_of(sample: Sampled, classes: Classes, counts: LabelCounts, domains: Domains) -> pd.DataFrame:
    """The rows of cover of every domain, by every grouping."""
    cells = _cells(sample, domains)
    common = _common(sample, domains)
    first = np.searchsorted(cells.domain, np.arange(len(domains.values) + 1))
    scopes = _scopes(sample, cells, domains)
    reasons = sample.why_no_intervals(domains)
    common["units"] = _units(sample, cells, len(domains.values))
    frames = []
    for grouping in classes.groupings:
        shares = _shares(sample, cells, counts, grouping)
        within = None if sample.in_all is None else _within(sample, cells, counts, grouping, shares)
        found = [
            _estimated(sample, cells, shares, within, slice(start, end), int(points), why)
            for start, end, points, why in zip(first[:-1], first[1:], common["points_usable"], reasons, strict=True)
        ]
        columns = _columns(grouping, found)
        columns["method"] = [
            with_scope(words, scope)
            for (estimate_, _), scope in zip(found, scopes, strict=True)
            for words in estimate_.method[: len(grouping.names)]
        ]
        columns["points_seen"] = _seen(sample, counts, grouping, domains).ravel()
        columns["coralnet_all_images"] = _PERCENT * _coralnet(counts, grouping, domains).ravel()
        columns["weighting"] = sample.weighting
        columns |= {name: np.repeat(values, len(grouping.names)) for name, values in common.items()}
        names = {
            field: np.repeat(np.array([value[place] for value in domains.values], object), len(grouping.names))
            for place, field in enumerate(domains.fields)
        }
        frames.append(pd.DataFrame({**names, **{name: columns[name] for name in COVER_COLUMNS}}))
    rows = np.arange(len(domains.values))
    order = np.concatenate([np.repeat(rows, len(grouping.names)) for grouping in classes.groupings])
    return pd.concat(frames).iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _units(sample: Sampled, cells: _Cells, n: int) -> Whole:
    """How many units each domain has, each counted once however many strata it lies in."""
    if sample.unit_fields is None:
        return np.zeros(n, np.int64)
    pairs = np.unique(np.stack([cells.domain, cells.unit], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=n).astype(np.int64)


def _scopes(sample: Sampled, cells: _Cells, domains: Domains) -> list[Scope | None]:
    """Of what each domain is. The whole survey, or all of a visit, should stand for all strata; by other fields it is
    those in which the domain has planned images.
    """
    if not domains.fields:
        return [sample.scope]
    wanted: list[list[int]] = [[] for _ in domains.values]
    for domain, stratum in np.unique(np.stack([domains.of_image, sample.stratum], axis=1), axis=0).tolist():
        wanted[domain].append(stratum)
    if domains.fields == (sample.occasion,):
        wanted = [list(range(len(sample.strata)))] * len(wanted)
    used: list[list[int]] = [[] for _ in domains.values]
    for domain, stratum in np.unique(np.stack([cells.domain, cells.stratum], axis=1), axis=0).tolist():
        used[domain].append(stratum)
    return [sample.scope_in(mine, seen) for mine, seen in zip(wanted, used, strict=True)]


def _columns(grouping: Grouping, found: list[tuple[Estimate, float]]) -> dict[str, Any]:
    """What the estimates of all domains say, as columns: domain by domain, class by class."""
    n = len(grouping.names)
    mean = np.stack([estimated.mean for estimated, _ in found])
    unassigned = np.repeat(mean[:, n], n)
    return {
        "grouping": grouping.name,
        "group": list(grouping.names) * len(found),
        "label_id": pd.array(list(grouping.label_ids) * len(found), dtype="Int64"),
        "mean": _PERCENT * mean[:, :n].ravel(),
        "se": _PERCENT * np.concatenate([estimated.se[:n] for estimated, _ in found]),
        "df": np.concatenate([estimated.df[:n] for estimated, _ in found]),
        "lo": _PERCENT * np.concatenate([estimated.lo[:n] for estimated, _ in found]),
        "hi": _PERCENT * np.concatenate([estimated.hi[:n] for estimated, _ in found]),
        "unassigned": _PERCENT * unassigned,
        "mean_with_unassigned": _PERCENT * (mean[:, :n].ravel() + unassigned),
        "area_weight": np.repeat([area for _, area in found], n),
    }


def _shares(sample: Sampled, cells: _Cells, counts: LabelCounts, grouping: Grouping) -> Numbers:
    """The share of each class in each cell; the last column is the share of unassigned points."""
    n = len(grouping.names)
    sums = np.zeros((len(cells.domain), n + _UNASSIGNED))
    kept = (cells.of_image[counts.image] >= 0) & (grouping.of_label[counts.label] >= 0) & (counts.points > 0)
    image, label = counts.image[kept], counts.label[kept]
    np.add.at(sums, (cells.of_image[image], grouping.of_label[label]), sample.weight[image] * counts.points[kept])
    used = np.flatnonzero(cells.of_image >= 0)
    np.add.at(sums[:, n], cells.of_image[used], sample.weight[used] * counts.unassigned[used])
    return np.asarray(sums / cells.weighted[:, None], float)


def _within(sample: Sampled, cells: _Cells, counts: LabelCounts, grouping: Grouping, shares: Numbers) -> Numbers:
    """The variance of each cell's shares between its photos, with the columns of `_shares`; 0 for a single photo."""
    n = len(grouping.names)
    used = np.flatnonzero(cells.of_image >= 0)
    size = sample.weight * sample.usable
    squares = np.zeros(len(cells.domain))
    np.add.at(squares, cells.of_image[used], size[used] ** 2)
    kept = (cells.of_image[counts.image] >= 0) & (grouping.of_label[counts.label] >= 0) & (counts.points > 0)
    lost = used[counts.unassigned[used] > 0]
    images, points = (
        np.concatenate(pair) for pair in ((counts.image[kept], lost), (counts.points[kept], counts.unassigned[lost]))
    )
    classes = np.concatenate([grouping.of_label[counts.label[kept]], np.full(len(lost), n)])
    known, place = np.unique(np.stack([images, classes]), axis=1, return_inverse=True)
    image, class_ = known
    seen = sample.weight[image] * _summed(place.reshape(-1), points.astype(float), known.shape[1])
    where = cells.of_image[image], class_
    of_seen, distance = np.zeros_like(shares), np.zeros_like(shares)
    np.add.at(of_seen, where, size[image] ** 2)
    np.add.at(distance, where, (seen - shares[where] * size[image]) ** 2)
    distance += shares**2 * (squares[:, None] - of_seen)  # of the photos without a point of the class
    m = cells.photos[:, None]
    return np.asarray(distance / cells.weighted[:, None] ** 2 * m / np.maximum(m - 1, 1), float)


def _seen(sample: Sampled, counts: LabelCounts, grouping: Grouping, domains: Domains) -> Whole:
    kept = sample.used[counts.image] & (grouping.of_label[counts.label] >= 0)
    seen = np.zeros((len(domains.values), len(grouping.names)), np.int64)
    place = (domains.of_image[counts.image[kept]], grouping.of_label[counts.label[kept]])
    np.add.at(seen, place, counts.points[kept])
    return seen


def _coralnet(counts: LabelCounts, grouping: Grouping, domains: Domains) -> Numbers:
    """CoralNet's own summary: the unweighted mean over all images with points, of shares of all their points.

    CoralNet knows no least confidence: every point counts for its best label.
    """
    kept = (grouping.of_label[counts.label] >= 0) & (counts.best > 0)
    sums = np.zeros((len(domains.values), len(grouping.names)))
    image = counts.image[kept]
    np.add.at(
        sums,
        (domains.of_image[image], grouping.of_label[counts.label[kept]]),
        counts.best[kept] / counts.total[image],
    )
    images = np.bincount(domains.of_image[counts.total > 0], minlength=len(domains.values))
    return np.asarray(np.where(images[:, None] > 0, sums / np.maximum(images, 1)[:, None], np.nan), float)


def _common(sample: Sampled, domains: Domains) -> dict[str, Whole]:
    """What all rows of a domain say, whatever the class."""
    n = len(domains.values)

    def count(mask: NDArray[np.bool_], of: Whole | None = None) -> Whole:
        return np.bincount(domains.of_image[mask], None if of is None else of[mask], n).astype(np.int64)

    everyone = np.ones(len(sample.fate), bool)
    return {
        "images_planned": count(everyone),
        "images_used": count(sample.used),
        "images_failed": count(sample.fate == Fate.FAILED),
        "images_dropped": count((sample.fate == Fate.TOO_FEW) | (sample.fate == Fate.NO_UNIT)),
        "images_pending": count(sample.fate == Fate.PENDING),
        "points_usable": count(sample.used, sample.usable),
        "points_unusable": count(sample.used, sample.unusable),
    }


def _estimated(
    sample: Sampled, cells: _Cells, shares: Numbers, within: Numbers | None, inside: slice, n_points: int, why: str
) -> tuple[Estimate, float]:
    """The estimate of a domain, and the share of the area that its strata have."""
    n_classes = shares.shape[1]
    present = np.unique(cells.stratum[inside])
    if len(present) == 0:
        return only_means(np.full((1, n_classes), np.nan), np.ones(1), "no interval: no image is used"), np.nan
    if sample.areas is None and len(present) > 1:
        return only_means(np.full((1, n_classes), np.nan), np.ones(1), f"no mean: {sample.weighting}"), np.nan
    areas = np.ones(len(sample.strata)) if sample.areas is None else sample.areas
    here = areas[present] / areas[present].sum()
    whole = float(areas[present].sum() / areas.sum()) if sample.areas is not None else np.nan
    if sample.unit_fields is None:
        return only_means(shares[inside], here, NO_UNIT), whole
    units = Units(
        number=cells.unit[inside],
        shares=shares[inside],
        points=cells.worth[inside],
        stratum=np.searchsorted(present, cells.stratum[inside]),
        weight=cells.weight[inside],
    )
    names = tuple(sample.strata[stratum] for stratum in present)
    drawn = None
    if sample.in_all is not None and within is not None:
        drawn = Drawn(sample.in_all[present], cells.photos[inside], within[inside])
    found = estimate(units, here, names, n_points, drawn)
    return without_interval(found.mean, why) if why else found, whole
