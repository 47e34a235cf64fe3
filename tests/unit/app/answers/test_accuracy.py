"""Judging a run: only independent labels judge, bias of cover comes first, and in-sample is said of every figure."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.unit.results.finished_runs import Found, Photo, finished_run, label_id, sure

import coralrun
from coralrun.accuracy.documents import document
from coralrun.accuracy.judgement import Judgement, tables
from coralrun.accuracy.measures import Accuracy
from coralrun.accuracy.text import beside_lines, judgement_lines, units_lines
from coralrun.accuracy.truth import Why
from coralrun.app.answers.accuracy import judge, judge_beside
from coralrun.app.reviewing import review as reviews
from coralrun.app.reviewing import review_import
from coralrun.app.run.run_directory import OpenRun
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.planning.model import Analysis, Classifier, Trained
from coralrun.review.drawing import SampleRequest
from coralrun.review.whose_labels import Word
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

PEOPLES = Word("people")
SITE = Analysis(design=Design(unit="site"))
MLC = Path(__file__).resolve().parents[5] / "shared" / "data" / "mlc"


def reef(folder: Path, *, analysis: Analysis = SITE, source: str = "coralnet:2", own: int | None = 1) -> OpenRun:
    """Two sites of two photos with four points each: the machine says A, A, B, B everywhere."""
    photos = [Photo(f"{site}{n}.jpg", sure(list("AABB")), (site,), source) for site in "xy" for n in (1, 2)]
    trained = Classifier(id="9", source=own, date="Nov. 22, 2026")
    return finished_run(folder, photos, fields=("site",), analysis=analysis, classifier=trained)


def truth(folder: Path, labels: Mapping[str, Sequence[str]], annotator: str = "anna") -> Path:
    """A file of people's labels, by image and in the order of its points."""
    path = folder / "truth.csv"
    rows = [(name, 7, column, code, annotator) for name, codes in labels.items() for column, code in enumerate(codes)]
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([("Name", "Row", "Column", "Label", "Annotator"), *rows])
    return path


def by_label(found: Judgement) -> Accuracy:
    return next(grouping for grouping in found.found if grouping.grouping == "label")


def counted(found: Accuracy) -> dict[tuple[str, str], int]:
    """The points of the confusion matrix."""
    return {words: cell.points for words, cell in found.confusion.items()}


def test_bias_of_cover_is_between_design_units(tmp_path: Path) -> None:
    labels = {"x1.jpg": "AABB", "x2.jpg": "AABB", "y1.jpg": "ABBB", "y2.jpg": "ABBB"}

    judged = judge(reef(tmp_path / "run"), truth(tmp_path, labels), allow_in_sample=False)

    assert list(units_lines(judged)) == ["the figures of each site: --out FOLDER writes accuracy_units.csv"]
    a = by_label(judged).bias[0]
    assert (a.name, a.human, a.machine, a.bias, a.units) == ("A", 0.375, 0.5, 0.125, 2)
    assert a.se == pytest.approx(0.125)  # units differ by 0 and 0.25: s = 0.1768, over the root of 2
    assert -1 <= a.lo < a.bias < a.hi <= 1


def test_recall_and_precision_come_with_counts_and_kappa_is_cohens(tmp_path: Path) -> None:
    labels = {"x1.jpg": "AABB", "x2.jpg": "AABB", "y1.jpg": "ABBB", "y2.jpg": "ACBB"}

    found = by_label(judge(reef(tmp_path / "run"), truth(tmp_path, labels), allow_in_sample=False))

    hits = {hits.name: (hits.human, hits.machine, hits.both) for hits in found.hits}
    assert hits == {"A": (6, 8, 6), "B": (9, 8, 8), "C": (1, 0, 0)}
    a, c = (next(hits for hits in found.hits if hits.name == name) for name in "AC")
    assert (a.recall.share, a.precision.share, c.recall.share) == (1.0, 0.75, 0.0)
    assert str(c.precision.share) == "nan"
    assert counted(found) == {("A", "A"): 6, ("B", "A"): 1, ("B", "B"): 8, ("C", "A"): 1}
    chance = 6 / 16 * 8 / 16 + 9 / 16 * 8 / 16
    assert found.agreement.share == 14 / 16
    assert found.kappa == pytest.approx((14 / 16 - chance) / (1 - chance))


