"""A report as HTML: everything is in it, nothing comes from outside, and no text does anything."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from tests.unit.report.samples import HOSTILE, cover, estimate, totals, whole

from coralrun.accuracy.own_figures import OwnLabel
from coralrun.report.model import ByClass, Compared, Cover, OwnFigures, Report, Review, TwoPhase
from coralrun.report.render import render


def page_of(report: Report) -> LexborHTMLParser:
    return LexborHTMLParser(render(report).decode())


def text_of(report: Report, selector: str = "body") -> str:
    page = page_of(report)
    for chart in page.css("svg"):
        chart.decompose()
    node = page.css_first(selector)
    assert node is not None
    return said_in(node)


def said_in(node: LexborNode) -> str:
    """The words in an element, as they are read one after the other."""
    words = re.sub(r"\s+", " ", node.text(separator=" ").replace("\N{NARROW NO-BREAK SPACE}", " ")).strip()
    return re.sub(r" (?=[.,;:)](?: |$))", "", words)


def test_the_first_section_says_the_answer_its_basis_and_what_is_lost() -> None:
    answer = text_of(whole(), "#answer")
    for said in (
        "Hard coral 23 % (17 to 30)",
        "Sand 3.4 % (2.6 to 4.4)",
        "Seagrass not seen (0 to 1.1 %)",
        "6 sites, 30 photos, 290 usable points.",
        "95 % confidence intervals between sites",
        "2 photos failed: Hard coral and b.jpg.",
        "each small dot is one site, as the machine sees it",
        "Corrected with 60 reviewed photos: Hard coral \N{MINUS SIGN}1.8 (standard error 0.9) percentage points.",
    ):
        assert said in answer, said


@pytest.mark.parametrize(
    "section", ["answer", "cover", "review", "doubtful", "photos", "failures", "jobs", "methods", "provenance"]
)
def test_a_whole_report_has_every_section(section: str) -> None:
    assert text_of(whole(), f"#{section}")


def test_every_link_of_the_page_leads_to_a_place_on_it() -> None:
    page = page_of(whole())
    for link in page.css("a"):
        target = link.attributes["href"]
        assert target is not None
        assert target.startswith("#")
        assert page.css_first(target) is not None, target


def test_nothing_on_the_page_comes_from_elsewhere_and_no_script_runs() -> None:
    page = page_of(whole())
    assert page.css("script") == []
    for attribute in ("src", "href"):
        for node in page.css(f"[{attribute}]"):
            assert str(node.attributes[attribute]).startswith(("data:", "#"))
    policy = page.css_first("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert str(policy.attributes["content"]).startswith("default-src 'none'")
    assert "url(" not in render(whole()).decode()


def test_a_hostile_text_is_seen_as_it_is_wherever_it_stands() -> None:
    report = whole(name=HOSTILE, word=HOSTILE)
    page = page_of(report)
    assert page.css("script") == []
    assert text_of(report, "h1") == HOSTILE
    seen = page.css_first("body").text()  # type: ignore[union-attr]
    assert seen.count(HOSTILE) > 10
    for node in page.css("[onclick], [onerror], [onload]"):
        raise AssertionError(node.html)
    for image in page.css("img"):
        assert HOSTILE in str(image.attributes["alt"])


def test_every_chart_has_its_numbers_as_text() -> None:
    page = page_of(whole())
    charts = page.css("svg:not([aria-hidden])")
    assert len(charts) > 10
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert re.search(r"\d|not seen", str(chart.attributes["aria-label"]))


def test_the_table_has_the_means_first_and_then_a_row_for_each_unit() -> None:
    rows = [said_in(row) for row in page_of(whole()).css("#cover-table tbody tr")]
    assert len(rows) == 1 + 2 + 6
    assert rows[0].startswith("all 30 290 23.1 17.3 to 30.0")
    assert rows[3].startswith("inner inner1 30 290 16.2")


def test_behind_the_groups_every_label_has_its_cover() -> None:
    assert "Porites 20.0 15.0 to 26.0" in text_of(whole(), "#cover details")


def test_without_intervals_the_reason_stands_in_their_place() -> None:
    bare = Cover(by="label", overall=(estimate("Sand", 0.5, bounded=False),), photos=30, usable_points=290)
    report = replace(whole(), cover=bare, review=None)
    answer = text_of(report, "#answer")
    assert "Sand 50 %" in answer
    assert "No interval: n = 1." in answer
    assert "confidence" not in answer
    assert "no person has checked them" in answer


def test_the_review_shows_machine_and_corrected_cover_side_by_side() -> None:
    said = text_of(whole(), "#review")
    assert "agreed with the machine on the label of 85 % (81 to 89) of the survey’s points" in said
    assert "Hard coral 23 % machine 25 %, correction \N{MINUS SIGN}1.8 (standard error 0.9)" in said


def test_cover_that_an_in_sample_audit_corrects_says_so_where_the_answer_stands() -> None:
    report = whole()
    assert report.review is not None
    stamp = "IN-SAMPLE: the classifier may have been trained on these photos."
    assert stamp in text_of(report, "#answer")
    assert stamp not in text_of(replace(report, review=replace(report.review, in_sample=False)), "#answer")


def test_what_neither_machine_nor_people_have_seen_is_said_to_be_so_with_its_limit() -> None:
    given = whole()
    assert given.review is not None
    unseen = Compared(what="Seagrass", machine=0.0, corrected=0.0, low=0.0, high=0.49, correction_se=0.0)
    report = replace(given, review=replace(given.review, groups=(*given.review.groups, unseen)))
    said = text_of(report, "#review")
    assert "not seen by machine or people (0 to 49 %)" in said
    assert "0.0" not in said


def test_the_answer_names_the_groups_that_people_change_the_most() -> None:
    given = whole()
    assert given.review is not None
    changed = {"Sand": 0.01, "Turf": -0.001, "Bare": 0.04}
    others = (Compared(what=what, machine=0.1, corrected=0.1 + by, correction=by) for what, by in changed.items())
    report = replace(given, review=replace(given.review, groups=(*given.review.groups, *others)))
    answer = text_of(report, "#answer")
    assert (
        "Corrected with 60 reviewed photos: Bare +4.0, Hard coral \N{MINUS SIGN}1.8 (standard error 0.9), Sand +1.0 "
        "percentage points, the others by less"
    ) in answer


def test_a_review_that_does_not_correct_says_so_and_why() -> None:
    review = Review(
        photos=1, points=10, agreed=0.9, audited=10, is_correcting=False, groups=(), warning="no unit is reviewed"
    )
    report = replace(whole(), review=review)
    assert "Cover is not corrected with them. No unit is reviewed." in text_of(report, "#review")
    assert "does not correct them" in text_of(report, "#answer")


def test_what_part_of_the_area_the_answer_is_of_stands_out() -> None:
    part = replace(cover(), scope="No photo is used in stratum `reef`, 90 % of the area", missing=("reef",))
    said = "Not all of the area: No photo is used in stratum `reef`, 90 % of the area."
    assert said in text_of(replace(whole(), cover=part), "#answer")
    assert "Not all of the area" not in text_of(whole())


def test_the_answer_has_no_figure_of_several_years_and_the_table_has_the_mean() -> None:
    years = replace(cover(), across_years="Photos of one site span more than a year")
    report = replace(whole(), cover=years, review=None)
    answer = text_of(report, "#answer")
    assert "No figure of all years together. Photos of one site span more than a year." in answer
    assert "Hard coral" not in answer.replace("2 photos failed: Hard coral", "")
    assert "23.1" in text_of(report, "#cover-table")


def test_the_answer_has_a_heading_and_the_figures_of_each_occasion() -> None:
    visits = tuple(estimate("Hard coral", mean, year) for year, mean in (("2008", 0.2), ("2010", 0.1)))
    answer = text_of(replace(whole(), cover=replace(cover(), occasions=visits), review=None), "#answer")
    assert "2008 Hard coral 20 % (" in answer and "2010 Hard coral 10 % (" in answer
    assert "Hard coral 23 %" not in answer


def test_without_cover_the_report_says_why_and_still_tells_of_the_run() -> None:
    report = Report(name="x", service="s", totals=totals(), no_cover="No photo has predictions.")
    assert "No cover. No photo has predictions." in text_of(report, "#answer")
    assert "30 photos with 300 labelled points; 2 photos failed." in text_of(report, "#answer")


def test_a_run_that_goes_on_is_stamped_partial_and_a_drawn_reef_not_real() -> None:
    assert "PARTIAL" not in text_of(whole())
    assert "NOT REAL" not in text_of(whole())
    report = replace(whole(), totals=totals(to_do=7), caution="NOT REAL: this reef is drawn.")
    assert "PARTIAL This run is not finished: 7 photos of 39 are still to come." in text_of(report, "header")
    assert "NOT REAL this reef is drawn." in text_of(report, "header")
    on_each_page = "@page { @bottom-left { content: "
    assert f'{on_each_page}"NOT REAL"' in render(report).decode()
    assert on_each_page not in render(replace(report, caution='"} x: y')).decode()


def test_more_groups_than_colours_are_named_and_stand_in_the_table() -> None:
    many = replace(cover(), overall=tuple(estimate(f"Group {n}", 0.05) for n in range(12)), more=3)
    report = replace(whole(), cover=many)
    assert "5 groups with less cover are in the table, 3 more in outputs." in text_of(report, "#answer")
    assert len(page_of(report).css("#cover-table thead th")) == 4 + 12


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render(whole()) == render(whole())


def test_a_text_that_is_no_unicode_does_not_stop_the_report() -> None:
    assert b"&#55296;" in render(whole(word="half \ud800 a pair"))


def test_points_drawn_by_class_have_a_table_and_a_class_of_few_no_figure() -> None:
    groups = (
        ByClass(what="Sponge", machine=0.01, points=4),
        ByClass(
            what="Turf", machine=0.4, points=90, corrected=0.38, low=0.3, high=0.46, bias=0.02, bias_low=-0.01,
            bias_high=0.05,
        ),
    )  # fmt: skip
    page = render(replace(whole(), two_phase=TwoPhase(level="category", points=200, groups=groups))).decode()
    section = page[page.index('<section id="two-phase">') :]
    assert "no figure" in section
    assert "38.0<br><small>30.0 to 46.0</small>" in section
    assert "+2.0<br><small>" in section


def test_what_coralnet_says_of_its_classifier_is_shown_as_what_it_is() -> None:
    own = OwnFigures(whence="CoralNet's own: 9 points", labels=(OwnLabel(HOSTILE, 9, 2 / 3, None, "Sand (SND)", 3),))
    said = text_of(replace(whole(), own_figures=own), "#own-figures")
    assert "CoralNet's own: 9 points. They say nothing of how often it is right here" in said
    assert f"{HOSTILE} 9 67 Sand (SND) (3)" in said
    assert "own-figures" not in render(whole()).decode()
