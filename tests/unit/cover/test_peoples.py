"""Which of a file's rows are points that people labelled, and what is said of the others."""

from __future__ import annotations

from tests.unit.sources.labelled_tables import cpce

from coralrun.cover.peoples import PeoplesPoints, points_of
from coralrun.review.whose_labels import as_peoples
from coralrun.sources import archive
from coralrun.sources.labelled_file import read_labelled

HEADER = "Name,Row,Column,Label,Label ID,Annotator\n"


def counted(*rows: str, file: str = "labels.csv", header: str = HEADER) -> PeoplesPoints:
    return points_of(read_labelled(file, (header + "\n".join(rows)).encode()))


def points(found: PeoplesPoints) -> dict[tuple[str, str], int]:
    counts = found.counts
    cells = zip(counts.image.tolist(), counts.label.tolist(), counts.points.tolist(), strict=True)
    return {(found.names[image], counts.labels[label].code): number for image, label, number in cells}


def test_points_are_counted_by_image_and_label_in_the_order_of_the_file() -> None:
    found = counted("b,1,1,Sand,1,anna", "a,1,1,Coral,2,ben", "b,1,2,Coral,2,anna", "b,1,3,Sand,1,anna")
    assert points(found) == {("b", "Sand"): 2, ("b", "Coral"): 1, ("a", "Coral"): 1}
    assert (found.names, found.counts.total.tolist(), found.points) == (("b", "a"), [3, 1], 4)
    assert (found.labelled_by, found.notes) == ("anna (3), ben (1)", ())
    assert [(label.id, label.code) for label in found.counts.labels] == [(1, "Sand"), (2, "Coral")]


def test_what_no_person_labelled_is_left_out_and_said() -> None:
    found = counted("a,1,1,Sand,,anna", "a,1,2,,,anna", "a,1,3,Sand,,robot", "b,1,3,Sand,,robot", "b,1,1,Sand,,")
    assert points(found) == {("a", "Sand"): 1}
    assert found.notes == (
        "Points without a label are left out: 1; 1 photo with others of people count by these alone",
        "Labels of a machine, as the column `Annotator` says, are left out: 2; 1 photo with others of people count by "
        "these alone",
        "Labels of which nobody says who gave them are left out: 1",
    )


def test_of_a_review_only_the_audit_counts() -> None:
    """What was picked where the machine is unsure would be cover of the doubtful."""
    header = HEADER.replace("Annotator", "Annotator,set,inclusion_probability")
    drawn = "a,1,1,Sand,,anna,audit,0.5", "b,1,1,Sand,,anna,audit,0.25"
    found = counted(*drawn, "a,1,2,Coral,,anna,triage,", "a,1,3,Coral,,anna,,", header=header)
    assert points(found) == {("a", "Sand"): 1, ("b", "Sand"): 1}
    assert found.notes == (
        "Points that no audit drew, as the column `set` says, are left out: 2",
        "The audit drew with unequal probabilities, which are not used here: see the corrected cover of its run",
    )


def test_two_files_of_one_photo_are_two_labels_of_its_points() -> None:
    one, other = (cpce(r"D:\reef\a.jpg", [(7, 1, label)]) for label in ("Sand", "Coral"))
    files = {"1.cpc": one, "2.cpc": other, "3.cpc": cpce(r"E:\b.jpg", [(7, 1, "Sand")])}
    rows = as_peoples(read_labelled("cpce.zip", archive.pack(files)))
    found = points_of(rows)
    assert points(found) == {("a.jpg", "Sand"): 1, ("b.jpg", "Sand"): 1}
    assert found.notes == (
        "Second labels of points that have one already are left out, 1: the first counts (so `a.jpg`, 1.cpc, line 7 "
        "and not 2.cpc, line 7)",
    )


def test_photos_of_one_name_in_two_folders_are_two() -> None:
    files = {f"{n}.cpc": cpce(rf"D:\{n}\q1.jpg", [(7, 1, "Sand")]) for n in ("north", "south")}
    found = points_of(as_peoples(read_labelled("cpce.zip", archive.pack(files))))
    assert found.names == (r"D:\north\q1.jpg", r"D:\south\q1.jpg")


def test_of_two_labels_of_one_point_the_first_counts() -> None:
    found = counted("a,1,1,Sand,,anna", "a,1,1,Coral,,anna", "a,1,1,Sand,,ben", "a,1,2,Coral,,ben")
    assert points(found) == {("a", "Sand"): 1, ("a", "Coral"): 1}
    assert found.notes == (
        "Second labels of points that have one already are left out, 2: the first counts (so `a`, line 2 and not line "
        "3, of anna)",
    )


def test_the_same_label_on_the_same_place_is_another_point() -> None:
    found = counted("a,1,1,Sand,,anna", "a,1,1,Sand,,anna")
    assert points(found) == {("a", "Sand"): 2}
    assert found.notes == (
        "1 point on the place of another with the same label: each counts, as a design may draw a place twice",
    )


def test_spellings_of_a_label_are_one_and_an_id_is_its_code_everywhere() -> None:
    found = counted(
        "a,1,1,Sand,,x", "a,1,2,SAND,,x", "a,1,3,Sand,,x", "a,1,4,Porit,9,x", "a,1,5,porit,,x", "a,1,6,,9,x"
    )
    assert points(found) == {("a", "Sand"): 3, ("a", "Porit"): 3}
    assert found.notes == (
        "Spellings that are taken for one label: `Sand` and `SAND` (1); `Porit` and `porit` (1), `9` (1)",
    )
