"""The paragraph for a paper, and what to cite. Pure: what was done in, sentences out.

Rule: every sentence follows from the plan and the cover at hand; what is not known is not said. What must be known
before the numbers are believed comes first: nobody shall paste those of a drawn reef by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from coralrun.estimates.units import drawn_from
from coralrun.planning.model import Plan
from coralrun.report import formulas
from coralrun.report.facts import classifier_words, design_words
from coralrun.report.model import Cover, Review, Totals, TwoPhase
from coralrun.report.words import lost
from coralrun.spec.model import IMAGE, Chosen, Design
from coralrun.values.phrases import count, plural, share_list

BELL_2002 = (
    "Bell RM, McCaffrey DF (2002) Bias reduction in standard errors for linear regression with multi-stage samples. "
    "Survey Methodology 28(2): 169\N{EN DASH}181."
)
CLOPPER_1934 = (
    "Clopper CJ, Pearson ES (1934) The use of confidence or fiducial limits illustrated in the case of the binomial. "
    "Biometrika 26: 404\N{EN DASH}413."
)
COCHRAN_1977 = "Cochran WG (1977) Sampling Techniques, 3rd edition. Wiley, New York."
SARNDAL_1992 = (
    "S\N{LATIN SMALL LETTER A WITH DIAERESIS}rndal C-E, Swensson B, Wretman J (1992) Model Assisted Survey Sampling. "
    "Springer, New York."
)
OLOFSSON_2014 = (
    "Olofsson P, Foody GM, Herold M, Stehman SV, Woodcock CE, Wulder MA (2014) Good practices for estimating area and "
    "assessing accuracy of land change. Remote Sensing of Environment 148: 42\N{EN DASH}57."
)
KISH_1965 = "Kish L (1965) Survey Sampling. Wiley, New York."
KORN_1998 = (
    "Korn EL, Graubard BI (1998) Confidence intervals for proportions with small expected number of positive counts "
    "estimated from survey data. Survey Methodology 24(2): 193\N{EN DASH}201."
)


def methods(
    plan: Plan,
    version: str,
    totals: Totals,
    cover: Cover | None,
    review: Review | None,
    *,
    labelled_by: str = "",
    two_phase: TwoPhase | None = None,
    caution: str = "",
) -> str:
    """The methods as one paragraph, after what must be known before a number is believed (`caution`).

    `labelled_by` is who labelled where people did.
    """
    said = _sentences(plan, version, totals, cover, review, labelled_by, two_phase)
    return " ".join([*([f"({caution})"] if caution else []), *said])


def _sentences(
    plan: Plan,
    version: str,
    totals: Totals,
    cover: Cover | None,
    review: Review | None,
    labelled_by: str,
    two_phase: TwoPhase | None,
) -> Iterator[str]:
    dropped = 0 if cover is None else cover.photos_dropped
    photographs = count(totals.succeeded - dropped, "photograph")
    yield f"Benthic cover was estimated from {photographs}{_missing(totals, dropped)}."
    if labelled_by:
        yield f"{count(totals.predicted, 'point')} on them were labelled by people: {labelled_by}."
        yield f"Cover was worked out by coralrun {version}."
    else:
        yield from _classified(plan, version, totals)
    yield from _fates(plan)
    if cover is not None:
        yield from _reckoning(plan, cover)
    yield from _errors(plan, cover, review, labelled_by)
    if review is not None and review.agreed == review.agreed:
        yield (
            "How often people and classifier agree was estimated of the survey's points, weighed as cover and by the "
            "probabilities of the audit (overall accuracy; Olofsson and others 2014)."
        )
    if two_phase is not None:
        yield _drawn_by_class(two_phase)
    if two_phase is not None and drawn_from(plan.analysis.design):
        yield "Intervals of these two-phase estimates have no finite population correction."


def _missing(totals: Totals, dropped: int) -> str:
    """What became of the other photos; of those with predictions that were `dropped`, a note says why."""
    said = f"{lost(totals)} of {totals.images:,}" if lost(totals) else ""
    if dropped and said:
        said += f", and {dropped:,} with labels {'was' if dropped == 1 else 'were'} left out"
    elif dropped:
        said = f"{dropped:,} of {totals.images:,} left out"
    return f" ({said})" if said else ""


def _classified(plan: Plan, version: str, totals: Totals) -> Iterator[str]:
    """Where the points were, and what labelled them."""
    yield f"Points were laid {_laid(plan)}, {count(totals.predicted, 'point')} in all."
    if plan.revisits:
        yield "Taking the points of an earlier run again is valid only for photographs of the same frame."
    classifier = "" if plan.about.untold else f" with classifier {classifier_words(plan)}"
    yield (
        f"Each point was labelled by {plan.about.labelled_by}{classifier}, by way of coralrun {version}; its label is "
        "the one with the highest score."
    )
    if plan.about.untold:
        yield f"{plan.about.untold} That is classifier {classifier_words(plan)}."


def _drawn_by_class(two_phase: TwoPhase) -> str:
    return (
        f"People labelled {count(two_phase.points, 'point')} that were drawn at random within each class that the "
        f"classifier gave ({two_phase.level}); cover corrected by them, and the classifier's bias, are two-phase "
        "estimates with these classes as strata (Särndal and others 1992, chapter 9; Olofsson and others 2014)."
    )


def _errors(plan: Plan, cover: Cover | None, review: Review | None, labelled_by: str) -> Iterator[str]:
    """Whose errors the labels have, and what is made of them."""
    if review is not None and review.is_correcting:
        yield (
            f"Cover was corrected with the labels that people gave to {count(review.points, 'point')} on "
            f"{count(review.photos, 'photo')} drawn at random: to the mean of the classifier's cover over all units is "
            "added the mean difference between people and classifier over the reviewed ones (difference estimator; "
            f"Särndal and others 1992). {formulas.corrected_error(plan)}"
        )
        if review.apart:
            yield (
                f"{review.apart} between the draws of these: within each unit they and the other images were estimated "
                "apart, each part by its own reviewed points and weighing all points that it has (post-stratification; "
                "Cochran 1977, section 5A.9)."
            )
        if review.in_sample:
            yield "The classifier may have been trained on these photos."
    elif labelled_by:
        yield from ["The intervals do not hold errors of labelling."] if _bounded(cover) else []
    else:
        yield "The labels are a machine's" + (", and the intervals do not hold its errors." if _bounded(cover) else ".")


def _laid(plan: Plan) -> str:
    if plan.revisits:
        return f"where the run {plan.revisits} had them"
    if plan.design is None:
        return "as a table of points says"
    return f"by coralrun ({design_words(plan)})"


def _fates(plan: Plan) -> Iterator[str]:
    cover, groups = plan.analysis.cover, plan.analysis.groups
    if cover.min_confidence is not None:
        yield f"Points whose best score was below {cover.min_confidence:g} were kept as unassigned."
    if groups is not None:
        yield f"Labels were put into groups by {groups.title}{f' ({groups.date})' if groups.date else ''}."
    if cover.unusable:
        yield f"Points labelled {share_list(cover.unusable)} show no reef and were left out of the denominator."
    if cover.min_usable_points:
        yield f"Photographs with less than {100 * cover.min_usable_points:g} % usable points were left out."


def _reckoning(plan: Plan, cover: Cover) -> Iterator[str]:
    design = plan.analysis.design
    if design.unit is None:
        yield "Cover is given without intervals, because no sampling unit was named."
        return
    if design.unit == IMAGE:
        yield "Each photograph counts as a sampling unit of its own."
    else:
        units = plural(design.unit)
        weighed = f"{units} count the same, whatever their size"
        if plan.analysis.weighed_by is not None:
            weighed = f"{units} are weighed by their {plan.analysis.weighed_by}"
        elif cover.weighs_photos:
            by = plan.analysis.drawn_by
            hajek = "H\N{LATIN SMALL LETTER A WITH ACUTE}jek's estimator"
            weighed = f"{units} weigh as many photographs as theirs stand for, drawn by {by} ({hajek})"
        yield f"Usable points were pooled within each {design.unit}; {weighed}."
    yield _chosen(design)
    if cover.occasions:
        yield f"Cover was estimated for each {design.occasion} by itself, and none for all together."
    if cover.span:
        told = "no interval is given for all years together" if cover.across_years else "they were pooled"
        yield f"The photographs of one {design.unit} span up to {cover.span}; {told}."
    between = plural("photograph" if design.unit == IMAGE else design.unit)
    if design.strata_field is not None:
        areas = plan.analysis.areas
        weights = f"the areas of the strata{formulas.shares_of(areas)}" if areas else "equal weights"
        yield f"The means of the strata ({design.strata_field}) were combined with {weights}."
        if cover.missing:
            yield f"{cover.scope}."
    if _bounded(cover):
        of_all = formulas.population(plan, between) or "as if drawn with replacement (no finite population correction)"
        yield (
            f"Standard errors are those between {between} {of_all}, with {_degrees(plan, cover)}: "
            f"{formulas.standard_error(plan, cover)}."
        )
        yield formulas.interval()
        if any(estimate.unseen for estimate in cover.overall):
            unit = "photograph" if design.unit == IMAGE else design.unit
            yield f"What was not seen counts as one point for each {unit}."


def _chosen(design: Design) -> str:
    """How the units were chosen, and what the answer is therefore about."""
    units = "photographs" if design.unit in (None, IMAGE) else plural(str(design.unit))
    if design.chosen is Chosen.RANDOM:
        return f"The {units} were chosen at random."
    how = "by judgement" if design.chosen is Chosen.JUDGEMENT else "in a way that is not stated"
    return f"The {units} were chosen {how}: what is said is about these {units}, and need not hold for others."


def _degrees(plan: Plan, cover: Cover) -> str:
    """The degrees of freedom, in words."""
    if plan.analysis.design.strata_field is None:
        if plan.analysis.weighed_by is None and not cover.weighs_photos:
            return "as many degrees of freedom as these less one"
        return "Satterthwaite's degrees of freedom for unequal weights (Bell and McCaffrey 2002)"
    return (
        "Satterthwaite's degrees of freedom (Cochran 1977, equation 5.16; the smaller of those by class and by design)"
    )


def citations(
    plan: Plan, version: str, cover: Cover | None, review: Review | None, two_phase: TwoPhase | None = None
) -> Iterator[str]:
    """What to cite, as references."""
    yield f"The coralrun authors. coralrun, version {version} [software]."
    about, source = plan.about, plan.classifier.source
    if about.caution and not about.is_until_audit:
        return
    yield from about.works
    if source is not None:
        whose = f"The people whose labels trained classifier {plan.classifier.id}: {about.name} source {source}"
        yield f"{whose}, {about.page_of_source(source)}." if about.source_page else f"{whose}."
    if cover is not None and _bounded(cover):
        if plan.analysis.weighed_by is not None or cover.weighs_photos:
            yield BELL_2002
        yield CLOPPER_1934
        yield COCHRAN_1977
        yield KISH_1965
        yield KORN_1998
    if (review is not None and review.is_correcting) or two_phase is not None:
        yield SARNDAL_1992
    if review is not None or two_phase is not None:
        yield OLOFSSON_2014


def _bounded(cover: Cover | None) -> bool:
    """Whether there are intervals."""
    return cover is not None and any(each.high is not None for each in (*cover.overall, *cover.occasions))
