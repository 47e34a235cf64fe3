"""Accuracy as lines for people, bias of cover first, kappa last. Pure: records in, lines out."""

from __future__ import annotations

from collections.abc import Iterator

from coralrun.accuracy.agreement import Agreement
from coralrun.accuracy.beside import Difference
from coralrun.accuracy.bias import Bias
from coralrun.accuracy.by_unit import UnitBias
from coralrun.accuracy.judgement import IN_SAMPLE, JudgedBeside, Judgement, later_images, why_text
from coralrun.accuracy.measures import FEW_POINTS, Accuracy, Confused
from coralrun.accuracy.own_figures import own_lines
from coralrun.accuracy.rates import Rate
from coralrun.accuracy.training import is_on_trust, is_untold
from coralrun.files.written import Table
from coralrun.review.reach import GOOD_UNITS, few_units
from coralrun.values.phrases import count, figure, signed_figure

_SHOWN = 10
_UNITS = 3
_RATE = len("100.0% (100.0 to 100.0)")


def judgement_lines(run: str, found: Judgement) -> Iterator[str]:
    """The figures for people, bias of cover first, kappa last; every line with a figure has the stamp."""
    stamp = f"  {IN_SAMPLE}" if found.in_sample else ""
    yield f"{run} against {found.file}: {found.judged:,} of {found.rows:,} rows judge{stamp}"
    if found.taken_as_peoples:
        yield f"  {found.taken_as_peoples}"
    yield from (f"  {note}" for note in found.notes)
    for why, rows in found.left_out.items():
        yield f"  left out: {why_text(why, rows, found.machines_by)}"
    yield from _own_images(found)
    if found.unlabelled:
        yield f"  without a label: {found.unlabelled:,}"
    if found.without_unit:
        yield f"  on images whose unit or stratum is not known: {found.without_unit:,}"
    if found.audit_left:
        left, are = count(found.audit_left, "point"), "is" if found.audit_left == 1 else "are"
        yield f"  warning: {left} of the audit {are} not in it: an audit is random only as a whole"
    if found.other_units:
        yield f"  warning: the audit was drawn from other units ({found.other_units}): its probabilities are not theirs"
    if found.never_given:
        yield f"  warning: labels that the classifier never gave: {len(found.never_given):,}"
        for code, points, meant in found.never_given[:_SHOWN]:
            yield f"    `{code}`, {count(points, 'point')}{f': did you mean `{meant}`?' if meant else ''}"
        if len(found.never_given) > _SHOWN:
            yield f"    and {len(found.never_given) - _SHOWN:,} more"
        yield "    They stay, as classes of their own: where one is another name of a label, write that label's code"
    if found.unmatched:
        yield f"  not matched: {len(found.unmatched):,}"
        for row in found.unmatched[:_SHOWN]:
            yield f"    {row.human.place}: {row.human.name}: {row.why}"
        if len(found.unmatched) > _SHOWN:
            yield f"    and {len(found.unmatched) - _SHOWN:,} more"
    yield from (f"  names: {line}" for line in found.names)
    if found.in_sample:
        yield f"  {IN_SAMPLE}: the classifier may have been trained on these labels; expect it to do worse elsewhere"
    if untold := sum(map(is_untold, found.images)):
        what = f"whether the classifier was trained on {untold:,} of these images is not known"
        yield f"  warning: {what}: if it was, the figures are {IN_SAMPLE}, and too good (each image: --out, --json)"
    if found.coralnet is not None:
        yield f"  CoralNet's own figure: {found.coralnet} % of the points on a held-out part of the classifier's source"
    if found.confusion is not None:
        yield from own_lines(found.confusion)
    for grouping in found.found:
        yield ""
        yield from grouping_lines(grouping, found.unit, stamp)


def beside_lines(judged: JudgedBeside) -> Iterator[str]:
    """Two runs on the same points, for people; every line with a figure has the stamp."""
    stamp = f"  {IN_SAMPLE}" if judged.in_sample else ""
    yield f"{judged.run} beside {judged.other}: {count(judged.both, 'point')} judge both{stamp}"
    if judged.run_alone or judged.other_alone:
        alone = f"{judged.run_alone:,} that judge the first alone, {judged.other_alone:,} the second alone"
        yield f"  not compared: {alone}"
    for found in judged.found:
        images = count(found.images, "image")
        yield ""
        yield f"by {found.grouping}, {count(found.points, 'point')} on {images}; 95 % intervals in brackets, paired"
        yield f"  the first minus the second, in percentage points ({found.weighting}){_because(found.agreement.why)}"
        width = max([len(each.name) for each in found.cover] + [len("agreement")])
        yield f"    {'agreement':{width}}  {'':14}  {_difference_text(found.agreement)}{stamp}"
        for each in sorted(found.cover, key=lambda each: -each.people):
            yield f"    {each.name:{width}}  people {_share(each.people):>6}  {_difference_text(each)}{stamp}"
        yield from _few_units(found.agreement.units, found.agreement.lo)


def _few_units(units: int, limit: float) -> Iterator[str]:
    """Why limits are wide, where there are such limits."""
    if units < GOOD_UNITS and limit == limit:
        yield f"    {few_units(units)}"


def _difference_text(each: Difference) -> str:
    limits = "" if each.lo != each.lo else f" ({signed_figure(100 * each.lo)} to {signed_figure(100 * each.hi)})"
    shares = f"first {_share(each.first):>6}  second {_share(each.second):>6}"
    return f"{shares}  difference {_points(each.difference)}{limits}"


