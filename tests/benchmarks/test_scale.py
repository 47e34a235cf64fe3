"""What coralrun costs, by counts that are the same on any machine: bytes of memory, and tasks that can be done."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks import big_run, costs, reading, scale, tables
from coralrun.app.run.run_directory import open_run, tables_stand

PLAN_BYTES = 16
"""For each image beyond its line: where that ends, and its kind."""

SETUP_BYTES = 20
"""For each image: its entries, its size, and whether it has a page."""


def test_an_open_run_holds_little_more_of_an_image_than_its_line() -> None:
    held = costs.held(20_000)
    assert held.plan <= PLAN_BYTES
    assert held.setup <= SETUP_BYTES


def test_a_run_that_is_made_for_measuring_is_one_that_coralrun_reads(tmp_path: Path) -> None:
    big_run.make(tmp_path / "over", 300)
    big_run.make_apart(tmp_path / "left", 300, left=100)
    over, left = (open_run(tmp_path / name) for name in ("over", "left"))
    assert (over.state.succeeded, len(over.state.ended), tables_stand(over.layout)) == (240, 60, True)
    assert (left.state.units_over, left.state.finished_at) == (200, "")
    assert replace(over.identity, run="", created_at="") == replace(left.identity, run="", created_at="")


@pytest.mark.parametrize(
    "task",
    [costs.plan(300), costs.go_on(300), costs.run(300), costs.journal(3), costs.collect(3, 4), costs.fold(3, 4)],
    ids=["plan", "go on", "run", "journal", "collect", "fold"],
)
def test_what_is_measured_can_be_done(task: costs.Task) -> None:
    with task() as work:
        work()


def test_a_reply_is_as_large_as_a_real_one() -> None:
    """10.4 MB for 100 images of 200 points."""
    reply = tables.reply(tables.asked(range(1), 200, random.Random(1)), random.Random(1))
    assert 100 * len(reply) == pytest.approx(10.4e6, rel=0.1)


def test_a_run_that_is_read_can_be_made_and_read_in_every_way(tmp_path: Path) -> None:
    reading.make(tmp_path / "run", 120, 3)
    took = {what: reading.read(tmp_path / "run", what) for what in reading.WHAT}
    assert took["predictions"]["own_mb"] == took["rebuilt"]["own_mb"] > 0
    rows = (tmp_path / "run" / "outputs" / "predictions.csv").read_bytes().splitlines()
    assert len(rows) == 1 + 120 * 3


def test_the_figures_become_a_table_and_a_sentence(tmp_path: Path) -> None:
    figure = scale.Figure("plan", 1.5, 2.25, 3_000_000, "30 s")
    scale.write(tmp_path / "scale.json", [figure], costs.Held(170.0, 13.0, 17.0))
    table = scale.to_markdown(*scale.read(tmp_path / "scale.json")).splitlines()
    assert table[2] == "| plan | 1.50 | 2.25 | 3 | 30 s |"
    assert "takes 200 bytes of memory: 170 are its line" in table[-1]
