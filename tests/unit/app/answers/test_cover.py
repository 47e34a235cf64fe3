"""The cover of a run on disk: its tables, its command, and what both say where groups are wrong."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.results.finished_runs import Photo, finished_run, label_id, sure
from typer.testing import CliRunner

from coralrun.app.answers.outputs import write_tables
from coralrun.app.applying.apply import resume
from coralrun.app.run.run_directory import OpenRun, unseal
from coralrun.app.run.status import summarise
from coralrun.cli.calling import ended
from coralrun.cli.main import app
from coralrun.console.quiet import Quiet
from coralrun.cover.tables import NOTES
from coralrun.files.written import Table
from coralrun.planning.model import Analysis
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design
from coralrun.store.files import Disk

SITE = Design(unit="site", levels=("site", "image"))


def groups_of(**labels: str) -> LabelGroups:
    """Groups of one level, as `Coral="Porit Acrop"`."""
    return LabelGroups(
        name="lab",
        title="",
        date="2026-11-22",
        source="",
        levels=("group",),
        groups=tuple(
            Group(path=(name,), labels=tuple(label_id(code) for code in codes.split()), live=True)
            for name, codes in labels.items()
        ),
    )


def reef(folder: Path, analysis: Analysis) -> OpenRun:
    """Three sites of two photos of eight points; the coral varies between them; one photo failed."""
    photos = [
        Photo(f"{site}{n}.jpg", sure(["Porit"] * (2 * place + n) + ["Sand"] * (8 - 2 * place - n)), (site,))
        for place, site in enumerate("abc")
        for n in range(2)
    ]
    return finished_run(folder, [*photos, Photo("lost.jpg", None, ("c",))], fields=("site",), analysis=analysis)


def table(run: OpenRun, name: str) -> list[dict[str, str]]:
    text = (run.layout.outputs / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def said(run: OpenRun) -> str:
    notes = run.layout.outputs / NOTES
    return notes.read_text(encoding="utf-8") if notes.exists() else ""


def reread(run: OpenRun, analysis: Analysis) -> OpenRun:
    """The same run, read with another analysis."""
    return replace(run, plan=replace(run.plan, analysis=analysis))


def invoke(*words: str) -> Any:
    return CliRunner().invoke(app, ["cover", *words])


def test_a_finished_run_has_tables_of_cover_with_what_they_rest_on(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE))
    write_tables(run)

    coral = next(row for row in table(run, Table.COVER.file) if row["group"] == "Porit")
    assert float(coral["mean"]) == 100 * (1 + 5 + 9) / 48
    assert float(coral["lo"]) < float(coral["mean"]) < float(coral["hi"])
    wanted = {
        "stratum": "",
        "units": "3",
        "images_planned": "7",
        "images_used": "6",
        "images_failed": "1",
        "df": "2.000000",
    }
    assert {key: coral[key] for key in wanted} == wanted
    assert [row["site"] for row in table(run, Table.COVER_UNITS.file) if row["group"] == "Porit"] == ["a", "b", "c"]
    assert {row["name"]: row["fate"] for row in table(run, Table.COVER_IMAGES.file)}["lost.jpg"] == "failed"
    assert said(run) == "1 image has no predictions; cover takes such images to be like the others\n"


def test_the_tables_are_the_same_bytes_on_every_rebuild(tmp_path: Path) -> None:
    analysis = Analysis(design=SITE, cover=CoverOptions(diversity=True), groups=groups_of(Coral="Porit", Bare="Sand"))
    run = reef(tmp_path / "run", analysis)

    def files() -> dict[str, bytes]:
        write_tables(run)
        return {path.name: path.read_bytes() for path in run.layout.outputs.iterdir()}

    assert Table.DIVERSITY.file in files()
    assert files() == files()


def test_a_run_is_re_analysed_and_what_is_no_longer_asked_for_is_taken_away(tmp_path: Path) -> None:
    groups = groups_of(Coral="Porit", Bare="Sand")
    run = reef(tmp_path / "run", Analysis(design=SITE, cover=CoverOptions(diversity=True), groups=groups))
    write_tables(run)

    write_tables(reread(run, Analysis()))

    names = {path.name for path in run.layout.outputs.iterdir()}
    assert not names & {Table.COVER_UNITS.file, Table.DIVERSITY.file}
    assert {row["method"] for row in table(run, Table.COVER.file)} == {"no interval: the survey names no design unit"}


def test_a_label_in_no_group_costs_the_groups_and_not_the_tables(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE, groups=groups_of(Coral="Porit")))
    write_tables(run)

    assert (run.layout.outputs / "jobs.csv").exists()
    assert {row["grouping"] for row in table(run, Table.COVER.file)} == {"label"}
    assert said(run).startswith(
        "Cover stands here by label alone: the groups `lab` do not say where 1 of the labels belong:\n"
        f"  {label_id('Sand')}  `Sand`  "
    )
    assert str(run.layout.outputs / NOTES) in summarise(run).files


def test_tables_that_lost_their_groups_are_mailed_by_the_call_that_wrote_them(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(groups=groups_of(Coral="Porit")))
    unseal(run.layout, Disk())

    def told() -> list[str]:
        quiet = Quiet()
        return quiet.news("reef.yaml", ended(quiet, lambda quiet: resume(run.layout.root, quiet)))

    head, first, label, remedy = told()
    assert head.endswith("Z reef.yaml ended with 7:")
    assert first == f"  {said(run).splitlines()[0]}"
    assert (label.split()[1], remedy[:24]) == ("`Sand`", "  Add these labels to th")
    assert told() == []


def test_the_notes_are_written_and_named_only_where_there_are_any(tmp_path: Path) -> None:
    photos = [Photo(f"{site}.jpg", sure(["Porit", "Sand"]), (site,)) for site in "ab"]
    run = finished_run(tmp_path / "run", photos, fields=("site",), analysis=Analysis(design=SITE))
    assert not (run.layout.outputs / NOTES).exists()
    assert str(run.layout.outputs / NOTES) not in summarise(run).files


def test_diversity_that_cannot_be_worked_out_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE, cover=CoverOptions(diversity=True)))
    write_tables(run)

    assert said(run).startswith(
        "`diversity` counts live labels only, and no group says which are alive. Use label groups"
    )
    assert not (run.layout.outputs / Table.DIVERSITY.file).exists()


def test_the_cover_of_each_group_is_said_and_why_a_class_has_a_limit(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE, groups=groups_of(Coral="Porit", Bare="Sand", Grass="Zostera")))

    lines = invoke(str(run.layout.root)).stdout.splitlines()

    assert lines[0].endswith(": cover in percent, with 95 % intervals")
    assert lines[1:3] == [
        "  3 units (site), 6 of 7 photos, 48 usable points, 1 failed",
        "    group",
    ]
    assert lines[3].startswith("      Coral   31.2 %  (")
    assert lines[5].startswith("      Grass    0.0 %  (0.0 to ")
    assert lines[5].endswith(")  not seen in 3 units, 48 points")
    chances = (
        "  not seen: points of one unit are alike, so each unit is one chance to see a class, however many its points"
    )
    assert [line for line in lines if line.startswith("  not seen")] == [chances]
    assert lines[-1] == "  note: 1 image has no predictions; cover takes such images to be like the others"


def test_the_command_says_first_that_a_rehearsal_is_none_of_the_reef(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", [Photo("1.jpg", sure("AB"))], service="http://127.0.0.1:9000")
    caution = run.plan.about.caution
    assert invoke(str(run.layout.root)).stdout.splitlines()[:2] == [caution, "run: cover in percent"]
    assert json.loads(invoke(str(run.layout.root), "--json").stdout)["notes"][0] == caution
    assert said(run).startswith("NOT REAL: this run was at http://127.0.0.1:9000")


def test_the_command_says_once_of_what_part_of_the_area_its_answer_is(tmp_path: Path) -> None:
    photos = [
        *(Photo(f"{n}.jpg", sure(["Porit"] * n + ["Sand"] * (8 - n)), (str(n), "lagoon")) for n in (2, 4)),
        Photo("lost.jpg", None, ("9", "slope")),
    ]
    design = Design(unit="site", levels=("site", "image"), strata_field="habitat", areas="areas.csv")
    analysis = Analysis(design=design, areas={"lagoon": 1.0, "slope": 9.0})
    run = finished_run(tmp_path / "run", photos, fields=("site", "habitat"), analysis=analysis)

    lines = invoke(str(run.layout.root)).stdout.splitlines()

    assert lines[1:3] == [
        "  2 units (site), 2 of 3 photos, 16 usable points, 1 failed",
        "  of 10 % of the area: no photo used in `slope`",
    ]
    assert lines[4].startswith("      Sand    62.5 %  (") and lines[4].endswith(")"), "the largest label is the first"
    assert lines[-1] == (
        "  note: No photo is used in stratum `slope`, 90 % of the area: what is said of the whole survey is of 10 % "
        "of the area alone"
    )
    write_tables(run)
    assert "No photo is used in stratum `slope`" in said(run)
    rows = json.loads(invoke(str(run.layout.root), "--json").stdout)["rows"]
    written = table(run, Table.COVER.file)
    assert [(row["stratum"], row["group"], row["method"]) for row in rows] == [
        (row["stratum"], row["group"], row["method"]) for row in written
    ]
    assert {row["stratum"]: row["method"] for row in table(run, Table.COVER.file)} == {
        "": "Korn-Graubard; of 10 % of the area: no photo used in `slope`",
        "lagoon": "Korn-Graubard",
        "slope": "no interval: no image is used",
    }


def test_the_command_answers_by_fields_in_any_case_and_names_those_that_are_there(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE))

    done = invoke(str(run.layout.root), "--by", "SITE", "--json")
    rows = json.loads(done.stdout)["rows"]
    assert [(row["site"], row["mean"], row["lo"], row["method"]) for row in rows if row["group"] == "Porit"] == [
        ("a", 6.25, None, "no interval: n = 1"),
        ("b", 31.25, None, "no interval: n = 1"),
        ("c", 56.25, None, "no interval: n = 1"),
    ]

    wrong = invoke(str(run.layout.root), "--by", "habitat")
    assert wrong.exit_code == 2
    assert "the images have no field `habitat`; they have: `site`" in wrong.output


def test_the_command_fails_with_the_labels_that_are_in_no_group(tmp_path: Path) -> None:
    run = reef(tmp_path / "run", Analysis(design=SITE, groups=groups_of(Coral="Porit")))

    done = invoke(str(run.layout.root))

    assert done.exit_code == 2
    assert f"  {label_id('Sand')}  `Sand`" in done.output


def test_validate_says_what_is_wrong_with_a_group_file(tmp_path: Path) -> None:
    (tmp_path / "survey.yaml").write_text(
        "version: 1\nname: wrong-groups\nclassifier: {source: 1}\nsources: [{coralnet: 1}]\n"
        "sampling: {points: {method: uniform grid, points: 9}}\ncover: {groups: lab.yaml}\n",
        encoding="utf-8",
    )
    (tmp_path / "lab.yaml").write_text("version: 1\nname: lab\nlevel: [group]\n", encoding="utf-8")

    done = CliRunner().invoke(app, ["validate", str(tmp_path / "survey.yaml")])

    assert done.exit_code == 2
    assert "lab.yaml:3:1: unknown key `level`: did you mean `levels`?" in done.output
    assert "lab.yaml:1:1: `groups` is missing: the groups and their labels" in done.output
