"""Exports beside the real files of CoralNet: their headers, their types, and nothing lost on the way."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.unit.cover import test_source_2091 as source_2091
from tests.unit.exports.runs import drawn_run, real_run, text, told_run

from coralrun.exports import (
    carbonate,
    coralnet_annotations,
    coralnet_upload,
    cover,
    gcrmn,
    matrix,
    mermaid,
    notebook,
    percent_covers,
    predictions,
)
from coralrun.exports.model import Export, ExportOptions, FolderExport, InputFile, Results
from coralrun.spec.groups import groups_from
from coralrun.spec.model import CoverOptions

ROOT = Path(__file__).parents[3]
DATA = Path(__file__).parents[4] / "shared" / "data"
POINTS = 600


def shared(*parts: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared data ({'/'.join(parts)}) are not here")
    return path


@pytest.fixture
def arms(tmp_path: Path) -> Results:
    return real_run(tmp_path, shared("arms-api", "ARMS_Exported_Annotations.json").read_bytes())


@pytest.fixture
def truth() -> pd.DataFrame:
    """The first image of the same result, as its own authors tabulated it."""
    return pd.read_csv(shared("arms-api", "ARMS_Exported_Annotations.csv"), keep_default_na=False)


def read(made: Export | FolderExport) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text(made)), keep_default_na=False, na_values=[""])


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {name: frame[name].dtype.kind for name in frame.columns}


def test_predictions_hold_every_point_and_score_of_the_real_result(arms: Results, truth: pd.DataFrame) -> None:
    frame = read(predictions.make(arms, ExportOptions()))

    assert len(frame) == POINTS
    assert frame["name"].nunique() == 3
    frame = frame[: len(truth)]
    assert frame["name"].tolist() == truth["image"].tolist()
    assert frame["row"].tolist() == truth["Y"].tolist()
    assert frame["column"].tolist() == truth["X"].tolist()
    for rank in range(1, 6):
        assert frame[f"score_{rank}"].tolist() == truth[f"score_{rank}"].tolist()
        assert frame[f"label_code_{rank}"].tolist() == truth[f"label_code_{rank}"].tolist()
    assert {kinds(frame)[name] for name in ("point", "row", "column", "label_id_1")} == {"i"}


def test_annotations_have_coralnets_columns_and_types(arms: Results, truth: pd.DataFrame) -> None:
    frame = read(coralnet_annotations.make(arms, ExportOptions()))
    real = pd.read_csv(shared("source-2091", "coralnet_source_2091_annotations.csv"))

    ours, theirs = list(frame.columns), list(real.columns)
    assert ours[:2] == theirs[:2] == ["Name", "Date"]
    assert ours[7:20] == theirs[7:20]  # the eleven fixed metadata columns, then Row and Column
    assert ours[20:22] == ["Label code", "Label ID"]  # since 1.31 instead of `Label`
    assert ours[22:] == theirs[21:]
    assert len(frame) == POINTS
    assert frame["Label code"].tolist()[: len(truth)] == truth["label_code_1"].tolist()
    assert frame["Machine suggestion 1"].tolist() == frame["Label code"].tolist()
    assert frame["Machine confidence 1"].tolist()[: len(truth)] == [round(100 * score) for score in truth["score_1"]]
    types = kinds(frame)
    assert {types[name] for name in ("Row", "Column", "Label ID", "Machine confidence 5")} == {"i"}
    assert pd.to_datetime(frame["Date annotated"]).dt.tz is not None
    assert kinds(real)["Row"] == kinds(real)["Column"] == "i"


def test_annotations_come_whole_through_the_importer_of_the_toolbox(arms: Results) -> None:
    """Its rules: `Label code` serves as `Label`; rows without one are dropped; suggestions are a set of pairs; sums
    above 1 are percent (peers: CoralNet-Toolbox, its CoralNet import)."""
    frame = pd.read_csv(io.StringIO(text(coralnet_annotations.make(arms, ExportOptions()))))
    assert "Label" not in frame.columns
    frame = frame.rename(columns={"Label code": "Label"}).dropna(how="any", subset=["Row", "Column", "Label"])
    frame = frame.assign(Row=frame["Row"].astype(int), Column=frame["Column"].astype(int))

    assert len(frame) == POINTS
    for (_, row), (_, scored) in zip(
        frame.iterrows(), ((n, point) for n, points in arms.points() for point in points), strict=True
    ):
        pairs = {(str(row[f"Machine suggestion {k}"]), float(row[f"Machine confidence {k}"])) for k in range(1, 6)}
        assert sum(confidence for _, confidence in pairs) > 1  # read as percent
        assert {label for label, _ in pairs} == {found.label_code for found in scored.classifications}
        assert (row["Row"], row["Column"]) == (scored.row, scored.column)


def test_percent_covers_have_coralnets_columns_and_add_up(arms: Results) -> None:
    frame = read(percent_covers.make(arms, ExportOptions()))
    real = pd.read_csv(shared("source-2091", "coralnet_source_2091_percent_covers.csv"))

    assert list(frame.columns[:4]) == list(real.columns[:4])
    assert [str(table.iloc[-1, 0]) for table in (frame, real)] == ["ALL IMAGES"] * 2
    labels = frame.columns[4:]
    assert {kinds(frame)[name] for name in labels} == {kinds(real)[name] for name in real.columns[4:]} == {"f"}
    assert frame.loc[:2, "Points"].tolist() == [200, 200, 200]
    counted = (frame.loc[:2, labels] * 200 / 100).round().sum().sum()
    assert counted == POINTS
    assert (frame[labels][:3].mean() - frame[labels].iloc[3]).abs().max() < 0.001


def test_percent_covers_of_real_annotations_are_coralnets_own_export(tmp_path: Path) -> None:
    exported = source_2091.rows(shared("source-2091", "coralnet_source_2091_percent_covers.csv"))
    labels = list(exported[0])[4:]
    annotations = source_2091.annotated()
    image, label = source_2091.MISSING
    annotations[image].append(label)

    made = list(
        csv.DictReader(io.StringIO(text(percent_covers.make(told_run(tmp_path, annotations, labels), ExportOptions()))))
    )

    ours = {row["Image name"]: row for row in made}
    assert len(ours) == len(exported) == 401
    for theirs in exported:
        mine = ours[theirs["Image name"]]
        assert mine["Points"] == theirs["Points"]
        assert {name: mine.get(name, "0.000") for name in labels} == {name: theirs[name] for name in labels}


def test_real_percent_covers_of_coralnet_have_the_decimals_of_ours() -> None:
    with shared("source-2091", "coralnet_source_2091_percent_covers.csv").open(newline="", encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    assert all(cell == percent_covers.decimals(float(cell)) for row in rows[1:] for cell in row[4:])


def test_cover_and_matrix_account_for_every_point(arms: Results) -> None:
    frame = read(cover.make(arms, ExportOptions()))
    assert frame.loc[frame["grouping"] == "label", "points_seen"].sum() == POINTS
    assert {kinds(frame)[name] for name in ("mean", "units", "points_usable")} <= {"f", "i"}
    table = read(matrix.make(arms, ExportOptions())).set_index("transect")
    assert (table * 200 / 100).round().sum().sum() == POINTS
    assert set(table.dtypes.astype(str)) == {"float64"}


def test_an_upload_has_every_point_and_coralnets_columns(arms: Results, truth: pd.DataFrame) -> None:
    frame = read(coralnet_upload.make(arms, ExportOptions(replace_existing=True)))
    assert list(frame.columns) == ["Name", "Row", "Column"]
    assert len(frame) == POINTS
    assert frame["Row"].tolist()[: len(truth)] == truth["Y"].tolist()
    assert kinds(frame)["Row"] == kinds(frame)["Column"] == "i"


def test_mermaid_finds_its_columns_where_it_looks_for_them(arms: Results) -> None:
    frame = read(mermaid.make(arms, ExportOptions(unreviewed=True)))
    columns = list(frame.columns)
    at = columns.index("Date")
    assert columns[at + 1 : at + 4] == ["site", "management", "transect"]
    assert {"Name", "Date", "Row", "Column", "Label code", "Label ID"} <= set(columns)
    assert len(frame) == POINTS
    assert frame["transect"].dtype.kind == "i"
    assert pd.to_datetime(frame["Date"], format="%Y-%m-%d").notna().all()


def test_gcrmn_has_every_usable_point_that_is_clear_by_the_groups_that_ship(arms: Results) -> None:
    shipped = yaml.safe_load((ROOT / "configs" / "groups" / "gcrmn.yaml").read_text(encoding="utf-8"))
    unclear = {"_NR": 77, "_BFILM": 28, "_FORM": 15, "_BIEM": 3}  # labels that these groups do not map, with points
    unavailable = 44  # points of a label that is no part of the reef
    analysis = replace(arms.plan.analysis, groups=groups_from(shipped), cover=CoverOptions(unclear=(*unclear, "_EGG")))
    results = replace(arms, plan=replace(arms.plan, analysis=analysis))
    made = gcrmn.make(results, ExportOptions(values={"datasetID": "1"}))
    frame = read(made)

    assert list(frame.columns) == list(gcrmn.COLUMNS)
    assert {kinds(frame)[name] for name in ("measurementValue", "decimalLatitude")} == {"f"}
    assert {kinds(frame)[name] for name in ("parentEventID", "eventID", "verbatimDepth", "year", "month", "day")} == {
        "i"
    }
    assert set(frame["category"]) <= gcrmn.CATEGORIES
    sums = frame.groupby(list(gcrmn.COLUMNS[:17]), dropna=False)["measurementValue"].sum()
    assert len(sums) == 3
    assert sums.between(0, 100, inclusive="neither").all()
    unusable = [sum(point.classifications[0].label_code == "_UNAV" for point in points) for _, points in arms.points()]
    assert sum(unusable) == unavailable
    usable = frame["parentEventID"].map({number: 200 - lost for number, lost in enumerate(unusable)})
    points = (frame["measurementValue"] * usable / 100).round()
    assert points.sum() == POINTS - unavailable - sum(unclear.values())
    assert points[frame["category"] == "Abiotic"].sum() == 222


def test_carbonate_weighs_every_point(arms: Results) -> None:
    names = [label.name for label in arms.counts().labels]
    table = "Name,Mean,Lower bound,Upper bound\n" + "".join(f'"{name}",2,1,3\n' for name in names)
    frame = read(carbonate.make(arms, ExportOptions(rates=InputFile("rates.csv", table.encode()))))
    assert frame["Points"].dropna().tolist() == [200, 200, 200]
    assert frame["Mean"].tolist() == [2.0] * 4
    assert frame["Upper quartile"].tolist() == [3.0] * 4


def test_a_notebooks_files_have_every_point(arms: Results) -> None:
    files = dict(notebook.make(arms, ExportOptions()).files)
    assert len(files) == 3
    assert "HKARMS01_1T.csv" in files
    frames = [pd.read_csv(io.BytesIO(data)) for data in files.values()]
    assert sum(map(len, frames)) == POINTS
    assert list(frames[0].columns[:5]) == ["image_name", "column", "row", "score_1", "label_id_1"]


def test_points_in_are_points_out_where_an_image_failed(tmp_path: Path) -> None:
    results = drawn_run(tmp_path)
    assert len(read(predictions.make(results, ExportOptions()))) == 16
    assert len(read(coralnet_annotations.make(results, ExportOptions()))) == 16
    assert read(percent_covers.make(results, ExportOptions()))["Points"].sum() == 16
