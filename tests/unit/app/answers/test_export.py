"""Where an export goes, what it may write over, and what a part of a run is called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from msgspec import structs
from tests.unit.results.finished_runs import Photo, finished_run, label_id, sure
from typer.testing import CliRunner

from coralrun.app.answers.export import Exported, export
from coralrun.app.answers.outputs import write_tables
from coralrun.app.answers.verify import verify
from coralrun.app.reviewing import review_import
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.status import summarise
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.exports.model import ExportOptions
from coralrun.exports.registry import FORMATS, Format, format_named
from coralrun.planning.model import Analysis
from coralrun.results.tables import BY_CHANCE
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions, Design

ROOT = Path(__file__).parents[4]
PREDICTIONS = format_named("predictions")


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    """Three photos of two sources."""
    photos = [
        Photo("a.jpg", sure(["Coral", "Sand"]), ("north",)),
        Photo("b.jpg", sure(["Coral", "Sand"]), ("north",)),
        Photo("c.jpg", sure(["Sand", "Sand"]), ("south",), source="coralnet:9"),
    ]
    return finished_run(tmp_path / "reef", photos, fields=("site",), analysis=Analysis(design=Design(unit="site")))


def unfinished(run: OpenRun) -> OpenRun:
    """The same run, before it was known to be over."""
    run.state.finished_at = ""
    return run


def written(run: OpenRun, wanted: Format, out: Path, **options: Any) -> Exported:
    return export(run, wanted, options.pop("options", ExportOptions()), out=out, **options)


def names(path: Path) -> list[str]:
    return [row["name"] for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))]


def test_an_export_goes_where_it_is_told_and_writes_over_nothing_unless_told(run: OpenRun, tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    done = written(run, PREDICTIONS, out)

    assert (done.path, done.partial) == (out, False)
    assert out.read_bytes() == (run.layout.outputs / "predictions.csv").read_bytes()
    out.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        written(run, PREDICTIONS, out)
    assert out.read_text() == "mine"
    written(run, PREDICTIONS, out, overwrite=True)
    assert names(out) == ["a.jpg"] * 2 + ["b.jpg"] * 2 + ["c.jpg"] * 2


def test_predictions_to_a_parquet_name_are_a_part_a_source(run: OpenRun, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    out = written(run, PREDICTIONS, tmp_path / "predictions.parquet").path

    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")) == [
        "source=coralnet%3A2/part-0.parquet",
        "source=coralnet%3A9/part-0.parquet",
    ]
    assert pd.read_parquet(out)["name"].tolist() == ["a.jpg"] * 2 + ["b.jpg"] * 2 + ["c.jpg"] * 2
    part = written(unfinished(run), PREDICTIONS, tmp_path / "some.parquet", partial=True, source="coralnet:9").path
    assert part.name == "some.PARTIAL.parquet"
    assert pd.read_parquet(part)["site"].tolist() == ["south"] * 2


def test_no_other_export_is_written_to_a_name_that_says_parquet(run: OpenRun, tmp_path: Path) -> None:
    out = tmp_path / "covers.parquet"
    with pytest.raises(UsageError) as caught:
        written(run, format_named("percent-covers"), out)
    assert str(caught.value) == f"{out}: percent-covers is CSV, not Parquet"
    assert caught.value.remedy == "Give --out a name that ends in .csv."
    assert not out.exists()


def test_an_export_without_a_place_goes_into_the_folder_where_it_is_asked_for(
    run: OpenRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = export(run, format_named("notebook"), ExportOptions(), out=None)
    assert sorted(path.name for path in done.path.iterdir()) == ["a.csv", "b.csv", "c.csv"]
    assert done.path == Path("reef-notebook")
    assert export(run, format_named("matrix"), ExportOptions(), out=None).path == Path("reef-matrix.csv")
    assert export(run, format_named("xlsx"), ExportOptions(), out=None).path == Path("reef.xlsx"), "said once"


def test_a_folder_is_not_written_over_by_a_file_nor_a_file_by_a_folder(run: OpenRun, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="folder: a folder"):
        written(run, PREDICTIONS, tmp_path / "folder", overwrite=True)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="file: a file"):
        written(run, format_named("notebook"), tmp_path / "file", overwrite=True)
    with pytest.raises(UsageError, match="no such folder"):
        written(run, PREDICTIONS, tmp_path / "nowhere" / "predictions.csv")


def test_a_folder_that_holds_anything_else_is_not_written_over_whatever_is_said(
    run: OpenRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    (photos / "2024").mkdir(parents=True)
    (photos / "2024" / "a.jpg").write_bytes(b"mine")
    monkeypatch.chdir(photos)
    for out in ("../photos/2024", "/", ".", ".."):
        with pytest.raises(UsageError) as caught:
            written(run, format_named("notebook"), Path(out), overwrite=True)
        why = (
            "holds other files (a.jpg), which would be lost" if out.endswith("2024") else "the folder that you work in"
        )
        assert str(caught.value) == f"{out}: {why}"
    assert (photos / "2024" / "a.jpg").read_bytes() == b"mine"

    earlier = written(run, format_named("notebook"), tmp_path / "notebook").path
    written(run, format_named("notebook"), earlier, overwrite=True)
    (earlier / "notes.csv").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other files \(notes\.csv\)"):
        written(run, format_named("notebook"), earlier, overwrite=True)
    assert sorted(path.name for path in earlier.iterdir()) == ["a.csv", "b.csv", "c.csv", "notes.csv"]


def test_a_parquet_folder_is_overwritten_only_where_it_holds_predictions(run: OpenRun, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    out = written(run, PREDICTIONS, tmp_path / "some.parquet").path
    written(run, PREDICTIONS, out, overwrite=True)
    with pytest.raises(UsageError, match="part-0"):
        written(run, PREDICTIONS, out, overwrite=True, source="coralnet:9")
    assert len(pd.read_parquet(out)) == 6
    (out / "_metadata").write_text("mine")
    with pytest.raises(UsageError, match="_metadata"):
        written(run, PREDICTIONS, out, overwrite=True)


@pytest.mark.parametrize("place", ["", "run.json", "outputs", "outputs/predictions.csv", "state"])
@pytest.mark.parametrize("name", ["notebook", "predictions", "matrix"])
def test_what_lies_in_a_run_is_never_written_over(run: OpenRun, place: str, name: str) -> None:
    before = files_of(run.layout.root)
    with pytest.raises(UsageError, match="in the folder of a run, of which nothing is written over"):
        written(run, format_named(name), run.layout.root / place, overwrite=True)
    assert files_of(run.layout.root) == before


def test_a_part_of_a_run_says_so_in_its_name_whatever_name_was_asked_for(run: OpenRun, tmp_path: Path) -> None:
    going_on = unfinished(run)
    with pytest.raises(UsageError, match="is not finished") as refused:
        written(going_on, PREDICTIONS, tmp_path / "predictions.csv")
    assert "--partial" in refused.value.remedy

    done = written(going_on, PREDICTIONS, tmp_path / "predictions.csv", partial=True)

    assert (done.path, done.partial) == (tmp_path / "predictions.PARTIAL.csv", True)
    assert len(names(done.path)) == 6
    assert written(going_on, PREDICTIONS, tmp_path / "my-PARTIAL.csv", partial=True).path.name == "my-PARTIAL.csv"


def test_a_finished_run_is_whole_also_with_partial(run: OpenRun, tmp_path: Path) -> None:
    done = written(run, PREDICTIONS, tmp_path / "predictions.csv", partial=True)
    assert (done.path.name, done.partial) == ("predictions.csv", False)


@pytest.mark.parametrize(
    "wanted", [wanted for wanted in FORMATS if wanted.whole_runs_only], ids=lambda wanted: wanted.name
)
def test_a_part_of_a_run_goes_into_no_database_of_others(wanted: Format, run: OpenRun, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is for whole runs"):
        written(unfinished(run), wanted, tmp_path / "out.csv", partial=True)


def test_the_images_of_one_source_are_had_alone_where_a_format_can(run: OpenRun, tmp_path: Path) -> None:
    done = written(run, PREDICTIONS, tmp_path / "one.csv", source="coralnet:9")
    assert names(done.path) == ["c.jpg", "c.jpg"]
    with pytest.raises(UsageError, match="this run has no source `coralnet:8`"):
        written(run, PREDICTIONS, tmp_path / "none.csv", source="coralnet:8")
    with pytest.raises(UsageError, match="matrix is made of the whole run"):
        written(run, format_named("matrix"), tmp_path / "matrix.csv", source="coralnet:9")


def test_what_a_person_said_of_a_point_stands_in_the_annotations(run: OpenRun, tmp_path: Path) -> None:
    filled = "name,row,column,label_code,annotator,date\na.jpg,7,1,Coral,Ann,2026-04-01\n"
    (tmp_path / "review.csv").write_text(filled, encoding="utf-8")
    review_import.take(run, tmp_path / "review.csv", SystemClock())

    done = written(run, format_named("coralnet-annotations"), tmp_path / "annotations.csv")

    rows = list(csv.DictReader(io.StringIO(done.path.read_text(encoding="utf-8"))))
    assert [(row["Label code"], row["Annotator"], row["Machine suggestion 1"]) for row in rows[:2]] == [
        ("Coral", "coralrun classifier 1", "Coral"),
        ("Coral", "Ann", "Sand"),
    ]
    assert rows[1]["Date annotated"] == "2026-04-01 00:00:00+00:00"


def test_a_table_stands_while_its_survey_asks_for_it(run: OpenRun) -> None:
    asked = replace(run, plan=replace(run.plan, formats=("csv", "percent-covers")))
    write_tables(asked)
    covers = run.layout.outputs / "percent-covers.csv"
    assert covers.read_text().splitlines()[-1].startswith("ALL IMAGES")
    assert not (run.layout.outputs / "coralnet-annotations.csv").exists()
    assert verify(asked).damage == ()

    write_tables(run)
    assert not covers.exists()


def test_the_command_says_what_it_wrote_and_what_must_be_known_of_it(run: OpenRun, tmp_path: Path) -> None:
    root, out = str(run.layout.root), str(tmp_path / "upload.csv")
    asked = ["export", root, "--format", "coralnet-upload", "--source", "coralnet:2", "--out", out]

    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2
    done = CliRunner().invoke(app, [*asked, "--replace-existing-annotations", "--json"])

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "file": out,
        "format": "coralnet-upload",
        "run_dir": root,
        "partial": False,
        "notes": ["WARNING: the upload deletes all points and annotations of the images in this file"],
        "left_out": [],
        "left_out_file": "",
    }


def test_what_an_upload_leaves_out_stands_beside_it_and_whole_in_the_document(tmp_path: Path) -> None:
    photos = [Photo(f"p{number:02}.jpg", sure(["Coral"])) for number in range(24)]
    root = str(finished_run(tmp_path / "reef", photos).layout.root)
    names = [photo.name for photo in photos[1:]]
    (tmp_path / "there.csv").write_text("Name,Annotator\n" + "".join(f"{name},ann\n" for name in names))
    out, listed = tmp_path / "upload.csv", tmp_path / "upload.csv.left-out.txt"
    asked = ["export", root, "--format", "coralnet-upload", "--out", str(out)]
    existing = ["--existing", str(tmp_path / "there.csv")]

    done = CliRunner().invoke(app, [*asked, *existing, "--json"])

    told = json.loads(done.stdout)
    assert (told["left_out"], told["left_out_file"]) == (names, str(listed))
    assert listed.read_text().splitlines() == names
    assert [row["Name"] for row in csv.DictReader(out.open(newline=""))] == ["p00.jpg"]
    out.unlink()
    taken = CliRunner().invoke(app, [*asked, *existing])
    assert taken.exit_code == 2
    assert not out.exists()
    shown = CliRunner().invoke(app, [*asked, *existing, "--overwrite"])
    assert f"all that is left out stands in {listed}" in shown.stdout

    CliRunner().invoke(app, [*asked, "--replace-existing-annotations", "--overwrite"])

    assert not listed.exists()
    assert len(out.read_text().splitlines()) == 25


def test_without_a_format_the_command_lists_them(run: OpenRun) -> None:
    refused = CliRunner().invoke(app, ["export", str(run.layout.root), "--json"])
    assert refused.exit_code == 2
    assert all(wanted.name in json.loads(refused.stdout)["remedy"] for wanted in FORMATS)


def test_a_column_without_a_value_is_told(run: OpenRun) -> None:
    asked = ["export", str(run.layout.root), "--format", "gcrmn", "--set", "datasetID", "--json"]
    refused = CliRunner().invoke(app, asked)
    assert json.loads(refused.stdout)["message"] == "--set datasetID: not of the form COLUMN=..."


SITE = Design(unit="site", levels=("site", "image"))


def unsure_reef(folder: Path, cover: CoverOptions) -> OpenRun:
    """Two sites with two photos each: sure and unsure points, shadows, and a photo that is nearly all shadow."""
    photos = [
        Photo("a.jpg", [*sure(["Coral", "Sand", "Dark"], 0.95), *sure(["Rubble", "Sand"], 0.4)], ("north",)),
        Photo("b.jpg", [*sure(["Coral", "Coral", "Fog"], 0.95), *sure(["Coral"], 0.2)], ("north",)),
        Photo("c.jpg", [*sure(["Sand", "Fog"], 0.95), *sure(["Rubble"], 0.3)], ("south",)),
        Photo("d.jpg", [*sure(["Dark", "Dark", "Dark"], 0.95), *sure(["Coral"], 0.95)], ("south",)),
        Photo("lost.jpg", None, ("south",)),
    ]
    named = (("Hard coral", "Coral"), ("Bare", "Sand"), ("Bare", "Rubble"))
    groups = LabelGroups(
        name="lab",
        title="",
        date="2026-11-22",
        source="",
        levels=("group",),
        groups=tuple(Group(path=(name,), labels=(label_id(code),)) for name, code in named),
    )
    analysis = Analysis(design=SITE, cover=cover, groups=groups)
    return finished_run(folder, photos, fields=("site",), analysis=analysis)


EVERY_OPTION = CoverOptions(
    groups="lab.yaml", unusable=("Dark",), unclear=("Fog",), min_usable_points=0.5, min_confidence=0.9, diversity=True
)


def test_this_sets_every_option_that_cover_has() -> None:
    default = CoverOptions()
    assert all(getattr(EVERY_OPTION, field.name) != getattr(default, field.name) for field in fields(CoverOptions))


def test_the_cover_export_is_the_runs_own_table_whatever_the_options(tmp_path: Path) -> None:
    run = unsure_reef(tmp_path / "reef", EVERY_OPTION)
    done = written(run, format_named("cover"), tmp_path / "cover.csv")

    assert done.path.read_bytes() == (run.layout.outputs / "cover_units.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(done.path.read_text(encoding="utf-8"))))
    coral = next(row for row in rows if (row["site"], row["group"]) == ("north", "Coral"))
    assert (coral["points_seen"], coral["points_usable"]) == ("3", "8")  # of 4, one below the least confidence
    assert {row["images_dropped"] for row in rows if row["site"] == "south"} == {"1"}


def test_the_matrix_has_the_means_of_the_cover_export(tmp_path: Path) -> None:
    run = unsure_reef(tmp_path / "reef", EVERY_OPTION)
    cover = written(run, format_named("cover"), tmp_path / "cover.csv").path.read_text(encoding="utf-8")
    matrix = written(run, format_named("matrix"), tmp_path / "matrix.csv").path.read_text(encoding="utf-8")

    means = {
        (row["site"], row["group"]): row["mean"]
        for row in csv.DictReader(io.StringIO(cover))
        if row["grouping"] == "label"
    }
    cells = {
        (row["site"], code): mean
        for row in csv.DictReader(io.StringIO(matrix))
        for code, mean in row.items()
        if code != "site"
    }
    assert cells == means


def test_percent_covers_count_every_point_whatever_the_least_confidence(tmp_path: Path) -> None:
    plain = unsure_reef(tmp_path / "plain", CoverOptions(unusable=("Dark",), unclear=("Fog",)))
    strict = unsure_reef(tmp_path / "strict", EVERY_OPTION)
    percent = format_named("percent-covers")
    one = written(plain, percent, tmp_path / "plain.csv").path.read_bytes()
    assert written(strict, percent, tmp_path / "strict.csv").path.read_bytes() == one


ASKED = ("csv", "coralnet-annotations", "percent-covers", "cover", "matrix", "notebook")


def asking(run: OpenRun, *formats: str) -> OpenRun:
    """The same run, of which its survey asks for these formats."""
    return replace(run, plan=replace(run.plan, formats=formats))


def test_every_format_stands_among_the_tables_as_the_command_writes_it(run: OpenRun, tmp_path: Path) -> None:
    asked = asking(run, *ASKED)
    write_tables(asked)

    for wanted in FORMATS:
        if not wanted.output:
            continue
        out = written(run, wanted, tmp_path / wanted.name).path
        ours = run.layout.outputs / wanted.output
        files = sorted(path.relative_to(out) for path in out.rglob("*")) if wanted.folder else [Path()]
        assert files
        assert all((ours / name).read_bytes() == (out / name).read_bytes() for name in files), wanted.name
    assert sorted(path.name for path in (run.layout.outputs / "notebook").iterdir()) == ["a.csv", "b.csv", "c.csv"]
    assert verify(asked).damage == ()
    assert {f"{run.layout.outputs / name}" for name in ("matrix.csv", "notebook")} <= set(summarise(asked).files)

    write_tables(run)
    left = {path.name for path in run.layout.outputs.iterdir()}
    assert left.isdisjoint({"matrix.csv", "notebook", "percent-covers.csv", "coralnet-annotations.csv"})
    assert {"cover.csv", "cover_units.csv"} <= left


def test_a_label_in_no_group_costs_the_groups_and_not_the_matrix_among_the_tables(tmp_path: Path) -> None:
    run = unsure_reef(tmp_path / "reef", CoverOptions())
    groups = LabelGroups(
        name="few",
        title="",
        date="2026-11-22",
        source="",
        levels=("group",),
        groups=(Group(path=("Hard coral",), labels=(label_id("Coral"),)),),
    )
    few = replace(run, plan=replace(run.plan, analysis=replace(run.plan.analysis, groups=groups)))
    write_tables(asking(few, "csv", "matrix"))
    assert (run.layout.outputs / "matrix.csv").read_text().startswith("site,")
    with pytest.raises(UsageError, match="do not say where"):
        written(few, format_named("matrix"), tmp_path / "matrix.csv")


def test_a_run_whose_photos_all_failed_ends_with_all_its_tables(tmp_path: Path) -> None:
    lost = finished_run(
        tmp_path / "lost", [Photo("a.jpg", None, ("north",))], fields=("site",), analysis=Analysis(design=SITE)
    )
    write_tables(asking(lost, *ASKED))
    assert (lost.layout.outputs / "matrix.csv").read_text() == "site\n"
    assert list((lost.layout.outputs / "notebook").iterdir()) == []
    assert verify(asking(lost, *ASKED)).damage == ()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_runs_that_met_with_other_luck_differ_in_the_tables_of_chance_alone(run: OpenRun) -> None:
    asked = asking(run, *ASKED)
    write_tables(asked)
    before = files_of(run.layout.outputs)
    jobs = run.state.closed
    late = "2026-05-05T05:05:05Z"
    jobs[:] = [structs.replace(job, job=f"7{job.job}", submitted_at=late, closed_at=late) for job in jobs]
    write_tables(asked)
    after = files_of(run.layout.outputs)

    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == BY_CHANCE
    first, second = (
        [
            {column: cell for column, cell in row.items() if column != "Date annotated"}
            for row in csv.DictReader(io.StringIO(tables["coralnet-annotations.csv"].decode()))
        ]
        for tables in (before, after)
    )
    assert first == second


def test_every_schema_names_the_formats_that_a_survey_may_ask_for() -> None:
    asked = ["csv", "parquet", *(wanted.name for wanted in FORMATS if wanted.output)]
    for name in ("analysis", "plan", "survey", "survey-resolved"):
        schema = json.loads((ROOT / "schemas" / f"{name}.v1.json").read_text(encoding="utf-8"))
        assert [sorted(names) for names in lists_in(schema) if "parquet" in names] == [sorted(asked)], name


def lists_in(value: object) -> Iterator[list[str]]:
    """Every `enum` of a schema."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "enum":
                yield part
            yield from lists_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from lists_in(part)
