"""The report of a run on disk: what it says is the run's, its photos are fetched once, and it tells no secret."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from PIL import Image
from selectolax.lexbor import LexborHTMLParser
from tests.unit.results.finished_runs import Photo, label_id, reported_run, sure

from coralrun.app.answers import report
from coralrun.app.answers.outputs import write_tables
from coralrun.app.reviewing import review as reviews
from coralrun.app.reviewing import review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.clock import SystemClock
from coralrun.connection import Fetch
from coralrun.errors import UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Analysis, Listing
from coralrun.report.facts import provenance_of
from coralrun.review.drawing import SampleRequest
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

SITES = Analysis(design=Design(unit="site", levels=("site", "image")))


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    """Four sites of two photos; the coral varies between them; one photo failed."""
    photos = [
        Photo(f"s{site}_{n}.jpg", sure(["Coral"] * (site + 1) + ["Sand"] * (7 - site)), (f"s{site}",))
        for site in range(4)
        for n in range(2)
    ]
    return reported_run(
        tmp_path / "reef", [*photos, Photo("lost.jpg", None, ("s3",))], fields=("site",), analysis=SITES
    )


def photo(width: int = 90, height: int = 60) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (0, 80, 120)).save(stream, "PNG")
    return stream.getvalue()


class Host:
    """Where photos come from: counts what is asked of it, and answers as it is told."""

    def __init__(self, *answers: bytes | Unusable | Trouble) -> None:
        self.asked: list[str] = []
        self._answers = answers

    def __call__(self, image: PlannedImage) -> bytes | Unusable | Trouble:
        self.asked.append(image.name)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def write(run: OpenRun, fetch: Fetch | None, thumbnails: int | None = None) -> None:
    run.layout.report_page.write_bytes(report.build(run, fetch, thumbnails))


def page(run: OpenRun) -> LexborHTMLParser:
    return LexborHTMLParser(run.layout.report_page.read_bytes().decode())


def said(run: OpenRun, selector: str) -> str:
    parsed = page(run)
    for chart in parsed.css("svg"):
        chart.decompose()
    node = parsed.css_first(selector)
    assert node is not None
    text = re.sub(r"\s+", " ", node.text(separator=" ").replace("\N{NARROW NO-BREAK SPACE}", " "))
    return re.sub(r" (?=[.,;:)](?: |$))", "", text)


def test_a_finished_run_has_a_report_whose_answer_is_its_cover(run: OpenRun) -> None:
    answer = said(run, "#answer")
    assert re.search(r"Sand 69 % \(\d+ to \d+\)", answer)
    assert re.search(r"Coral 31 % \(\d+ to \d+\)", answer)
    assert "4 sites, 8 photos, 64 usable points." in answer
    assert "1 photo failed: lost.jpg." in answer
    assert "lost.jpg" in said(run, "#failures")


def test_a_lost_stratum_is_told_beside_the_answer_and_in_the_methods(tmp_path: Path) -> None:
    photos = [
        *(Photo(f"a{n}.jpg", sure(["Coral"] * n + ["Sand"] * (8 - n)), (f"a{n}", "lagoon")) for n in (2, 4)),
        Photo("b.jpg", None, ("b", "slope")),
    ]
    design = Design(unit="site", levels=("site", "image"), strata_field="habitat", areas="areas.csv")
    analysis = Analysis(design=design, areas={"lagoon": 1.0, "slope": 9.0})
    run = reported_run(tmp_path / "reef", photos, fields=("site", "habitat"), analysis=analysis)
    note = (
        "No photo is used in stratum `slope`, 90 % of the area: what is said of the whole survey is of 10 % of the "
        "area alone."
    )
    assert said(run, "#answer").count(note) == 1
    assert note in said(run, "#methods")


def test_points_without_a_usable_label_are_told_of(tmp_path: Path) -> None:
    points = [*sure(["Coral", "Sand", "Shade"]), *sure(["Coral"], score=0.3)]
    options = CoverOptions(unusable=("Shade",), min_confidence=0.5)
    answer = said(
        reported_run(tmp_path / "reef", [Photo("a.jpg", points)], analysis=Analysis(cover=options)), "#answer"
    )
    assert "Coral 33 %" in answer
    assert "Left out of the denominator as unusable: 1 point." in answer
    assert "33 % of the usable points have no label, because their best score is too low" in answer


def test_without_a_design_unit_the_report_says_why_there_are_no_intervals(tmp_path: Path) -> None:
    answer = said(reported_run(tmp_path / "reef", [Photo("a.jpg", sure(["Coral", "Sand"]))]), "#answer")
    assert "Coral 50 %" in answer
    assert "No interval: the survey names no design unit." in answer


def test_values_of_the_design_that_are_nearly_the_same_are_told_of(tmp_path: Path) -> None:
    photos = [Photo("a.jpg", sure(["Coral"]), ("Outer",)), Photo("b.jpg", sure(["Coral"]), ("Outre",))]
    by_site = Analysis(design=Design(unit="site"))
    answer = said(reported_run(tmp_path / "reef", photos, fields=("site",), analysis=by_site), "#answer")
    assert "Values of `site` that are nearly the same, with their images: `Outer` (1), `Outre` (1)." in answer


def test_a_run_of_which_nothing_succeeded_has_a_report_that_says_so(tmp_path: Path) -> None:
    run = reported_run(tmp_path / "reef", [Photo("a.jpg", None)])
    assert "No cover. No photo has predictions." in said(run, "#answer")
    assert "a.jpg" in said(run, "#failures")


def test_the_same_run_gives_the_same_bytes_with_and_without_photos(run: OpenRun) -> None:
    host = Host(photo())
    first = report.build(run, host, 3)
    assert len(set(host.asked)) == len(host.asked) > 3  # each photo once, for the sheet or for a patch
    assert report.build(open_run(run.layout.root), None, 3) == first


def test_a_kept_photo_that_somebody_spoilt_is_fetched_again(run: OpenRun) -> None:
    first = report.build(run, Host(photo()), 2)
    for path in run.layout.report.glob("photo-*.jpg"):
        path.write_bytes(b"spoilt")
    host = Host(photo())
    assert report.build(run, host, 2) == first
    assert len(host.asked) == 2


def test_photos_are_spread_over_the_survey_and_carry_their_points(run: OpenRun) -> None:
    write(run, Host(photo()), 2)
    shown = page(run).css("#photos img")
    assert [str(picture.attributes["alt"]) for picture in shown] == [
        "s1_0.jpg: Sand 6, Coral 2 points",
        "s3_0.jpg: Coral 4, Sand 4 points",
    ]


def test_from_a_real_server_nothing_is_fetched_unless_the_survey_says_so(run: OpenRun) -> None:
    host = Host(photo())
    write(run, host)
    assert host.asked == []
    assert page(run).css("#photos") == []
    assert "coralrun report RUN --thumbnails" in said(run, "#doubtful")

    wanting = replace(run, plan=replace(run.plan, analysis=replace(SITES, thumbnails=1)))
    write(wanting, host)
    assert len(page(run).css("#photos img")) == 1


def test_a_host_that_does_not_answer_is_asked_once_and_the_report_says_so(run: OpenRun) -> None:
    host = Host(Trouble(TroubleKind.UNREACHABLE, "could not connect"))
    write(run, host, 3)
    assert len(host.asked) == 1
    assert "11 pictures are missing: could not connect." in said(run, "#doubtful")


def test_a_run_ends_with_a_report_and_fetches_photos_after(
    run: OpenRun,
) -> None:
    host = Host(photo())
    report.illustrate(run, host)
    assert host.asked == []  # a real server, and a survey that does not ask for photos

    wanting = replace(run, plan=replace(run.plan, analysis=replace(SITES, thumbnails=2)))
    write_tables(wanting)
    assert "10 pictures are missing: their photos were not fetched." in said(run, "#doubtful")
    report.illustrate(wanting, host)
    assert len(page(run).css("#photos img")) == 2


@pytest.mark.parametrize("answer", [Unusable(Reason.NOT_FOUND), b"<html>sign in</html>"], ids=["gone", "no image"])
def test_one_photo_that_cannot_be_had_costs_the_others_nothing(run: OpenRun, answer: bytes | Unusable) -> None:
    write(run, Host(answer, photo()), 3)
    assert len(page(run).css("#photos img")) == 2


def test_hostile_names_and_labels_are_shown_and_do_nothing(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    run = reported_run(
        tmp_path / "reef",
        [Photo(f"{hostile}{n}.jpg", sure([hostile, "Sand"]), (f"{hostile}{n}",)) for n in range(3)],
        fields=("site",),
        analysis=SITES,
    )
    assert page(run).css("img, script") == []
    assert hostile in said(run, "#answer")
    assert f"{hostile}1.jpg" in said(run, "#doubtful")


def test_a_report_holds_neither_the_account_nor_an_address_of_a_photo(run: OpenRun) -> None:
    secret = "https://host.example/a.jpg?Signature=abcdef"
    images = tuple(structs.replace(image, url=secret, image_id=None) for image in run.plan.images)
    text = report.build(replace(run, plan=replace(run.plan, images=images)), Host(photo()), 3)
    for word in (b"Signature", b"host.example", b"abcdef", run.identity.account.encode()):
        assert word not in text, word


def test_a_run_that_goes_on_reports_what_there_is_stamped_partial(run: OpenRun) -> None:
    state = run.state
    state.ended.clear()  # as if the photo that failed were still to come
    state.finished_at = ""
    text = report.build(run, None).decode()
    assert "PARTIAL" in text
    assert "1 photo of 9 are still to come" in text


def review(run: OpenRun, folder: Path, label: Callable[[int, str], str], *, accepting: bool = True) -> None:
    """Have a person look at every point of a run; `label` is given the point's place and the machine's label.

    What the run does not know counts all the same, unless nobody is `accepting` it.
    """
    drawing = reviews.draw(run, SampleRequest(sample="100%"), SystemClock())
    rows = list(csv.DictReader(io.StringIO(drawing.table.decode())))
    for at, row in enumerate(rows):
        row["label_code"] = label(at, row["machine_label_code"])
    file = folder / "filled.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    known = {"Coral", "Sand"}
    accept = sorted({row["label_code"] for row in rows} - known) if accepting else []
    review_import.take(run, file, SystemClock(), accept=accept)
    write_tables(open_run(run.layout.root))


def test_the_report_at_the_end_of_a_run_is_the_one_that_is_built_later(run: OpenRun) -> None:
    assert run.layout.report_page.read_bytes() == report.build(run, None)


def test_a_label_that_is_in_no_group_lets_the_report_stand_by_label_and_say_so(tmp_path: Path) -> None:
    groups = LabelGroups(
        name="one", title="one", date="2026", source="a test", levels=("category",),
        groups=(Group(path=("Animals",), labels=(label_id("Coral"),)),),
    )  # fmt: skip
    photos = [Photo("a.jpg", sure(["Coral", "Sand"]))]
    run = reported_run(tmp_path / "reef", photos, analysis=Analysis(groups=groups))
    assert "put into groups" not in said(run, "main")
    answer = said(run, "#answer")
    assert "Coral 50 %" in answer
    assert "Cover stands here by label alone: " in answer
    assert "Sand" in answer


def test_a_review_changes_the_answer_and_stands_beside_the_machine(run: OpenRun, tmp_path: Path) -> None:
    before = said(run, "#answer")
    review(run, tmp_path, lambda at, machine: machine if at % 4 else "Sand")
    after = said(run, "#answer")
    assert "no person has checked them" in before
    assert "Corrected with 8 reviewed photos: " in after
    assert "Coral 19 % machine 31 %, correction \N{MINUS SIGN}12.5" in said(run, "#review")


def test_what_people_alone_have_seen_stands_in_the_answer(run: OpenRun, tmp_path: Path) -> None:
    review(run, tmp_path, lambda at, machine: machine if at % 8 else "Sponge")
    assert "fewer than 10 audited points of Sponge (8)" in said(run, "#answer")
    assert re.search(r"Sponge 12 % \(<?[\d.]+ to \d+\)", said(run, "#answer"))


def test_labels_of_people_that_are_held_back_are_named_until_they_are_corrected(run: OpenRun, tmp_path: Path) -> None:
    review(run, tmp_path, lambda at, machine: machine if at else "Spunge", accepting=False)
    answer = said(run, "#answer")
    assert "Labels of people that the run does not know are not used (1 point: Spunge)." in answer
    assert "1 point of the audit is not reviewed" in answer
    review(run, tmp_path, lambda at, machine: machine)
    assert "Spunge" not in said(run, "#answer") and "not reviewed" not in said(run, "#answer")


def test_a_persons_label_in_no_group_leaves_the_machines_and_is_named(tmp_path: Path) -> None:
    groups = LabelGroups(
        name="two", title="two", date="2026", source="a test", levels=("category",),
        groups=(Group(path=("Animals",), labels=(label_id("Coral"),)),
                Group(path=("Ground",), labels=(label_id("Sand"),))),
    )  # fmt: skip
    photos = [Photo(f"{n}.jpg", sure(["Coral", "Sand", "Sand", "Sand"]), (f"s{n}",)) for n in range(4)]
    analysis = replace(SITES, groups=groups)
    run = reported_run(tmp_path / "reef", photos, fields=("site",), analysis=analysis)
    review(run, tmp_path, lambda at, machine: machine if at % 8 else "Sponge")
    answer = said(run, "#answer")
    assert "Animals 25 %" in answer
    assert "What people reviewed is not used" in answer
    assert "Sponge" in answer


def test_what_a_plan_left_out_is_named_in_the_report(run: OpenRun) -> None:
    what = "folder:photos: not uploaded: files with nothing in them"
    left_out = Listing(what, tuple(f"{n}.jpg" for n in range(12)))
    terms = dict(provenance_of(run.identity, replace(run.plan, listings=(left_out,)), run.state))
    names = ", ".join(f"{number}.jpg" for number in range(10))
    assert terms["Seen beforehand"] == f"{what}: 12: {names} and 2 more"


def test_a_report_is_never_written_over_another_file(tmp_path: Path) -> None:
    (tmp_path / "thesis.html").write_text("<p>Years of work</p>")
    with pytest.raises(UsageError, match=r"thesis\.html: is not a report"):
        report.check_out(tmp_path / "thesis.html")
    with pytest.raises(UsageError, match="not a file in a folder that is there"):
        report.check_out(tmp_path / "nowhere" / "report.html")


def test_a_report_may_be_written_over_a_report(run: OpenRun) -> None:
    report.check_out(run.layout.report_page)
