"""The paragraph for a paper: what was done, and nothing that was not."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.report.samples import cover, estimate, totals, whole
from tests.unit.results.stories import plan_of

from coralrun.planning.model import Analysis, Classifier
from coralrun.report import methods
from coralrun.report.facts import classifier_words, design_words
from coralrun.report.model import Cover, TwoPhase
from coralrun.services import about_of
from coralrun.spec.model import PRODUCTION, Chosen, CoverOptions, Design
from coralrun.spec.point_design import AnnotationArea, Method, PointDesign

REAL = replace(
    plan_of(30),
    service=PRODUCTION,
    about=about_of(PRODUCTION),
    classifier=Classifier(id="41004", source=3420, accuracy=88, date="Jan. 2, 2026", images=1200),
    analysis=Analysis(
        design=Design(unit="site", levels=("site", "image"), strata_field="habitat"),
        cover=CoverOptions(unusable=("SHAD", "TAPE"), min_usable_points=0.8, min_confidence=0.5),
    ),
)


def test_the_methods_say_what_was_done() -> None:
    said = methods.methods(REAL, "9.9", totals(failed=2), cover(), None)
    for part in (
        "estimated from 30 photographs (2 photos failed of 32)",
        "laid by coralrun (simple random, 2 an image, seed 0), 300 points in all",
        "by CoralNet with classifier 41004 of source 3420, trained Jan. 2, 2026 on 1,200 images; accuracy 88 %",
        "coralrun 9.9",
        "below 0.5 were kept as unassigned",
        "Points labelled SHAD and TAPE show no reef and were left out",
        "less than 80 % usable points were left out",
        "pooled within each site; sites count the same, whatever their size.",
        "The means of the strata (habitat) were combined with equal weights.",
        "Standard errors are those between sites as if drawn with replacement (no finite population correction), with "
        "Satterthwaite's degrees of freedom",
        "two-sided 95 % Korn\N{EN DASH}Graubard intervals: Clopper and Pearson's exact limits for so many independent",
        "quantiles for Kish's effective number of points less one",
        "the intervals do not hold its errors",
    ):
        assert part in said, part


def test_methods_count_the_photos_that_cover_rests_on() -> None:
    def first(failed: int, dropped: int) -> str:
        said = methods.methods(REAL, "9.9", totals(failed), replace(cover(), photos_dropped=dropped), None)
        return said.partition(". ")[0]

    assert first(2, 3).endswith("from 27 photographs (2 photos failed of 32, and 3 with labels were left out)")
    assert first(0, 1).endswith("from 29 photographs (1 of 30 left out)")
    assert first(0, 0).endswith("from 30 photographs")


def test_methods_name_no_classifier_of_each_point_where_the_service_does_not() -> None:
    about = replace(
        REAL.about, untold="Source 3420 labelled them, and when the run was planned, it used classifier 41004."
    )
    said = methods.methods(replace(REAL, about=about), "9.9", totals(), cover(), None)
    assert "Each point was labelled by CoralNet, by way of coralrun 9.9; its label" in said
    assert f"{about.untold} That is classifier 41004 of source 3420, trained Jan. 2, 2026" in said


def test_the_methods_say_when_units_weigh_the_photos_that_theirs_stand_for() -> None:
    drawn = replace(REAL, analysis=Analysis(design=Design(unit="transect"), drawn_by="site"))
    said = methods.methods(drawn, "9.9", totals(), replace(cover(), weighs_photos=True), None)
    assert "transects weigh as many photographs as theirs stand for, drawn by site (H\xe1jek's estimator)" in said
    assert "with Satterthwaite's degrees of freedom for unequal weights (Bell and McCaffrey 2002)" in said
    assert methods.BELL_2002 in methods.citations(drawn, "9.9", replace(cover(), weighs_photos=True), None)


def test_the_methods_speak_of_these_units_alone_unless_they_were_chosen_at_random() -> None:
    for chosen, said in (
        (Chosen.RANDOM, "The sites were chosen at random. "),
        (Chosen.JUDGEMENT, "The sites were chosen by judgement: what is said is about these sites"),
        (None, "The sites were chosen in a way that is not stated: what is said is about these sites"),
    ):
        plan = replace(REAL, analysis=Analysis(design=Design(unit="site", weights="area", chosen=chosen)))
        paragraph = methods.methods(plan, "9.9", totals(), cover(), None)
        assert said in paragraph
        assert "sites are weighed by their area" in paragraph


def test_the_methods_say_of_how_many_units_those_here_were_drawn() -> None:
    for in_all, said in ((44, "44 sites"), ({"reef": 20, "slope": 24}, "20 in reef and 24 in slope (sites)")):
        design = Design(unit="site", chosen=Chosen.RANDOM, units_in_all=in_all)
        paragraph = methods.methods(replace(REAL, analysis=Analysis(design=design)), "9.9", totals(), cover(), None)
        assert f"those between sites drawn from {said} in all, photographs being a second stage" in paragraph
        assert "no finite population" not in paragraph


def test_the_methods_name_the_days_that_photos_of_one_unit_span() -> None:
    spanning = replace(cover(), span="812 days (2008-05-01 to 2010-07-22)")
    for across_years, told in (("", "they were pooled"), ("Why", "no interval is given for all years together")):
        said = methods.methods(REAL, "9.9", totals(), replace(spanning, across_years=across_years), None)
        assert f"of one site span up to 812 days (2008-05-01 to 2010-07-22); {told}." in said


def test_the_methods_promise_no_interval_where_there_is_none() -> None:
    bare = Cover(by="label", overall=(estimate("Sand", 0.5, bounded=False),))
    said = methods.methods(replace(REAL, analysis=Analysis()), "9.9", totals(), bare, None)
    assert "without intervals, because no sampling unit was named" in said
    assert "Graubard" not in said
    assert said.endswith("The labels are a machine's.")


def test_the_methods_say_what_part_of_the_area_cover_is_of() -> None:
    part = replace(cover(), scope="No photo is used in stratum `reef`, 90 % of the area", missing=("reef",))
    said = methods.methods(REAL, "9.9", totals(), part, None)
    assert "with equal weights. No photo is used in stratum `reef`, 90 % of the area." in said


def test_a_review_is_named_instead_of_the_machines_errors() -> None:
    said = methods.methods(REAL, "9.9", totals(), cover(), whole().review)
    assert "corrected with the labels that people gave to 600 points on 60 photos" in said
    assert "machine" not in said
    assert "unbiased" not in said


def test_images_that_came_between_two_draws_are_told_to_be_estimated_apart() -> None:
    review = whole().review
    assert review is not None
    apart = replace(review, apart="20 images came, had points moved or succeeded")
    at_once, in_parts = (methods.methods(REAL, "9.9", totals(), cover(), one) for one in (review, apart))
    assert "20 images came, had points moved or succeeded between the draws of these: within each unit" in in_parts
    assert "between the draws" not in at_once


def test_a_drawn_reef_is_called_one_and_nobody_is_cited_for_it_but_coralrun() -> None:
    drawn = plan_of(3)
    said = methods.methods(drawn, "9.9", totals(), cover(), None, caution=drawn.about.caution)
    assert said.startswith("(NOT REAL: ")
    assert len(list(methods.citations(drawn, "9.9", cover(), None))) == 1


def test_what_to_cite_follows_from_what_was_used() -> None:
    cited = list(methods.citations(REAL, "9.9", cover(), whole().review))
    assert {methods.KORN_1998, methods.KISH_1965, methods.COCHRAN_1977, methods.SARNDAL_1992} <= set(cited)
    assert any("source 3420, https://coralnet.ucsd.edu/source/3420/" in citation for citation in cited)
    bare = Cover(by="label", overall=(estimate("Sand", 0.5, bounded=False),))
    assert not {methods.KORN_1998, methods.SARNDAL_1992} & set(methods.citations(REAL, "9.9", bare, None))


def test_a_point_design_is_said_in_coralnets_words() -> None:
    area = AnnotationArea(x=(5, 95), y=(5, 95))
    stratified = PointDesign(
        method=Method.STRATIFIED_RANDOM, cell_rows=5, cell_columns=10, points_per_cell=2, annotation_area=area, seed=42
    )
    assert design_words(replace(REAL, design=stratified)) == (
        "stratified random, 5 x 10 cells of 2 points, within x 5 to 95 %, y 5 to 95 %, seed 42"
    )
    grid = PointDesign(method=Method.UNIFORM_GRID, cell_rows=3, cell_columns=4)
    assert design_words(replace(REAL, design=grid)) == "uniform grid, 3 x 4 cells"
    assert design_words(replace(REAL, design=None)) == "from a table of points"


def test_earlier_points_are_said_to_be_valid_for_the_same_frame_alone() -> None:
    revisiting = replace(REAL, design=None, revisits="runs/2023")
    assert design_words(revisiting) == "those of the run runs/2023"
    assert (
        "Points were laid where the run runs/2023 had them, 300 points in all. Taking the points of an earlier run "
        "again is valid only for photographs of the same frame. "
    ) in methods.methods(revisiting, "9.9", totals(), cover(), None)


def test_a_classifier_of_which_nothing_is_known_is_its_number() -> None:
    assert classifier_words(replace(REAL, classifier=Classifier(id="5"))) == "5"


def test_an_audit_by_class_is_told_with_what_it_cites() -> None:
    audit = TwoPhase(level="category", points=400, groups=())
    said = methods.methods(REAL, "9.9", totals(), cover(), None, two_phase=audit)
    assert "People labelled 400 points that were drawn at random within each class that the classifier gave" in said
    cited = list(methods.citations(REAL, "9.9", cover(), None, audit))
    assert cited[-2:] == [methods.SARNDAL_1992, methods.OLOFSSON_2014]


def test_two_phase_intervals_are_told_to_have_no_finite_population_correction() -> None:
    design = Design(unit="site", chosen=Chosen.RANDOM, units_in_all=44)
    plan = replace(REAL, analysis=Analysis(design=design))
    audit = TwoPhase(level="category", points=400, groups=())
    said = methods.methods(plan, "9.9", totals(), cover(), None, two_phase=audit)
    assert said.endswith("Intervals of these two-phase estimates have no finite population correction.")
    assert "no finite population" not in methods.methods(plan, "9.9", totals(), cover(), whole().review)