def test_kappa_has_the_same_last_digit_in_whatever_order_classes_are_added_up(tmp_path: Path) -> None:
    labels = {"x1.jpg": "ABCD", "x2.jpg": "ABCE", "y1.jpg": "ACFG"}
    found = by_label(judge(reef(tmp_path / "run"), truth(tmp_path, labels), allow_in_sample=False))
    cells = Counter[tuple[str, str]](counted(found))
    said = [Counter(pair[side] for pair in cells.elements()) for side in (0, 1)]
    chance = Fraction(sum(n * said[1][word] for word, n in said[0].items()), cells.total() ** 2)
    same = Fraction(sum(n for (people, machine), n in cells.items() if people == machine), cells.total())
    assert found.kappa == float((same - chance) / (1 - chance))


def test_without_a_design_unit_there_is_a_mean_and_no_interval_and_the_reason(tmp_path: Path) -> None:
    found = judge(
        reef(tmp_path / "run", analysis=Analysis()), truth(tmp_path, {"x1.jpg": "AAAA"}), allow_in_sample=False
    )
    assert not list(units_lines(found))
    (bias,) = (bias for bias in by_label(found).bias if bias.name == "A")
    assert (bias.bias, str(bias.lo), bias.why) == (-0.5, "nan", "no interval: the survey names no design unit")


def test_one_unit_has_no_interval(tmp_path: Path) -> None:
    found = judge(reef(tmp_path / "run"), truth(tmp_path, {"x1.jpg": "AAAB"}), allow_in_sample=False)
    assert {bias.why for bias in by_label(found).bias} == {"no interval: n = 1"}


def test_images_of_the_own_source_judge_where_annotated_after_the_training(tmp_path: Path) -> None:
    photos = [Photo(f"{name}.jpg", sure(list("AABB")), (name,), "coralnet:1") for name in "xyz"]
    trained = Classifier(id="9", source=1, date="Nov. 22, 2026")
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=SITE, classifier=trained)
    export = tmp_path / "annotations.csv"
    dates = {"x": "2026-11-20", "y": "2026-11-30"}
    export.write_text(
        "Name,Row,Column,Label code,Annotator,Date annotated\n"
        + "".join(f"{name}.jpg,7,0,A,anna,{day} 12:00:00+00:00\n" for name, day in dates.items())
    )
    file = truth(tmp_path, {f"{name}.jpg": "AABB" for name in "xyz"})

    found = judge(run, file, allow_in_sample=False, annotations=export)
    assert (found.judged, found.in_sample, found.left_out) == (8, False, {Why.OWN_SOURCE: 4})
    assert [(image.name, image.judged, image.may_have_trained) for image in found.images] == [
        ("x.jpg", 0, True), ("y.jpg", 4, False), ("z.jpg", 4, False),
    ]  # fmt: skip
    assert (
        "  of 3 images of the classifier's own source, 1 may have trained it, and do not judge "
        "(each image: --out, --json)"
    ) in judgement_lines("run", found)
    assert "    not in the table of annotations, and counted as not annotated: 1 image" in judgement_lines("run", found)
    for name, judging in (("run-labels-1.csv", 8), ("older-labels-1.csv", 4)):
        table = export.rename(tmp_path / name)
        os.utime(table, (0, 0))
        assert judge(run, file, allow_in_sample=False, annotations=table).judged == judging, "it is of one run's photos"
        table.rename(export)

    beside = export.rename(tmp_path / "run-labels-7-1.csv")
    with pytest.raises(UsageError, match="12 on an image"):
        judge(run, file, allow_in_sample=False)  # it is older than the plan
    os.utime(beside)
    assert judge(run, file, allow_in_sample=False).judged == 8
    beside.rename(tmp_path / "run-labels-11.csv")
    with pytest.raises(UsageError, match="12 on an image"):
        judge(run, file, allow_in_sample=False)  # it is of another source


