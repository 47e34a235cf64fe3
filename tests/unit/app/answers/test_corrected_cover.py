"""What an imported audit changes in a run's outputs: corrected cover, the same bytes on each rebuild."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, label_id, replanned, sure

from coralrun.accuracy.corrected import COLUMNS
from coralrun.accuracy.corrected_text import by_class_lines
from coralrun.app.answers.corrected_cover import by_class_of, correction_of
from coralrun.app.answers.outputs import write_tables
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.planning.model import Analysis
from coralrun.review.drawing import SampleRequest
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design

CLOCK = SystemClock()
CORAL = Group(path=("coral",), labels=(label_id("Porit"),))
REST = Group(path=("rest",), labels=(label_id("Sand"), label_id("Turf")))


def audited(folder: Path, persons_label: str, *, unmapped: tuple[str, ...] | None = None) -> OpenRun:
    """Four sites of two photos; a person gives one label to every audited point that the machine calls sand."""
    groups = LabelGroups(
        name="g", title="g", date="", source="", levels=("category",), groups=(CORAL, REST), unmapped=unmapped
    )
    analysis = Analysis(design=Design(unit="site"), groups=groups)
    photos = [
        Photo(f"{site}{n}.jpg", sure(["Porit", "Sand", "Turf", "Sand"]), (site,)) for site in "abcd" for n in (1, 2)
    ]
    run = finished_run(folder / "run", photos, fields=("site",), analysis=analysis)
    table = review.draw(run, SampleRequest(sample="50%"), CLOCK).table.decode().splitlines()
    rows = list(csv.DictReader(table))
    for row in rows:
        machine = row["machine_label_code"]
        row["label_code"] = persons_label if machine == "Sand" and row["set"] == "audit" else machine
    path = folder / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    review_import.take(run, path, CLOCK, accept=[persons_label])
    write_tables(run)
    return open_run(run.layout.root)


def corrected_rows(run: OpenRun) -> dict[tuple[str, str], dict[str, str]]:
    with (run.layout.outputs / "cover_corrected.csv").open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert tuple(rows[0]) == COLUMNS
    return {(row["grouping"], row["group"]): row for row in rows}


def test_an_imported_audit_writes_corrected_cover_by_label_and_group(tmp_path: Path) -> None:
    rows = corrected_rows(audited(tmp_path, "Porit"))
    assert (rows["category", "coral"]["cover_machine"], rows["category", "coral"]["cover_corrected"]) == (
        "25.000000",
        "75.000000",
    )
    assert rows["label", "Sand"]["cover_corrected"] == "0.000000"
    assert rows["label", "Sand"]["units_reviewed"] == "4"
    assert (
        rows["label", "Sand"]["warning"]
        == "8 audited points of this class, fewer than 10: what corrects it is mostly chance"
    )


def test_it_is_rebuilt_to_the_same_bytes(tmp_path: Path) -> None:
    run = audited(tmp_path, "Turf")
    before = (run.layout.outputs / "cover_corrected.csv").read_bytes()
    write_tables(open_run(run.layout.root))
    assert (run.layout.outputs / "cover_corrected.csv").read_bytes() == before


def test_a_persons_label_that_is_in_no_group_leaves_correction_by_label_and_says_so(tmp_path: Path) -> None:
    rows = corrected_rows(audited(tmp_path, "Rubble"))
    assert {grouping for grouping, _ in rows} == {"label"}
    assert rows["label", "Rubble"]["cover_corrected"] == "50.000000"
    warning = rows["label", "Rubble"]["warning"]
    assert "by label alone: the groups `g` do not say where 1 of the labels belong: `Rubble`, which the" in warning
    assert warning.endswith(" never gave. Add them to the groups, and call coralrun apply")


def test_a_persons_label_goes_where_the_groups_put_what_they_do_not_list(tmp_path: Path) -> None:
    rows = corrected_rows(audited(tmp_path, "Rubble", unmapped=("other",)))
    assert rows["category", "other"]["cover_corrected"] == "50.000000"


def test_without_reviews_there_is_nothing_to_correct(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo("a.jpg", sure(["A"]))])
    assert correction_of(run).empty
    assert not (run.layout.outputs / "cover_corrected.csv").exists()


PHOTOS = [Photo(f"{site}{n}.jpg", sure(["Porit", "Sand", "Turf", "Sand"]), (site,)) for site in "abcd" for n in (1, 2)]


def by_class(folder: Path, sample: str, persons_label: str) -> tuple[OpenRun, list[dict[str, str]]]:
    """Four sites; a person gives one label to every point drawn by class that the machine calls sand."""
    groups = LabelGroups(name="g", title="g", date="", source="", levels=("category",), groups=(CORAL, REST))
    analysis = Analysis(design=Design(unit="site"), groups=groups)
    run = finished_run(folder / "run", PHOTOS, fields=("site",), analysis=analysis)
    request = SampleRequest(sample=sample, by_class="category", blind=True)
    rows = list(csv.DictReader(review.draw(run, request, CLOCK).table.decode().splitlines()))
    assert {(row["set"], row["stratum"], row["inclusion_probability"]) for row in rows} == {("by class", "", "")}
    said = {row: ["Porit", persons_label, "Turf", persons_label][int(row) - 1] for row in "1234"}
    path = folder / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label_code": said[row["point"]]} for row in rows)
    review_import.take(run, path, CLOCK)
    with (run.layout.outputs / "cover_two_phase.csv").open(newline="", encoding="utf-8") as opened:
        return open_run(run.layout.root), list(csv.DictReader(opened))


def test_points_drawn_by_class_correct_cover_with_an_estimator_of_their_own(tmp_path: Path) -> None:
    run, rows = by_class(tmp_path, "32", "Porit")
    assert not (run.layout.outputs / "cover_corrected.csv").exists()
    coral, rest = rows
    assert (coral["group"], float(coral["cover_machine"]), float(coral["cover_corrected"])) == ("coral", 25, 75)
    assert (float(coral["bias"]), float(rest["bias"])) == (-50, 50)
    assert (coral["points_machine"], coral["points_reviewed"], coral["points_of_class"]) == ("8", "8", "24")


def test_points_drawn_by_class_tell_nothing_of_images_that_came_later(tmp_path: Path) -> None:
    """Whoever is asked for the same again is told; a further draw from all that there is corrects by itself."""
    run, _ = by_class(tmp_path, "32", "Porit")
    more = replanned(run, {**dict(enumerate(PHOTOS)), 8: Photo("d3.jpg", sure(["Sand"] * 4), ("d",))})
    frame = by_class_of(more)
    assert frame["cover_corrected"].isna().all()
    assert frame["method"].str.contains("from the images of plan 1: draw from those that there are now").all()
    with pytest.raises(UsageError, match="drawn when the survey had other points") as refused:
        review.draw(more, SampleRequest(sample="32", by_class="category"), CLOCK)
    assert refused.value.remedy.endswith("--seed 1.")
    table = review.draw(more, SampleRequest(sample="36", by_class="category", seed=1), CLOCK).table
    (tmp_path / "again.csv").write_bytes(table.replace(b",,,,,", b",Sand,,,,"))
    review_import.take(more, tmp_path / "again.csv", CLOCK)
    again = by_class_of(open_run(more.layout.root)).set_index("group")
    of_three, of_d = 25, (8 * 25 + 4 * 100) / 12  # all of what came is sand; what was labelled before counts on
    assert again.loc["rest", "cover_corrected"] == pytest.approx((3 * of_three + of_d) / 4)
    assert again.loc["rest", "points_reviewed"] == 28


def test_a_class_of_few_audited_points_has_no_figure_and_says_what_to_review(tmp_path: Path) -> None:
    _, (coral, rest) = by_class(tmp_path, "16", "Sand")
    assert (coral["cover_machine"], coral["cover_corrected"], coral["hi"]) == ("25.000000", "", "")
    assert coral["warning"].startswith("6 audited points of this class, fewer than 10: no figure; review more of it")
    assert rest["hi"]


def test_a_class_of_some_points_has_figures_and_a_warning_of_what_they_do_not_hold(tmp_path: Path) -> None:
    run, rows = by_class(tmp_path, "32", "Porit")
    assert all(row["warning"].startswith("fewer than 60 audited points of this class") for row in rows)
    lines = list(by_class_lines(by_class_of(run).to_dict("records")))
    assert any("fewer than 60 audited points of rest, coral" in line or "of coral, rest" in line for line in lines)
