"""A review goes out, comes back, and stands beside the machine's answers; what people wrote is never lost."""

from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Found, Photo, finished_run, label_id, sure

from coralrun.app.answers.kept_reviews import load
from coralrun.app.answers.outputs import write_tables
from coralrun.app.answers.verify import verify
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run, tables_stand
from coralrun.clock import SystemClock
from coralrun.errors import InvalidInput, RunDamaged, UsageError
from coralrun.planning.model import Analysis, Classifier
from coralrun.review.drawing import Drawing, SampleRequest
from coralrun.review.reviewed import Reviews
from coralrun.review.whose_labels import Word
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design
from coralrun.store.files import Disk
from coralrun.store.reviews import ReviewStore

CLOCK = SystemClock()
PEOPLES = Word("people")
UNIT = Analysis(design=Design(unit="site"))


def reef(folder: Path) -> OpenRun:
    photos = [Photo(f"{site}{n}.jpg", sure(["Porit", "Sand", "Turf"]), (site,)) for site in "ab" for n in range(3)]
    return finished_run(folder, [*photos, Photo("bad.jpg", None, ("b",))], fields=("site",), analysis=UNIT)


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode(), newline="")))


def filled(table: bytes, labels: dict[str, str]) -> bytes:
    rows = rows_of(table)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "label_code": labels.get(row["review_id"], "")} for row in rows)
    return text.getvalue().encode()


def hand_in(run: OpenRun, folder: Path, name: str, data: bytes, *accept: str) -> Reviews:
    """Import a file that people labelled, as whoever brings it says; `accept` are labels that the run does not know."""
    path = folder / name
    path.write_bytes(data)
    return review_import.take(run, path, CLOCK, word=PEOPLES, accept=accept).reviews


def test_points_drawn_by_class_that_are_labelled_already_are_not_handed_out(tmp_path: Path) -> None:
    run, by_class = reef(tmp_path / "run"), SampleRequest(sample="12", by_class="label")

    def answered(name: str, request: SampleRequest) -> Drawing:
        drawing = review.draw(run, request, CLOCK)
        hand_in(run, tmp_path, name, filled(drawing.table, {id_: "Sand" for id_, _ in drawing.rows}))
        return drawing

    audit = answered("audit.csv", SampleRequest(sample="50%", only="audit"))
    audited = {(row["name"], row["point"]) for row in rows_of(audit.table)}
    drawing = answered("class.csv", by_class)
    rows = rows_of(drawing.table)
    assert not audited & {(row["name"], row["point"]) for row in rows}
    assert 0 < len(drawing.labelled) == len(drawing.drawn) - len(rows)
    reviews = load(run)
    assert {(point.image, point.point) for point in reviews.points} >= reviews.by_class.keys(), "all of them count"
    with pytest.raises(UsageError, match=r"^each point of review 2 is labelled already, and counts") as refused:
        review.draw(run, by_class, CLOCK)
    assert refused.value.remedy == "Draw others: --seed 1."


def test_images_that_may_have_trained_are_told_from_those_that_nothing_dates(tmp_path: Path) -> None:
    trained = Classifier(id="1", source=2, date="June 1, 2026")
    run = finished_run(tmp_path / "run", [Photo(f"{n}.jpg", sure(["Sand"])) for n in range(3)], classifier=trained)
    request = SampleRequest(sample="100%")
    drawn = [review.draw(run, request, CLOCK)]
    dated = "Name,Row,Column,Label,Annotator,Date annotated\n1.jpg,7,0,Sand,ann,2026-05-01T12:00:00Z\n"
    (tmp_path / "run-labels-2.csv").write_text(dated)
    drawn.append(review.draw(run, request, CLOCK))
    assert [(drawing.in_sample, drawing.undated) for drawing in drawn] == [(3, 3), (1, 0)]


