"""Every file of a run has one place, below the run's directory and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.store.layout import Layout, is_torn, journal_number, snapshot_number

LAYOUT = Layout(Path("run"))


def test_every_path_stands_in_the_runs_directory_and_has_a_name_of_its_own() -> None:
    numbered = (LAYOUT.journal(0), LAYOUT.snapshot(7), LAYOUT.torn(7), LAYOUT.blob(1, 1), LAYOUT.blob(100_000, 12))
    paths = (*LAYOUT.all_paths(), *numbered)
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to("run") for path in paths)
    assert all(path.parent == LAYOUT.root for path in LAYOUT.all_paths())


@pytest.mark.parametrize("number", [0, 7, 999_999_999_999])
def test_a_numbered_file_is_known_by_its_name(number: int) -> None:
    assert journal_number(LAYOUT.journal(number).name) == number
    assert snapshot_number(LAYOUT.snapshot(number).name) == number
    assert is_torn(LAYOUT.torn(number).name)


@pytest.mark.parametrize(
    "name", ["", "journal-.jsonl", "journal-1.jsonl.bak", ".journal-1.jsonl.new", "snapshot--1.json", "torn-1.txt\n"]
)
def test_any_other_name_is_nobodys(name: str) -> None:
    assert journal_number(name) is None
    assert snapshot_number(name) is None
    assert not is_torn(name)