def test_where_nobody_knows_which_photos_trained_the_classifier_a_warning_says_so(tmp_path: Path) -> None:
    own = Classifier(id="reef", trained=Trained(sites=(), examples={}))
    photos = [Photo("x.jpg", sure(list("AABB")), ("x",), "manifest:photos.csv")]
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=SITE, classifier=own)
    found = judge(run, truth(tmp_path, {"x.jpg": "AABB"}), allow_in_sample=False)
    assert not found.in_sample
    assert [line for line in judgement_lines("run", found) if "IN-SAMPLE" in line] == [
        "  warning: whether the classifier was trained on 1 of these images is not known: if it was, the figures are "
        "IN-SAMPLE, and too good (each image: --out, --json)"
    ]


@pytest.mark.parametrize(
    ("source", "own", "annotator", "why"),
    [
        ("coralnet:1", 1, "anna", "on an image of the classifier's own source"),
        ("coralnet:2", None, "anna", "on an image of a CoralNet source, and the source of the classifier is not known"),
        ("coralnet:2", 1, "Imported", "imported into CoralNet, which trains on it"),
    ],
)
def test_what_may_have_trained_the_classifier_judges_where_allowed(
    tmp_path: Path, source: str, own: int | None, annotator: str, why: str
) -> None:
    run = reef(tmp_path / "run", source=source, own=own)
    file = truth(tmp_path, {"x1.jpg": "AABB", "y1.jpg": "ABBB"}, annotator)

    with pytest.raises(UsageError, match=f"8 {why}") as caught:
        judge(run, file, allow_in_sample=False, word=PEOPLES)
    assert "--allow-in-sample" in str(caught.value.remedy)
    assert ("--annotations" in str(caught.value.remedy)) is (source == f"coralnet:{own}")

    allowed = judge(run, file, allow_in_sample=True, word=PEOPLES)
    assert (allowed.judged, allowed.in_sample) == (8, True)
    figures = [line for line in judgement_lines("run", allowed) if any(mark in line for mark in ("  people ", "kappa"))]
    assert len(figures) > 2
    words = ("recall", "minus", "what people confirm")
    assert all("IN-SAMPLE" in line for line in figures if not any(word in line for word in words))
    for _, columns, rows in tables(allowed):
        assert {row[columns.index("sample")] for row in rows} == {"IN-SAMPLE"}
    records = [
        record for grouping in document(allowed)["groupings"] for record in grouping["cover"] + grouping["classes"]
    ]
    assert {record["sample"] for record in records} == {"IN-SAMPLE"}


@pytest.mark.parametrize("annotator", ["robot", "Alleviate", "coralrun classifier 9"])
def test_a_machines_own_labels_never_judge_it(tmp_path: Path, annotator: str) -> None:
    file = truth(tmp_path, {"x1.jpg": "AABB"}, annotator)
    with pytest.raises(UsageError, match="4 labelled by a machine, as the column `Annotator` says") as caught:
        judge(reef(tmp_path / "run"), file, allow_in_sample=True)
    assert "--allow-in-sample" not in str(caught.value.remedy)


def test_labels_of_photos_without_predictions_need_a_run_of_their_points(tmp_path: Path) -> None:
    photos = [Photo("a.jpg", sure(list("AABB"))), Photo("b.jpg", None)]
    with pytest.raises(UsageError, match="4 match no point of the run") as caught:
        judge(finished_run(tmp_path / "run", photos), truth(tmp_path, {"b.jpg": "AABB"}), allow_in_sample=False)
    assert "points: {from: coralnet}" in str(caught.value.remedy)