def test_a_blind_review_has_the_columns_as_stated_and_no_word_of_the_machine(tmp_path: Path) -> None:
    drawing = review.draw(reef(tmp_path / "run"), SampleRequest(sample="50%", blind=True), CLOCK)

    header = drawing.table.decode().splitlines()[0]
    assert header == (
        "review_id,set,source,name,image_page,point,row,column,stratum,inclusion_probability,"
        "label_code,annotator,date,comment"
    )
    assert all(code not in drawing.table.decode() for code in ("Porit", "Sand", "Turf", "low score", "0.9"))
    row = rows_of(drawing.table)[0]
    assert row["image_page"].startswith("https://coralnet.ucsd.edu/image/")
    assert (drawing.audit_images, drawing.audit_points, drawing.triage_points) == (3, 9, 9)


def test_an_open_review_shows_the_machines_label_beside_an_empty_cell(tmp_path: Path) -> None:
    row = rows_of(review.draw(reef(tmp_path / "run"), SampleRequest(sample="1"), CLOCK).table)[0]
    assert (row["label_code"], row["machine_label_code"], row["machine_score"]) == ("", "Porit", "0.9")


def test_an_imported_review_stands_beside_the_machines_labels(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, SampleRequest(sample="50%", blind=True), CLOCK)

    found = hand_in(
        run, tmp_path, "anna.csv", filled(drawing.table, {"r1-00001": "porit", "r1-00002": "Rubble"}), "Rubble"
    )

    first, second = found.points
    assert (first.human.code, first.human.id, first.machine.label_code) == ("Porit", label_id("Porit"), "Porit")
    assert (second.human.code, second.human.id, second.machine.label_code) == ("Rubble", None, "Sand")
    assert (first.agrees, second.agrees, first.is_audit) == (True, False, True)
    assert (found.audited_images, found.audit_left) == (1, 7)
    assert (found.outcomes[0].labelled, found.outcomes[0].empty) == (2, 16)
    write_tables(run)
    table = rows_of((run.layout.outputs / "reviewed.csv").read_bytes())
    assert [(row["machine_label_code"], row["human_label_code"], row["agree"]) for row in table] == [
        ("Porit", "Porit", "yes"),
        ("Sand", "Rubble", "no"),
    ]


def test_what_does_not_match_is_listed_with_its_line_and_the_reason(tmp_path: Path) -> None:
    run = finished_run(
        tmp_path / "run",
        [Photo("x.jpg", sure(["A", "A"])), Photo("twin", sure(["A"])), Photo("twin", sure(["A"]), source="coralnet:3"),
         Photo("bad.jpg", None)],
    )  # fmt: skip
    data = (
        "Name,Row,Column,Label\n"
        "x.jpg,7,0,A\nx.jpg,7,9,A\nx.jpg,7,1,A\nx.jpg,7,1,A\nX.jpg,7,0,A\ntwin,7,0,A\nbad.jpg,7,0,A\n"
    )

    outcome = hand_in(run, tmp_path, "odd.csv", data.encode()).outcomes[0]

    assert outcome.labelled == 2
    assert [(row.human.line, row.why) for row in outcome.unmatched] == [
        (3, "the image has no point at this row and column"),
        (5, "the point has this label already, on line 4"),
        (6, "no image of the run has this name"),
        (7, "two images of the run have this name: give its source in a column `source`"),
        (8, "the image has no predictions"),
    ]


def test_two_points_on_one_pixel_are_told_apart_by_their_occurrence(tmp_path: Path) -> None:
    twice = [Found(5, 5, (("A", 0.9),)), Found(5, 5, (("A", 0.9),))]
    run = finished_run(tmp_path / "run", [Photo("x.jpg", twice)])

    found = hand_in(run, tmp_path, "r.csv", b"name,row,column,label\nx.jpg,5,5,A\nx.jpg,5,5,B\n", "B")

    assert [(point.point, point.human.code) for point in found.points] == [(1, "A"), (2, "B")]


