"""What the numbers of a table were worked out by, as formulas in words: with these, the means of the units and the
shares of the strata, anybody can work the table out again.

Rule: as in `methods`. The letters stand for the same throughout: p a share, n units of N, W the share of a stratum in
the area, c that of a unit in the mean of its stratum, SE the standard error. A test works a table out by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coralrun.estimates.units import drawn_from
from coralrun.planning.model import Plan
from coralrun.report.model import Cover
from coralrun.spec.model import IMAGE
from coralrun.values.phrases import plural, share_list

_MINUS: Final = "\N{MINUS SIGN}"
_TWO: Final = "\N{SUPERSCRIPT TWO}"
_MOST_STRATA: Final = 8


def shares_of(areas: Mapping[str, float]) -> str:
    """The share of each stratum in brackets, where they are few enough to be read."""
    if len(areas) > _MOST_STRATA:
        return ""
    total = sum(areas.values())
    return f" ({share_list(tuple(f'{name} {100 * area / total:.6g} %' for name, area in areas.items()))})"


def standard_error(plan: Plan, cover: Cover) -> str:
    """How it follows from the shares of the units."""
    design = plan.analysis.design
    unit = "photograph" if design.unit == IMAGE else str(design.unit)
    units = plural(unit)
    is_weighed = plan.analysis.weighed_by is not None or cover.weighs_photos
    each = "" if is_weighed else " (1 / n)"
    if cover.is_crossed or (design.strata_field is not None and is_weighed):
        one = f"a {unit} that lies in several strata is one unit, and " if cover.is_crossed else ""
        return (
            f"{one}SE{_TWO} is the sum over {units} of the square of what each adds, which is the sum over its strata "
            f"of the root of n / (n {_MINUS} 1) times W c (p {_MINUS} the mean of the stratum), with n {units} there, "
            f"W the stratum's share and c that of the {unit} in the mean of the stratum{each}"
        )
    if design.strata_field is not None:
        return (
            f"SE{_TWO} is the sum over the strata of W{_TWO} s{_TWO} / n, W being the stratum's share and s the "
            f"standard deviation between its n {units}"
        )
    if is_weighed:
        return (
            f"SE{_TWO} is n / (n {_MINUS} 1) times the sum of (c (p {_MINUS} the mean)){_TWO}, c being the share of "
            f"each of the n {units} in the mean"
        )
    return f"SE is s / \N{SQUARE ROOT}n, s being the standard deviation between the n {units}"


def population(plan: Plan, between: str) -> str:
    """What units were drawn from, "" for few of very many; `between` is their name."""
    in_all = drawn_from(plan.analysis.design)
    if not in_all:
        return ""
    return (
        f"drawn from {in_all} in all, photographs being a second stage (Cochran 1977, chapter 10): SE{_TWO} is "
        f"1 {_MINUS} f times what follows, and f times the sum of (W c){_TWO} v, f being the share of the {between} "
        f"that were drawn and v the variance of one's own p between its photographs"
    )


def interval() -> str:
    """How limits follow from a share and its standard error."""
    return (
        f"Intervals are two-sided 95 % Korn\N{EN DASH}Graubard intervals: Clopper and Pearson's exact limits for so "
        f"many independent points as p (1 {_MINUS} p) / SE{_TWO}, times the square of the ratio of Student's 97.5 % "
        "quantiles for Kish's effective number of points less one and for these degrees of freedom, and for at most "
        "that number of points."
    )


def corrected_error(plan: Plan) -> str:
    """The same of corrected cover, and what its interval holds beside it."""
    both = f"(s{_TWO}(m) + 2 s(m, d) + s{_TWO}(d)) / N"
    rest = f"(1 / n {_MINUS} 1 / N) s{_TWO}(d)"
    error = f"{both} + {rest}"
    if drawn_from(plan.analysis.design):
        error = (
            f"(1 {_MINUS} f) {both} + {rest}, and f times the variance between the reviewed photographs of each unit"
        )
    return (
        f"With m the classifier's cover and d that difference, its SE{_TWO} is {error}, in each stratum of N units of "
        "which n are reviewed, and intervals are made as those of cover; a kind of error that the audit did not meet "
        "counts as one point for each reviewed unit that has the class."
    )