def test_rows_of_other_points_are_helped_where_one_alone_is_of_the_run(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", source="coralnet:7", own=7)
    file = truth(tmp_path, {"x1.jpg": "AABBABA", "y1.jpg": "AABB"})
    elsewhere = file.read_text().replace(",7,", ",99,").replace("y1.jpg,99,0,", "y1.jpg,7,0,")
    file.write_text(elsewhere.replace(",1,A,anna", ",1,A,robot"))
    with pytest.raises(UsageError) as caught:
        judge(run, file, allow_in_sample=False)
    assert "none of its 11 rows may judge" in caught.value.message
    assert "1 on an image of the classifier's own source; 2 labelled by a machine" in caught.value.message
    assert "; 8 match no point of the run (the first: the image has no point" in caught.value.message
    assert "(`coralrun init own.yaml --images 7 --points coralnet`)" in str(caught.value.remedy)
    assert "--allow-in-sample" not in str(caught.value.remedy)


def test_independent_labels_of_a_manifest_are_out_of_sample(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", source="manifest:images.csv", own=None)
    found = judge(run, truth(tmp_path, {"x1.jpg": "AABB"}), allow_in_sample=True)
    assert (found.sample, document(found)["sample"]) == ("out-of-sample", "out-of-sample")


def test_groups_are_judged_beside_labels_and_confusion_within_a_group_is_none(tmp_path: Path) -> None:
    coral = Group(path=("coral",), labels=(label_id("A"), label_id("B")))
    rest = Group(path=("rest",), labels=(label_id("C"),))
    groups = LabelGroups(name="g", title="g", date="", source="", levels=("category",), groups=(coral, rest))
    run = reef(tmp_path / "run", analysis=Analysis(design=Design(unit="site"), groups=groups))

    found = judge(run, truth(tmp_path, {"x1.jpg": "BBAA", "y1.jpg": "AABB"}), allow_in_sample=False)

    assert {grouping.grouping: grouping.agreement.share for grouping in found.found} == {"label": 0.5, "category": 1.0}


def test_points_called_unusable_leave_the_cover_and_stand_in_the_confusion(tmp_path: Path) -> None:
    analysis = Analysis(design=Design(unit="site"), cover=CoverOptions(unusable=("TAPE",)))
    file = truth(tmp_path, {"x1.jpg": ["A", "TAPE", "B", "B"]})
    found = judge(reef(tmp_path / "run", analysis=analysis), file, allow_in_sample=False)
    judged = by_label(found)
    assert judged.bias[0].human == pytest.approx(1 / 3)
    assert judged.confusion["unusable", "A"].points == 1


def test_the_figures_of_the_json_are_json(tmp_path: Path) -> None:
    found = judge(reef(tmp_path / "run"), truth(tmp_path, {"x1.jpg": "CCCC"}), allow_in_sample=False)
    json.dumps(document(found), allow_nan=False)


def reviewed_reef(folder: Path) -> OpenRun:
    """Six sites in two strata of unlike areas, of unlike numbers of photos; the machine takes some A for B."""
    sites = {"a": ("deep", 4), "b": ("deep", 2), "c": ("deep", 3), "d": ("flat", 2), "e": ("flat", 5), "f": ("flat", 3)}
    photos = [
        Photo(f"{site}{n}.jpg", sure(list("ABBC"), 0.2 + 0.1 * n), (site, depth))
        for site, (depth, count) in sites.items()
        for n in range(count)
    ]
    design = Design(unit="site", strata_field="depth")
    analysis = Analysis(design=design, areas={"deep": 9.0, "flat": 1.0})
    return finished_run(folder, photos, fields=("site", "depth"), analysis=analysis, classifier=Classifier(id="9"))


def people(row: Mapping[str, str]) -> str:
    """What a person sees: at the second point A on every other photo of the first sites."""
    seen = "A" if row["name"][0] in "abd" and int(row["name"][1]) % 2 else "B"
    return {"0": "A", "1": seen, "2": "B", "3": "C"}[row["column"]]


def review(run: OpenRun, *, sets: str = "audit triage", seed: int = 0) -> Path:
    """A draw of the run, filled in where its rows are of these sets."""
    drawing = reviews.draw(run, SampleRequest(sample="45%", seed=seed), SystemClock())
    rows = list(csv.DictReader(io.StringIO(drawing.table.decode(), newline="")))
    file = run.layout.root.parent / f"filled{seed}.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label_code": people(row) if row["set"] in sets else ""} for row in rows)
    return file


