"""What people handed in: an index that tells when anything was touched, and files that are written once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.files.sealed import seal
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.reviews import Index, ReviewStore
from coralrun.values.ids import sha256_hex

AT = "2026-01-01T00:00:00Z"
REQUEST = {"sample": "5%", "by": "", "seed": 0, "blind": True, "per_image": None, "design": "each site", "plan": 1}


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    return ReviewStore(Layout(tmp_path), Disk())


def test_a_run_that_nobody_reviewed_has_an_empty_index(store: ReviewStore) -> None:
    assert store.index() == Index()


def test_draws_and_imports_come_back_as_they_were_kept(store: ReviewStore) -> None:
    draw = store.add_draw(REQUEST, AT, lambda number: b"draw %d" % number)
    added = store.add_import("folder/Anna.XLSX", AT, b"filled")
    assert store.index() == Index(draws=(draw,), imports=(added,))
    assert (store.drawn(draw), store.imported(added)) == (b"draw 1", b"filled")
    assert (added.name, added.suffix) == ("Anna.XLSX", ".xlsx")


def test_a_draw_knows_which_files_were_there_before_it(store: ReviewStore) -> None:
    store.add_draw(REQUEST, AT, lambda number: b"draw")
    for data in (b"one", b"two"):
        store.add_import("a.csv", AT, data)
    store.add_draw(REQUEST, AT, lambda number: b"draw")
    assert [draw.after_import for draw in store.index().draws] == [0, 2]


def test_a_draw_is_told_by_the_file_that_it_was_handed_out_in_last(store: ReviewStore) -> None:
    draws = [store.add_draw(REQUEST, AT, lambda number: b"draw", lambda number: f"{number}.csv") for _ in range(2)]
    store.hand_out_in(draws[0], "anna.csv")
    assert [draw.file for draw in store.index().draws] == ["anna.csv", "2.csv"]


def test_a_draw_that_was_undone_keeps_its_record_and_its_number(store: ReviewStore) -> None:
    first, second = (store.add_draw(REQUEST, AT, lambda number: b"draw %d" % number) for _ in range(2))
    store.undo_draw(second, "2027-01-01T00:00:00Z")
    third = store.add_draw(REQUEST, AT, lambda number: b"draw %d" % number)
    index = store.index()
    assert (index.draws, third.number) == ((first, third), 3)
    assert [(undone.draw, undone.at) for undone in index.undone] == [(second, "2027-01-01T00:00:00Z")]
    assert store.drawn(second) == b"draw 2"


def test_the_same_file_is_kept_once(store: ReviewStore) -> None:
    first = store.add_import("a.csv", AT, b"filled")
    assert store.add_import("again.csv", "2027-01-01T00:00:00Z", b"filled") == first
    assert store.index().imports == (first,)


def test_a_file_is_kept_once_more_where_another_came_since_and_it_counts_anew(store: ReviewStore) -> None:
    for data in (b"first", b"second"):
        store.add_import("sample.csv", "2026-07-01T10:00:00Z", data)
    store.add_import("sample.csv", "2026-07-02T10:00:00Z", b"first")
    assert [kept.sha256 for kept in store.index().imports] == [sha256_hex(b"first"), sha256_hex(b"second")]
    for _ in range(2):
        store.add_import("sample.csv", "2026-07-02T10:00:00Z", b"first", counts_anew=lambda: True)
        assert [kept.sha256 for kept in store.index().imports][2:] == [sha256_hex(b"first")]


def test_what_is_said_of_a_file_that_is_kept_already_is_added_to_what_was_said(store: ReviewStore) -> None:
    first = store.add_import("a.csv", AT, b"filled", accepted=["B", "A", "A"])
    store.add_import("b.csv", AT, b"another")
    again = store.add_import("again.csv", AT, b"filled", labelled_by="people", accepted=["C"])
    assert again == replace(first, labelled_by="people", accepted=("A", "B", "C"))
    assert store.add_import("again.csv", AT, b"filled") == again
    assert [kept.name for kept in store.index().imports] == ["a.csv", "b.csv"]


def test_a_file_name_from_outside_is_never_part_of_a_path(store: ReviewStore, tmp_path: Path) -> None:
    store.add_import("../../evil.sh", AT, b"x")
    assert sorted(path.name for path in (tmp_path / "reviews").iterdir()) == ["imported-1.csv", "index.json"]


@pytest.mark.parametrize(
    "change",
    [
        lambda value: {**value, "draws": []},
        lambda value: {**value, "sha256": "0" * 64},
        lambda value: {**value, "format": "something.else"},
        lambda value: [],
    ],
)
def test_an_index_that_was_edited_is_refused(store: ReviewStore, tmp_path: Path, change: object) -> None:
    store.add_draw(REQUEST, AT, lambda number: b"draw")
    path = Layout(tmp_path).reviews_index
    assert callable(change)
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(RunDamaged, match=r"index\.json: damaged"):
        store.index()


def test_an_index_with_a_field_of_a_wrong_type_is_damage_even_where_the_hash_fits(
    store: ReviewStore, tmp_path: Path
) -> None:
    store.add_draw(REQUEST, AT, lambda number: b"draw")
    path = Layout(tmp_path).reviews_index
    value = json.loads(path.read_text())
    del value["sha256"]
    value["draws"] = "none"
    path.write_bytes(seal(json.dumps(value).encode()))
    with pytest.raises(RunDamaged, match=r"index\.json: damaged"):
        store.index()


def test_an_index_of_a_newer_coralrun_is_refused_by_name(store: ReviewStore, tmp_path: Path) -> None:
    store.add_draw(REQUEST, AT, lambda number: b"draw")
    path = Layout(tmp_path).reviews_index
    value = json.loads(path.read_text())
    del value["sha256"]
    value["version"] = 99
    path.write_bytes(seal(json.dumps(value).encode()))
    with pytest.raises(RunDamaged, match=r"index\.json: written by a newer coralrun"):
        store.index()


def test_a_file_that_was_touched_is_told_by_name(store: ReviewStore, tmp_path: Path) -> None:
    draw = store.add_draw(REQUEST, AT, lambda number: b"draw")
    Layout(tmp_path).drawn(1).write_bytes(b"another")
    with pytest.raises(RunDamaged, match="it is not what was kept"):
        store.drawn(draw)


def test_a_file_without_its_index_line_stays_and_the_next_has_another_number(
    store: ReviewStore, tmp_path: Path
) -> None:
    left = Layout(tmp_path).drawn(1)
    left.parent.mkdir()
    left.write_bytes(b"left over")
    assert store.add_draw(REQUEST, AT, lambda number: b"draw %d" % number).number == 2
    assert left.read_bytes() == b"left over"


def test_a_file_that_is_gone_is_told_by_name(store: ReviewStore, tmp_path: Path) -> None:
    added = store.add_import("a.csv", AT, b"filled")
    Layout(tmp_path).imported(1, ".csv").unlink()
    with pytest.raises(RunDamaged, match=r"imported-1\.csv: missing"):
        store.imported(added)