def _own_images(found: Judgement) -> Iterator[str]:
    """Which images of the classifier's own source may have trained it."""
    own = [image for image in found.images if image.source == f"coralnet:{found.own_source}"]
    if not own:
        return
    may = [image for image in own if image.may_have_trained]
    yield (
        f"  of {count(len(own), 'image')} of the classifier's own source, {len(may):,} may have trained it"
        f"{'' if found.in_sample or not may else ', and do not judge'} (each image: --out, --json)"
    )
    if absent := sum(map(is_on_trust, own)):
        yield f"    not in the table of annotations, and counted as not annotated: {count(absent, 'image')}"
        yield f"    (right if that table is of all images of source {found.own_source}, or of all of this run)"
    if any(not image.why.startswith("annotated") for image in may):
        yield f"    {later_images(found.own_source)}"


def units_lines(found: Judgement) -> Iterator[str]:
    """How the figures of each unit are had, where there are such."""
    if any(grouping.by_unit for grouping in found.found):
        yield f"the figures of each {found.unit}: --out FOLDER writes {Table.ACCURACY_UNITS.file}"


def grouping_lines(grouping: Accuracy, unit: str, stamp: str) -> Iterator[str]:
    """The figures of one grouping, between units of this kind."""
    images = count(grouping.images, "image")
    points = count(grouping.points, "point")
    yield f"by {grouping.grouping}, by the {points} on {images} that people labelled; 95 % intervals in brackets"
    width = max([len(bias.name) for bias in grouping.bias] + [len(hits.name) for hits in grouping.hits] + [5])
    over = f", mean over {count(grouping.bias[0].units, 'unit')} ({unit})" if grouping.bias and unit else ""
    reasons = {bias.why for bias in grouping.bias}
    shared = reasons.pop() if len(reasons) == 1 else ""
    yield f"  cover, machine minus people, in percentage points{over}{f' ({shared})' if shared else ''}"
    yield f"    ({grouping.weighting})"
    for bias in sorted(grouping.bias, key=lambda bias: -bias.human):
        yield f"    {bias.name:{width}}  {_bias_text(bias, '' if shared else bias.why)}{stamp}"
    for occasion, found in grouping.by_occasion:
        yield f"    on {occasion or 'an occasion that is not known'}"
        for bias in sorted(found, key=lambda bias: -bias.human):
            yield f"      {bias.name:{width}}  {_bias_text(bias, bias.why)}{stamp}"
    furthest = sorted((u for u in grouping.by_unit if u.bias), key=lambda u: (-abs(u.bias), u.unit, u.name))[:_UNITS]
    if len({(u.stratum, u.unit) for u in grouping.by_unit}) > 1 and furthest:
        named = ", ".join(f"{u.name} {_points(u.bias).strip()} at {_place(u)}" for u in furthest if u.bias == u.bias)
        yield f"    largest at single units: {named} (all of them: --out, --json){stamp}"
    if grouping.bias:
        yield from _few_units(grouping.bias[0].units, grouping.bias[0].lo)
    few = [f"{hits.name} ({hits.points})" for hits in grouping.hits if hits.points < FEW_POINTS]
    if few:
        yield f"    fewer than {FEW_POINTS} points of {', '.join(few)}: what is said of these is mostly chance"
    yield f"  single points: counts, and shares of the survey's points, weighed as the bias{_because(grouping.why)}"
    yield "    recall, or producer's accuracy: what the machine finds of people's"
    yield "    precision, or user's accuracy: what people confirm of the machine's"
    yield f"    {'':{width}}  {'people':>7} {'machine':>7} {'both':>7}  {'recall':<{_RATE}} precision"
    for hits in sorted(grouping.hits, key=lambda hits: -hits.human):
        counts = f"{hits.human:7,} {hits.machine:7,} {hits.both:7,}"
        rates = f"{_rate(hits.recall):<{_RATE}} {_rate(hits.precision)}"
        yield f"    {hits.name:{width}}  {counts}  {rates}{stamp}"
    confused = sorted(
        ((cell, *words) for words, cell in grouping.confusion.items() if words[0] != words[1]),
        key=lambda item: (-item[0].points, item[1:]),
    )
    if confused:
        yield "  most often confused: points, and their share of the survey's (the whole matrix: --out, --json)"
        for cell, people, machine in confused[:_SHOWN]:
            yield f"    {cell.points:,}  {people} as {machine}  {_limited(cell)}{stamp}"
    agreed = grouping.agreement
    yield f"  agreement (overall accuracy) {_limited(agreed)}, weighed as the bias{stamp}"
    yield f"  kappa {_number(grouping.kappa)}, of points, each the same{stamp}"


def _bias_text(bias: Bias, why: str) -> str:
    covers = f"people {_share(bias.human):>6}  machine {_share(bias.machine):>6}  bias {_points(bias.bias)}"
    if bias.why:
        return f"{covers} ({why})" if why else covers
    return f"{covers} ({signed_figure(100 * bias.lo)} to {signed_figure(100 * bias.hi)})"


def _place(found: UnitBias) -> str:
    return f"{found.unit} ({found.stratum})" if found.stratum else found.unit


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def _rate(rate: Rate) -> str:
    return f"{_share(rate.share):>6}{_limits(rate)}"


def _limited(found: Agreement | Confused) -> str:
    return f"{_share(found.share)}{_limits(found)}"


def _limits(found: Agreement | Confused | Rate) -> str:
    return "" if found.lo != found.lo else f" ({figure(100 * found.lo)} to {figure(100 * found.hi)})"


def _points(value: float) -> str:
    return "    -" if value != value else f"{signed_figure(100 * value):>5}"


def _share(value: float) -> str:
    return "-" if value != value else f"{figure(100 * value)}%"


def _number(value: float) -> str:
    return "not defined" if value != value else f"{value:.2f}"