def test_what_a_run_keeps_of_its_review_judges_it_with_the_correction_as_the_bias(tmp_path: Path) -> None:
    """With the signs changed: strata, areas and probabilities are the same in both."""
    run = reviewed_reef(tmp_path / "run")
    review_import.take(run, review(run), SystemClock())
    review_import.take(run, review(run, seed=1), SystemClock())
    assert (run.layout.outputs / "reviewed.csv").read_bytes().count(b"triage,") > 0

    found = judge(run, run.layout.outputs / "reviewed.csv", allow_in_sample=True)

    with (run.layout.outputs / "cover_corrected.csv").open(newline="") as opened:
        whole = [row for row in csv.DictReader(opened) if not row["stratum"]]
    corrected = {row["group"]: (-float(row["correction"]), float(row["correction_se"])) for row in whole}
    assert corrected["A"][0] < -1
    for bias in by_label(found).bias:
        assert 100 * bias.bias == pytest.approx(corrected[bias.name][0])
        assert 100 * (0 if bias.why else bias.se) == pytest.approx(corrected[bias.name][1])
    words = "points weighed by the probabilities of the audit; areas of the strata"
    assert by_label(found).weighting == words
    assert found.judged == found.rows - found.left_out[Why.TRIAGE]


def test_a_review_that_was_never_imported_judges_with_its_audit_alone(tmp_path: Path) -> None:
    run = reviewed_reef(tmp_path / "run")
    file = review(run)
    judged = judge(run, file, allow_in_sample=True)
    assert (judged.judged, judged.left_out) == (36, {Why.TRIAGE: 35})
    assert judged.audit_left == 0
    audit = by_label(judge(run, review(run, sets="audit"), allow_in_sample=True))
    assert by_label(judged).agreement.share == audit.agreement.share
    assert not run.layout.imported(1, ".csv").exists()


def test_an_audit_that_is_not_whole_judges_with_a_warning(tmp_path: Path) -> None:
    run = reviewed_reef(tmp_path / "run")
    file = review(run, sets="audit")
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if "b0.jpg" not in line and "b1.jpg" not in line))
    found = judge(run, file, allow_in_sample=True)
    assert found.audit_left == document(found)["audit_left"] == 36 - found.judged > 0
    said = f"  warning: {found.audit_left} points of the audit are not in it: an audit is random only as a whole"
    assert said in judgement_lines("run", found)


def test_an_audit_that_was_drawn_from_other_units_judges_with_a_warning(tmp_path: Path) -> None:
    run = reviewed_reef(tmp_path / "run")
    file = review(run, sets="audit")
    analysis = replace(run.plan.analysis, design=Design(unit="image"))
    other = replace(run, plan=replace(run.plan, analysis=analysis))
    found = judge(other, file, allow_in_sample=True)
    units = document(found)["audit_of_other_units"]
    assert units and document(judge(run, file, allow_in_sample=True))["audit_of_other_units"] == ""
    said = f"  warning: the audit was drawn from other units ({units}): its probabilities are not theirs"
    assert said in judgement_lines("run", found)


def test_a_triage_never_judges_allowed_or_not(tmp_path: Path) -> None:
    run = reviewed_reef(tmp_path / "run")
    file = review(run, sets="triage")
    with pytest.raises(UsageError, match="of a triage: picked where the machine is unsure") as caught:
        judge(run, file, allow_in_sample=True)
    assert "--allow-in-sample" not in str(caught.value.remedy)


