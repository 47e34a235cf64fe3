"""What became of a file of truth, and a comparison of two runs, as plain JSON values.

Rule: as in `judgement`: every record says whether it is in-sample. What is not known is null.
"""

from __future__ import annotations

from typing import Any

from coralrun.accuracy.beside import Difference
from coralrun.accuracy.bias import Bias
from coralrun.accuracy.judgement import JudgedBeside, Judgement
from coralrun.accuracy.own_figures import own_document
from coralrun.accuracy.rates import Rate


def beside_document(judged: JudgedBeside) -> dict[str, Any]:
    """The same as plain JSON values."""
    stamp = {"sample": judged.sample}
    return {
        **stamp,
        "run": judged.run,
        "other": judged.other,
        "points_of_both": judged.both,
        "points_of_run_alone": judged.run_alone,
        "points_of_other_alone": judged.other_alone,
        "groupings": [
            {
                "grouping": found.grouping,
                "points": found.points,
                "images": found.images,
                "weighting": found.weighting,
                "agreement": _difference(found.agreement, stamp),
                "cover": [_difference(each, stamp) for each in found.cover],
            }
            for found in judged.found
        ],
    }


def _difference(each: Difference, stamp: dict[str, str]) -> dict[str, Any]:
    return {
        "class": each.name, "people": _null(each.people), "run": _null(each.first), "other": _null(each.second),
        "difference": _null(each.difference), "se": _null(each.se), "lo": _null(each.lo), "hi": _null(each.hi),
        "units": each.units, "note": each.why, **stamp,
    }  # fmt: skip


def document(judgement: Judgement) -> dict[str, Any]:
    """The figures as plain JSON values, bias first and kappa last; every record says whether it is in-sample."""
    stamp = {"sample": judgement.sample}
    return {
        **stamp,
        "truth": judgement.file,
        "rows": judgement.rows,
        "matched": judgement.matched,
        "judged": judgement.judged,
        "unlabelled": judgement.unlabelled,
        "without_unit": judgement.without_unit,
        "audit_left": judgement.audit_left,
        "audit_of_other_units": judgement.other_units,
        "taken_as_peoples": judgement.taken_as_peoples,
        "machines_by_columns": list(judgement.machines_by),
        "left_out": {str(why): count for why, count in judgement.left_out.items()},
        "never_given": [{"label": code, "points": n, "meant": meant} for code, n, meant in judgement.never_given],
        "unmatched": [
            {"file": row.human.file, "line": row.human.line, "name": row.human.name, "why": row.why}
            for row in judgement.unmatched
        ],
        "names": list(judgement.names),
        "notes": list(judgement.notes),
        "images": [{**image._asdict(), **stamp} for image in judgement.images],
        "coralnet_accuracy_percent": judgement.coralnet,
        "coralnet_confusion": own_document(judgement.confusion),
        "unit": judgement.unit,
        "groupings": [
            {
                "grouping": grouping.grouping,
                "points": grouping.points,
                "images": grouping.images,
                "weighting": grouping.weighting,
                "cover": [_bias(b, stamp) for b in grouping.bias],
                "occasions": [
                    {"occasion": occasion, "cover": [_bias(b, stamp) for b in found], **stamp}
                    for occasion, found in grouping.by_occasion
                ],
                "units": [
                    {
                        "stratum": u.stratum, "unit": u.unit, "images": u.images, "points": u.points,
                        "agreement": _null(u.agreement), "class": u.name, "people": _null(u.human),
                        "machine": _null(u.machine), "bias": _null(u.bias), **stamp,
                    }
                    for u in grouping.by_unit
                ],
                "classes": [
                    {
                        "class": h.name, "people": h.human, "machine": h.machine, "both": h.both,
                        "recall": _rate(h.recall), "precision": _rate(h.precision), **stamp,
                    }
                    for h in grouping.hits
                ],
                "confusion": [
                    {
                        "people": people, "machine": machine, "points": cell.points, "share": _null(cell.share),
                        "lo": _null(cell.lo), "hi": _null(cell.hi), **stamp,
                    }
                    for (people, machine), cell in grouping.confusion.items()
                ],
                "note": grouping.why,
                "agreement": _null(grouping.agreement.share),
                "agreement_lo": _null(grouping.agreement.lo),
                "agreement_hi": _null(grouping.agreement.hi),
                "kappa": _null(grouping.kappa),
                **stamp,
            }
            for grouping in judgement.found
        ],
    }  # fmt: skip


def _bias(b: Bias, stamp: dict[str, str]) -> dict[str, Any]:
    return {
        "class": b.name, "people": _null(b.human), "machine": _null(b.machine), "bias": _null(b.bias),
        "se": _null(b.se), "lo": _null(b.lo), "hi": _null(b.hi), "units": b.units, "note": b.why, **stamp,
    }  # fmt: skip


def _rate(rate: Rate) -> dict[str, float | None]:
    return {name: _null(value) for name, value in rate._asdict().items()}


def _null(value: float) -> float | None:
    return None if value != value else value
