"""People's work on a run is kept for good: nothing is written over, and what was touched is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coralrun.errors import RunDamaged
from coralrun.ids import canonical_json, sha256_hex
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.reviews import Index, ReviewStore

AT = "2026-01-01T00:00:00Z"
WISH: dict[str, Any] = {"sample": "5%", "by": "site", "seed": 7, "blind": True, "per_image": None}


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    return ReviewStore(Layout(tmp_path), Disk())


def layout(store: ReviewStore) -> Layout:
    return store._layout


def test_a_run_without_reviews_has_an_empty_index(store: ReviewStore) -> None:
    assert store.index() == Index()


def test_draws_and_imports_come_back_as_they_were_kept(store: ReviewStore) -> None:
    draw = store.add_draw(WISH, AT, lambda number: b"draw %d" % number)
    added = store.add_import("../../Filled In.XLSX", AT, b"labels")
    assert store.index() == Index((draw,), (added,))
    assert (store.drawn(draw), store.imported(added)) == (b"draw 1", b"labels")
    assert added.name == "Filled In.XLSX"
    assert {path.name for path in layout(store).reviews.iterdir()} == {"index.json", "drawn-1.csv", "imported-1.xlsx"}


def test_an_ending_that_is_unknown_is_that_of_a_table(store: ReviewStore) -> None:
    assert store.add_import("labels.exe", AT, b"x").suffix == ".csv"


def test_the_same_file_is_kept_once(store: ReviewStore) -> None:
    first = store.add_import("a.csv", AT, b"labels")
    assert store.add_import("b.csv", AT, b"labels") == first
    assert store.add_import("b.csv", AT, b"others").number == 2


def test_what_an_earlier_process_left_without_an_index_is_not_written_over(store: ReviewStore) -> None:
    Disk().make_directory(layout(store).reviews)
    layout(store).drawn(1).write_bytes(b"somebody's")
    assert store.add_draw(WISH, AT, lambda number: b"%d" % number).number == 2
    assert layout(store).drawn(1).read_bytes() == b"somebody's"


def test_a_file_that_was_touched_or_is_gone_is_named(store: ReviewStore) -> None:
    draw = store.add_draw(WISH, AT, lambda _: b"drawn")
    path = layout(store).drawn(1)
    path.write_bytes(b"drawn otherwise")
    with pytest.raises(RunDamaged, match=r"drawn-1\.csv: it is not what was kept"):
        store.drawn(draw)
    path.unlink()
    with pytest.raises(RunDamaged, match=r"drawn-1\.csv: missing"):
        store.drawn(draw)


def sealed(store: ReviewStore, **changes: object) -> None:
    """An index with something changed and its hash made right again."""
    body = {**json.loads(layout(store).reviews_index.read_bytes()), **changes}
    body.pop("sha256")
    text = json.dumps({**body, "sha256": sha256_hex(canonical_json(body))})
    layout(store).reviews_index.write_text(text)


def test_an_index_that_is_not_as_it_was_written_is_damaged(store: ReviewStore) -> None:
    store.add_import("a.csv", AT, b"labels")
    good = layout(store).reviews_index.read_bytes()
    for damaged in (b"{", b"[]", b"{}", good.replace(b"a.csv", b"b.csv"), b"[" * 100_000):
        layout(store).reviews_index.write_bytes(damaged)
        with pytest.raises(RunDamaged, match=r"index\.json: damaged"):
            store.index()


def test_an_index_of_another_form_is_refused(store: ReviewStore) -> None:
    store.add_import("a.csv", AT, b"labels")
    sealed(store, imports=[{"number": 1}])
    with pytest.raises(RunDamaged, match="damaged"):
        store.index()
    sealed(store, imports=[], version=2)
    with pytest.raises(RunDamaged, match="written by a newer coralrun"):
        store.index()