def test_the_review_of_one_run_judges_another_of_the_same_points(tmp_path: Path) -> None:
    first, second = (reviewed_reef(tmp_path / name) for name in ("first", "second"))
    review_import.take(first, review(first), SystemClock())
    file = first.layout.outputs / "reviewed.csv"
    own, other = (judge(run, file, allow_in_sample=True) for run in (first, second))
    assert other.left_out == own.left_out == {Why.TRIAGE: 35}
    assert document(other)["groupings"] == document(own)["groupings"]


def test_labels_of_whole_photos_judge_at_the_uncertain_points_too(tmp_path: Path) -> None:
    run = reviewed_reef(tmp_path / "run")
    review(run)
    labels = {
        image.name: [people({"name": image.name, "column": str(n)}) for n in range(4)] for image in run.plan.images
    }
    found = judge(run, truth(tmp_path, labels), allow_in_sample=True)
    assert (found.judged, found.left_out) == (76, {})
    assert by_label(found).weighting.startswith("labelled images taken for a random part of the run")


def test_an_export_that_holds_reviews_judges_with_its_audit_alone(tmp_path: Path) -> None:
    """It has every point, most of them with the machine's label."""
    run = reviewed_reef(tmp_path / "run")
    review_import.take(run, review(run), SystemClock())
    out = coralrun.open(run.layout.root).export("coralnet-annotations", tmp_path / "annotations.csv")
    found = judge(run, out, allow_in_sample=True)
    assert (found.judged, found.left_out) == (36, {Why.MACHINE: 5, Why.TRIAGE: 35})
    assert by_label(found).weighting.startswith("points weighed by the probabilities of the audit")


def test_labels_that_the_classifier_never_gave_are_named_with_what_they_may_mean(tmp_path: Path) -> None:
    photos = [Photo("x.jpg", sure(["Porit", "Sand"]), ("x",))]
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=SITE, classifier=Classifier(id="9"))
    found = judge(run, truth(tmp_path, {"x.jpg": ["Poritt", "Gorgonian"]}), allow_in_sample=True)
    lines = list(judgement_lines("run", found))
    at = lines.index("  warning: labels that the classifier never gave: 2")
    assert lines[at + 1 : at + 3] == ["    `Gorgonian`, 1 point", "    `Poritt`, 1 point: did you mean `Porit`?"]
    assert document(found)["never_given"][1] == {"label": "Poritt", "points": 1, "meant": "Porit"}


def test_a_row_whose_id_is_another_label_than_its_code_judges_nothing(tmp_path: Path) -> None:
    """Whoever corrects the codes of an export, and not the ids beside them, would be heeded nowhere."""
    run = reef(tmp_path / "run")
    file = tmp_path / "ids.csv"
    file.write_text(
        "Name,Row,Column,Label,Label ID,Annotator\n"
        f"x1.jpg,7,0,B,{label_id('A')},anna\nx1.jpg,7,1,a,{label_id('A')},anna\n"
        f"x1.jpg,7,2,Bee coral,{label_id('B')},anna\nx1.jpg,7,3,B,999,anna\n"
    )
    found = judge(run, file, allow_in_sample=True)
    assert (found.judged, found.left_out) == (3, {Why.TWO_LABELS: 1})
    assert counted(by_label(found)) == {("A", "A"): 1, ("B", "B"): 2}


def test_two_runs_are_compared_on_the_points_that_judge_both(tmp_path: Path) -> None:
    first = reef(tmp_path / "run")
    photos = [Photo("x1.jpg", sure(list("ABBB")), ("x",)), Photo("y1.jpg", sure(list("AABB")), ("y",))]
    other = finished_run(
        tmp_path / "other", photos, fields=("site",), analysis=SITE, classifier=Classifier(id="8", source=1)
    )
    file = truth(tmp_path, {"x1.jpg": "AABB", "x2.jpg": "AABB", "y1.jpg": "AABB"})
    judged, of_other = (judge(run, file, allow_in_sample=False) for run in (first, other))

    found = judge_beside(first, judged, other, of_other)
    assert (found.both, found.run_alone, found.other_alone, found.in_sample) == (8, 4, 0, False)
    assert [each.agreement.difference for each in found.found] == [0.125]
    assert "  not compared: 4 that judge the first alone, 0 the second alone" in beside_lines(found)