def test_a_file_cannot_make_a_point_part_of_the_audit(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    data = b"review_id,set,name,row,column,label_code\nr1-00001,audit,a0.jpg,7,0,Sand\n"

    found = hand_in(run, tmp_path, "forged.csv", data)

    assert [point.is_audit for point in found.points] == [False]


def test_the_newest_label_counts_and_older_files_stay(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    hand_in(run, tmp_path, "one.csv", b"name,row,column,label\na0.jpg,7,0,Sand\n")
    found = hand_in(run, tmp_path, "two.csv", b"name,row,column,label\na0.jpg,7,0,Turf\n")
    copy = hand_in(run, tmp_path, "copy of two.csv", b"name,row,column,label\na0.jpg,7,0,Turf\n")

    assert [point.human.code for point in found.points] == ["Turf"]
    assert ([len(outcome.changed) for outcome in found.outcomes], copy) == ([0, 1], found)
    kept = sorted(path.name for path in run.layout.reviews.iterdir())
    assert kept == ["imported-1.csv", "imported-2.csv", "index.json"]


def test_a_file_that_is_handed_in_again_takes_a_correction_back(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    first = b"name,row,column,label\na0.jpg,7,0,Sand\na1.jpg,7,0,Sand\n"
    hand_in(run, tmp_path, "one.csv", first)
    hand_in(run, tmp_path, "two.csv", b"name,row,column,label\na0.jpg,7,0,Turf\n")
    back = hand_in(run, tmp_path, "copy of one.csv", first)
    assert {point.human.code for point in back.points} == {"Sand"}
    assert [(outcome.number, len(outcome.changed)) for outcome in back.outcomes] == [(1, 0), (2, 1), (3, 1)]
    assert hand_in(run, tmp_path, "one.csv", first) == back, "and says nothing that does not stand already"


def test_labels_that_are_accepted_later_take_no_correction_back(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    first = b"name,row,column,label\na0.jpg,7,0,Sand\na1.jpg,7,0,Gorgonian\n"
    hand_in(run, tmp_path, "one.csv", first)
    hand_in(run, tmp_path, "two.csv", b"name,row,column,label\na0.jpg,7,0,Turf\n")
    found = hand_in(run, tmp_path, "one.csv", first, "Gorgonian")
    assert [point.human.code for point in found.points] == ["Turf", "Gorgonian"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions another way")
def test_reviews_are_their_owners_alone_and_a_touched_one_is_refused(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    hand_in(run, tmp_path, "one.csv", b"name,row,column,label\na0.jpg,7,0,Sand\n")
    path = run.layout.imported(1, ".csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    path.write_bytes(path.read_bytes().replace(b"Sand", b"Turf"))

    with pytest.raises(RunDamaged, match=r"imported-1\.csv: it is not what was kept"):
        load(run)


def test_a_file_that_a_crash_left_unnamed_is_kept_and_passed_over(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    run.layout.reviews.mkdir()
    run.layout.drawn(1).write_bytes(b"left over")

    assert review.draw(run, SampleRequest(sample="1"), CLOCK).number == 2
    assert run.layout.drawn(1).read_bytes() == b"left over"


def test_a_review_survives_that_the_tables_are_written_anew(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    hand_in(run, tmp_path, "one.csv", b"name,row,column,label\na0.jpg,7,0,Sand\n")
    write_tables(run)
    before = (run.layout.outputs / "reviewed.csv").read_bytes()
    write_tables(open_run(run.layout.root))
    assert (run.layout.outputs / "reviewed.csv").read_bytes() == before


def test_a_name_that_a_spreadsheet_would_run_goes_out_harmless_and_comes_back(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo("=cmd()", sure(["A"]))])
    table = review.draw(run, SampleRequest(sample="1"), CLOCK).table
    assert rows_of(table)[0]["name"] == "'=cmd()"
    found = hand_in(run, tmp_path, "r.csv", filled(table, {"r1-00001": "A"}))
    assert len(found.points) == 1


@pytest.mark.parametrize("sample", ["", "5 kg", "0%", "101%", "0", "2.5", "-3"])
def test_a_sample_that_is_neither_a_share_nor_a_number_is_refused(tmp_path: Path, sample: str) -> None:
    with pytest.raises(UsageError, match="neither a share nor a number"):
        review.draw(reef(tmp_path / "run"), SampleRequest(sample=sample), CLOCK)


def test_images_whose_site_nobody_knows_are_not_drawn_and_are_named(tmp_path: Path) -> None:
    photos = [Photo("a.jpg", sure(["A"]), ("a",)), Photo("lost.jpg", sure(["A"]), ("",))]
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=UNIT)
    drawing = review.draw(run, SampleRequest(sample="100%"), CLOCK)
    assert (drawing.audit_images, drawing.without_unit) == (1, ("lost.jpg",))


def test_a_field_that_the_run_does_not_have_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the images have no field `depth`; they have: `site`"):
        review.draw(reef(tmp_path / "run"), SampleRequest(sample="5%", by="depth"), CLOCK)


def test_a_date_of_two_readings_is_told_as_a_review_comes_in(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    path = tmp_path / "filled.csv"
    drawn = rows_of(review.draw(run, SampleRequest(sample="1", blind=True), CLOCK).table)
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(drawn[0]))
        writer.writeheader()
        writer.writerows({**row, "label_code": "A", "date": "5/11/2023"} for row in drawn)
    (note,) = review_import.take(run, path, CLOCK, word=PEOPLES, accept=["A"]).notes
    assert "`5/11/2023` is 2023-05-11 or 2023-11-05" in note


def test_a_file_without_any_label_is_refused_and_not_kept(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    path = tmp_path / "empty.csv"
    path.write_bytes(review.draw(run, SampleRequest(sample="1", blind=True), CLOCK).table)
    with pytest.raises(UsageError, match="no row has a person's label yet"):
        review_import.take(run, path, CLOCK)
    path.write_text("name,row,column\na0.jpg,7,0\n")
    with pytest.raises(InvalidInput, match="no column of labels"):
        review_import.take(run, path, CLOCK)
    assert not run.layout.imported(1, ".csv").exists()


def test_what_a_machine_labelled_is_no_review(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    table = "name,row,column,label,annotator\na0.jpg,7,0,A,coralrun classifier 1\na0.jpg,7,1,A,{}\n"
    with pytest.raises(
        UsageError, match="no row has a person's label: 2 are a machine's, as the column `annotator` says"
    ):
        hand_in(run, tmp_path, "machine.csv", table.format("Robot").encode())
    found = hand_in(run, tmp_path, "both.csv", table.format("anna").encode(), "A")
    assert [(outcome.labelled, outcome.machines) for outcome in found.outcomes] == [(1, 1)]
    assert [point.row.annotator for point in found.points] == ["anna"]


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("by id", f"name,row,column,label_id,annotator\na0.jpg,7,0,{label_id('Gorgonian')},anna\n"),
        ("by code", "name,row,column,label,annotator\na0.jpg,7,0,Tunicate,anna\n"),
        ("by a group's code", "name,row,column,label,annotator\na0.jpg,7,0,Sponge,anna\n"),
    ],
)
def test_labels_of_groups_and_kept_annotations_are_known_too(tmp_path: Path, file: str, rows: str) -> None:
    coral = Group(path=("coral",), labels=(label_id("Porit"), label_id("Gorgonian")), codes=("Sponge",))
    groups = LabelGroups(name="g", title="g", date="", source="", levels=("category",), groups=(coral,))
    run = finished_run(tmp_path / "run", [Photo("a0.jpg", sure(["Porit"]))], analysis=Analysis(groups=groups))
    (run.folder.inputs / "annotations-2.csv").write_text("Name,Row,Column,Label code,Label ID\nz.jpg,1,1,Tunicate,7\n")
    found = hand_in(run, tmp_path, f"{file}.csv", rows.encode())
    assert (found.outcomes[0].labelled, found.held) == (1, ())
    (added,) = ReviewStore(run.layout, Disk()).index().imports
    assert len(added.accepted) == 1, "they stay known, whatever the groups become"


def test_rows_that_are_held_back_answer_no_draw_and_leave_the_run_whole(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, SampleRequest(sample="50%", blind=True), CLOCK)
    ids = [row["review_id"] for row in rows_of(drawing.table)]
    found = hand_in(run, tmp_path, "typed.csv", filled(drawing.table, dict.fromkeys(ids, "Poriit")))
    assert (found.points, len(found.held), found.audit_left) == ((), 18, 9)
    assert {held.meant for held in found.held} == {"Porit"}
    assert not (run.layout.outputs / "cover_corrected.csv").exists()
    assert verify(run).damage == ()
    again = hand_in(run, tmp_path, "typed.csv", filled(drawing.table, dict.fromkeys(ids, "Poriit")), "Poriit")
    assert (len(again.points), again.held, again.audit_left) == (18, (), 0)
    assert verify(run).damage == ()


def test_a_row_is_held_back_until_a_later_import_gives_its_point_a_known_label(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo("a.jpg", sure(["Porit", "Sand"]))])
    table = "name,row,column,label\na.jpg,7,0,{}\na.jpg,7,1,{}\n"
    files = [("Poriit", "Sannd"), ("Porit", ""), ("", "Zand"), ("Poriit", "Sand")]
    found = [hand_in(run, tmp_path, f"{n}.csv", table.format(*file).encode()) for n, file in enumerate(files)]
    held = [{row.place[1]: row.code for row in reviews.held} for reviews in found]
    assert held == [{1: "Poriit", 2: "Sannd"}, {2: "Sannd"}, {2: "Zand"}, {1: "Poriit"}]
    assert [len(reviews.held) for reviews in found] == [2, 1, 1, 1], "a point stands there once"
    assert [outcome.held[0].code for outcome in found[-1].outcomes if outcome.held] == ["Poriit", "Zand", "Poriit"]


def test_labels_that_look_alike_are_one_and_case_tells_two_apart(
    tmp_path: Path,
) -> None:
    labels = ["algue br\u00fbl\u00e9e", "Sand", "SAND"]
    run = finished_run(tmp_path / "run", [Photo("a.jpg", sure(labels))])
    written = ["Algue br\u00fbl\u00e9e", "algue bru\u0302le\u0301e", "sand"]
    rows = "\n".join(f"a.jpg,7,{column},{label}" for column, label in enumerate(written))
    found = hand_in(run, tmp_path, "r.csv", f"name,row,column,label\n{rows}\n".encode())
    assert [point.human.code for point in found.points] == [labels[0], labels[0]]
    assert [held.code for held in found.held] == ["sand"]


def test_a_site_in_two_strata_is_audited_in_each(tmp_path: Path) -> None:
    analysis = Analysis(design=Design(unit="site", strata_field="depth"))
    photos = [
        Photo(f"{site}{depth}{n}.jpg", sure(["A"]), (site, depth)) for site in "ab" for depth in "ds" for n in range(9)
    ]
    run = finished_run(tmp_path / "run", photos, fields=("site", "depth"), analysis=analysis)
    rows = rows_of(review.draw(run, SampleRequest(sample="4"), CLOCK).table)
    assert sorted(row["name"][:2] for row in rows if row["set"] == "audit") == ["ad", "as", "bd", "bs"]


def test_by_the_design_unit_names_it_in_every_row_of_the_audit(tmp_path: Path) -> None:
    rows = rows_of(review.draw(reef(tmp_path / "run"), SampleRequest(sample="2", by="Site"), CLOCK).table)
    assert {row["stratum"] for row in rows if row["set"] == "audit"} == {"a", "b"}


def test_an_audit_may_be_spread_over_another_field_too(tmp_path: Path) -> None:
    photos = [Photo(f"{year}{n}.jpg", sure(["A"]), ("a", year)) for year in ("2023", "2024") for n in range(9)]
    run = finished_run(tmp_path / "run", photos, fields=("site", "year"), analysis=UNIT)
    rows = rows_of(review.draw(run, SampleRequest(sample="2", by="year"), CLOCK).table)
    assert [row["stratum"] for row in rows if row["set"] == "audit"] == ["2023", "2024"]


def test_a_run_is_whole_after_a_draw_and_after_an_import(tmp_path: Path) -> None:
    run = reef(tmp_path / "run")
    drawing = review.draw(run, SampleRequest(sample="50%"), CLOCK)
    assert verify(run).damage == ()
    hand_in(run, tmp_path, "anna.csv", filled(drawing.table, {"r1-00001": "Sand"}))
    assert verify(run).damage == ()


def test_a_process_that_ends_while_a_review_comes_in_leaves_the_tables_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = reef(tmp_path / "run")

    def killed(opened: OpenRun) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(review_import, "write_tables", killed)
    with pytest.raises(KeyboardInterrupt):
        hand_in(run, tmp_path, "one.csv", b"name,row,column,label\na0.jpg,7,0,Sand\n")
    assert not tables_stand(run.layout)
    assert [point.human.code for point in load(run).points] == ["Sand"]
