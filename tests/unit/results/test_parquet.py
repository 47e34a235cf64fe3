"""The Parquet form of the predictions: the rows of the CSV with types, a folder a source, the same bytes every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from msgspec import structs
from tests.unit.results.stories import Story, plan_of, with_metadata

from coralrun.planning.model import Plan
from coralrun.results import parquet, tables
from coralrun.results.stored_points import read_blocks
from coralrun.store.files import Disk

pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")


def written(folder: Path, plan: Plan, story: Story) -> Path:
    predictions, target = folder / "predictions.csv", folder / "predictions.parquet"
    state = story.plan_state
    Disk().replace_from(predictions, tables.predictions(plan, state, read_blocks(plan, state, story.blobs)))
    texts = tables.metadata_columns(plan)
    Disk().replace_folder_by(target, lambda fresh: parquet.write(predictions, texts, fresh))
    return target


@pytest.fixture
def plan() -> Plan:
    plan = with_metadata(plan_of(4), ("depth", "site"), [("5", "A"), ("", "A"), ("12.5", "NA"), ("7", "B\nb")])
    of_manifest = tuple(structs.replace(image, source="manifest:../my images.csv") for image in plan.images[2:])
    return replace(plan, images=(*plan.images[:2], *of_manifest))


def test_it_holds_the_rows_of_the_csv_with_types_in_a_folder_a_source(tmp_path: Path, plan: Plan) -> None:
    story = Story(tmp_path, 4)
    story.batch((0, 1, 2, 3))

    target = written(tmp_path, plan, story)

    parts = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    assert parts == ["source=coralnet%3A1/part-0.parquet", "source=manifest%3A..%2Fmy%20images.csv/part-0.parquet"]
    frame = pd.read_parquet(target)
    assert sorted(frame["source"].unique()) == ["coralnet:1", "manifest:../my images.csv"]
    assert frame["name"].tolist() == [f"image, {n}" for n in range(4) for _ in range(2)]
    assert {str(frame[name].dtype) for name in ("point", "row", "column")} == {"int32"}
    assert str(frame["score_1"].dtype) == "float64"
    assert frame["depth"].isna().tolist() == [False, False, True, True, False, False, False, False]
    assert frame["site"].tolist()[4:] == ["NA", "NA", "B\nb", "B\nb"]


def test_it_is_the_same_bytes_on_every_rebuild_whatever_the_order_of_the_jobs(tmp_path: Path, plan: Plan) -> None:
    straight, crooked = Story(tmp_path / "a", 4), Story(tmp_path / "b", 4)
    straight.batch((0, 1, 2, 3))
    crooked.batch((1, 3))
    crooked.batch((0, 2))

    first, second = written(tmp_path / "a", plan, straight), written(tmp_path / "b", plan, crooked)
    again = {path.relative_to(first): path.read_bytes() for path in first.rglob("*.parquet")}
    written(tmp_path / "a", plan, straight)

    assert again == {path.relative_to(second): path.read_bytes() for path in second.rglob("*.parquet")}
    assert again == {path.relative_to(first): path.read_bytes() for path in first.rglob("*.parquet")}


def test_a_file_of_an_older_coralrun_gives_way_to_the_folder(tmp_path: Path, plan: Plan) -> None:
    story = Story(tmp_path, 4)
    story.batch((0, 1, 2, 3))
    (tmp_path / "predictions.parquet").write_bytes(b"PAR1")

    assert written(tmp_path, plan, story).is_dir()


def test_no_source_is_too_long_for_a_folder() -> None:
    assert len(parquet.folder_of("manifest:" + "ü" * 300)) < 100