def test_photos_without_a_unit_or_stratum_are_counted_and_left_out(tmp_path: Path) -> None:
    photos = [Photo("x.jpg", sure(list("AB")), ("x",)), Photo("y.jpg", sure(list("AB")), ("",))]
    run = finished_run(
        tmp_path / "run", photos, fields=("site",), analysis=SITE, classifier=Classifier(id="9", source=1)
    )
    found = judge(run, truth(tmp_path, {"x.jpg": "AB", "y.jpg": "AB"}), allow_in_sample=False)
    assert (found.judged, found.without_unit) == (2, 2)
    assert "  on images whose unit or stratum is not known: 2" in judgement_lines("run", found)


def test_a_mean_that_is_not_known_is_a_dash_for_people_and_nothing_in_the_tables(tmp_path: Path) -> None:
    analysis = Analysis(design=Design(unit="site", strata_field="site"), areas={"x": 1.0})
    run = reef(tmp_path / "run", analysis=analysis)
    found = judge(run, truth(tmp_path, {"x1.jpg": "AABB", "y1.jpg": "ABBB"}), allow_in_sample=False)
    assert "    A      people      -  machine      -  bias     -" in judgement_lines("run", found)
    _, columns, rows = next(tables(found))
    bias = dict(zip(columns, rows[0], strict=True))
    assert (bias["cover_people"], bias["bias"], bias["note"]) == (
        "",
        "",
        "no mean: areas are not given for every stratum",
    )
    assert document(found)["groupings"][0]["cover"][0]["bias"] is None


@pytest.mark.skipif(not MLC.is_dir(), reason="the real photos and annotations are not beside this checkout")
def test_real_expert_points_judge_a_real_classifiers_predictions(tmp_path: Path) -> None:
    """Three Moorea quadrats: at each of 200 expert points, the label that the classifier gave nearest to it."""
    experts: dict[str, list[tuple[int, int, str]]] = {}
    with (MLC / "derived_ground_truth.csv").open(newline="") as opened:
        for row in csv.DictReader(opened):
            experts.setdefault(row["Name"], []).append((int(row["Row"]), int(row["Column"]), row["Label"]))
    photos = []
    for name, points in experts.items():
        with (MLC / f"{name.removesuffix('.jpg')}.dense_model_labels.csv").open(newline="") as opened:
            dense = list(csv.DictReader(opened))
        places = np.array([(int(row["Y"]), int(row["X"])) for row in dense])
        found = []
        for at_row, at_column, _ in points:
            nearest = dense[int(((places - (at_row, at_column)) ** 2).sum(axis=1).argmin())]
            found.append(Found(at_row, at_column, ((nearest["Label"], float(nearest["Confidence"])),)))
        photos.append(Photo(name, found, (name[:8],), "manifest:moorea.csv"))
    analysis = Analysis(design=Design(unit="image"))
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=analysis)

    judged = judge(run, MLC / "derived_ground_truth.csv", allow_in_sample=False, word=PEOPLES)

    assert (judged.judged, judged.matched, judged.unmatched, judged.in_sample) == (600, 600, (), False)
    accuracy = by_label(judged)
    assert sum(counted(accuracy).values()) == 600
    counts = {hits.name: (hits.human, hits.machine, hits.both) for hits in accuracy.hits}
    assert (counts["CCA"][0], counts["Pocill"][0], counts["Porit"][0]) == (293, 149, 45)
    assert 0.5 < accuracy.agreement.share < 1
    assert 0.3 < accuracy.kappa < accuracy.agreement.share
    cca = next(bias for bias in accuracy.bias if bias.name == "CCA")
    assert cca.human == pytest.approx(293 / 600)
    assert cca.lo < cca.bias < cca.hi
