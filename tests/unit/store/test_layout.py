"""Every file of a run has one place, below the run's directory and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.store.layout import Layout, is_torn, journal_number, snapshot_number

LAYOUT = Layout(Path("run"))


def test_every_path_stands_in_the_runs_directory_and_has_a_name_of_its_own() -> None:
    fixed = {name: getattr(LAYOUT, name) for name, member in vars(Layout).items() if isinstance(member, property)}
    numbered = {
        "journal": LAYOUT.journal(0),
        "snapshot": LAYOUT.snapshot(7),
        "torn": LAYOUT.torn(7),
        "blob": LAYOUT.blob(1, 1),
        "another blob": LAYOUT.blob(100_000, 12),
        "photo": LAYOUT.photo(3, 90, 60),
        "patch": LAYOUT.patch(3, 1),
        "drawn photo": LAYOUT.drawn_photo(3),
        "draw": LAYOUT.drawn(1),
        "import": LAYOUT.imported(1, ".csv"),
    }
    paths = [*fixed.values(), *numbered.values()]
    assert len(set(paths)) == len(paths) > 20
    assert all(path.is_relative_to("run") and ".." not in path.parts for path in paths)
    assert all(path.parent == LAYOUT.root for path in LAYOUT.all_paths())
    assert {path for path in fixed.values() if path.parent == LAYOUT.root} == set(LAYOUT.all_paths())


def test_a_photo_that_was_fetched_before_is_found_among_the_names_of_its_folder() -> None:
    names = ("photo-31-1x1.jpg", "patch-3-1.jpg", "photo-3-90x60.jpg", "photo-3-90x60.jpg.bak")
    assert LAYOUT.photo_of(3, names) == (LAYOUT.photo(3, 90, 60), 90, 60)
    assert LAYOUT.photo_of(4, names) is None


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
