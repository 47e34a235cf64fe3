"""A run on disk survives a crash between any two operations, however often its journal is folded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.unit.states import planned, state_of

from coralrun.errors import DiskError, RunDamaged
from coralrun.files.sealed import seal
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.store import platforms, run
from coralrun.store.files import Appender, Disk
from coralrun.store.layout import FIRST_PLAN, Layout
from coralrun.store.run import Identity, RunJournal

AT = "2026-01-01T00:00:00Z"
IDENTITY = Identity(
    run="0123456789",
    name="moorea",
    created_at=AT,
    coralrun="0123456789",
    python="3.11.0",
    service="https://coralnet.example",
    account="ann",
    survey_file="survey.yaml",
)


class PowerCut(Exception):
    """The power went before the operation."""


class DyingDisk(Disk):
    """The real disk until its operation number `last`, and from then on nothing; None for ever."""

    def __init__(self, last: int | None = None) -> None:
        self.left = last
        self.operations = 0

    def _count(self) -> None:
        if self.left is not None and self.operations >= self.left:
            raise PowerCut
        self.operations += 1

    def replace(self, path: Path, data: bytes) -> None:
        self._count()
        super().replace(path, data)

    def appender(self, path: Path) -> Appender:
        self._count()
        return DyingAppender(self, path)

    def remove(self, path: Path) -> None:
        self._count()
        super().remove(path)


class DyingAppender(Appender):
    def __init__(self, disk: DyingDisk, path: Path) -> None:
        super().__init__(path)
        self._disk = disk

    def append(self, data: bytes) -> None:
        self._disk._count()
        super().append(data)


def layout_in(folder: Path) -> Layout:
    layout = Layout(folder)
    run.make(layout, Disk(), IDENTITY, {}, planned(3))
    return layout


def live(layout: Layout, disk: Disk, count: int, *, snapshot_every: int = 3) -> int:
    """Open the run and append facts until the disk dies; how many were confirmed."""
    confirmed = 0
    try:
        loaded = run.load(layout, disk)
        book = RunJournal(layout, disk, loaded, snapshot_every=snapshot_every)
        for number in range(count):
            fact = facts.Limited(AT, loaded.position.number + number)
            book.append([fact])
            confirmed += 1
            apply(loaded.state, fact)
        book.close()
    except PowerCut:
        pass
    return confirmed


def expected(count: int) -> Durable:
    """The state after so many facts, the first of which commits the plan."""
    state = state_of(3)
    for number in range(count - 1):
        apply(state, facts.Limited(AT, number + 1))
    return state


def test_a_crash_between_any_two_operations_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    whole = DyingDisk()
    live(layout_in(tmp_path / "whole"), whole, 10)
    assert whole.operations > 20
    for last in range(whole.operations + 1):
        layout = layout_in(tmp_path / str(last))
        confirmed = live(layout, DyingDisk(last), 10)
        loaded = run.load(layout, Disk())
        there = loaded.position.number
        assert there - 1 - confirmed in (0, 1), "a first record can be there whole before it is confirmed"
        assert loaded.state == expected(there)
        assert live(layout, Disk(), 4) == 4
        assert run.load(layout, Disk()).state == expected(there + 4)


def test_crash_upon_crash_loses_nothing_and_leaves_no_files_behind(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    confirmed = 1
    for round_ in range(60):
        confirmed += live(layout, DyingDisk(round_ % 14), 8)
        loaded = run.load(layout, Disk())
        assert loaded.position.number - confirmed in (0, 1)
        confirmed = loaded.position.number
        assert loaded.state == expected(confirmed)
    assert confirmed > 100
    live(layout, Disk(), 1)
    generation = run.load(layout, Disk()).generation
    assert sorted(Disk().names(layout.state)) == [f"journal-{generation}.jsonl", f"snapshot-{generation}.json"]


def test_a_journal_that_lost_all_its_records_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 2)
    layout.journal(0).write_bytes(b"")
    with pytest.raises(RunDamaged, match="it is empty"):
        run.load(layout, Disk())


def test_a_process_that_resumes_writes_anew_what_it_read(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 2, snapshot_every=100)
    before = layout.journal(0).stat().st_ino
    RunJournal(layout, Disk(), run.load(layout, Disk())).close()
    assert layout.journal(0).stat().st_ino != before
    assert run.load(layout, Disk()).state == expected(3)


def test_any_flipped_bit_of_the_identity_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    whole = layout.identity.read_bytes()
    noticed = 0
    for place in range(len(whole)):
        layout.identity.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            assert run.read_identity(layout, Disk()) == IDENTITY
        except RunDamaged:
            noticed += 1
    assert noticed > len(whole) // 2


def test_a_directory_that_cannot_be_synced_is_an_error_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(platforms, "sync_directory", fails)
    with pytest.raises(DiskError):
        Disk().appender(tmp_path / "journal")


def test_a_torn_last_line_is_kept_aside_and_the_run_goes_on(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 1)
    with layout.journal(0).open("ab") as file:
        file.write(b'{"n":3,"c":"00')
    assert live(layout, Disk(), 0) == 0
    assert layout.torn(2).read_bytes() == b'{"n":3,"c":"00'
    assert live(layout, Disk(), 1) == 1
    assert run.load(layout, Disk()).state == expected(3)


def test_damage_is_named_by_the_file_in_the_run(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 2)
    layout.journal(0).write_bytes(layout.journal(0).read_bytes().replace(b"limits", b"limitz", 1))
    with pytest.raises(RunDamaged, match=r"journal-0\.jsonl:2: "):
        run.load(layout, Disk())


def test_a_journal_whose_snapshot_is_gone_is_refused(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 8)
    (snapshot,) = layout.state.glob("snapshot-*.json")
    snapshot.unlink()
    with pytest.raises(RunDamaged, match="is missing"):
        run.load(layout, Disk())


def test_a_journal_that_follows_another_snapshot_is_refused(tmp_path: Path) -> None:
    """Both are whole, of the same number and of the same kind of run; only the checksums do not follow each other."""
    mine, others = layout_in(tmp_path / "mine"), layout_in(tmp_path / "others")
    live(mine, Disk(), 8)
    live(others, Disk(), 1)
    for _ in range(7):
        loaded = run.load(others, Disk())
        book = RunJournal(others, Disk(), loaded, snapshot_every=3)
        book.append([facts.Limited(AT, 77)])
        apply(loaded.state, facts.Limited(AT, 77))
        book.close()
    (snapshot,) = others.state.glob("snapshot-*.json")
    (mine.state / snapshot.name).write_bytes(snapshot.read_bytes())
    with pytest.raises(RunDamaged, match=r"journal-6\.jsonl:1: the checksum does not fit"):
        run.load(mine, Disk())


def test_a_snapshot_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 8)
    (snapshot,) = layout.state.glob("snapshot-*.json")
    snapshot.rename(layout.snapshot(99))
    with pytest.raises(RunDamaged, match=r"snapshot-99\.json: it is not a snapshot of this run"):
        run.load(layout, Disk())


def test_a_reader_sees_a_whole_state_while_the_run_is_folded_under_it(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 2)

    class SlowReader(Disk):
        """Each of its first reads comes too late: the run went on, and was folded, after the names were listed."""

        reads = 0

        def read(self, path: Path) -> bytes:
            self.reads += 1
            if self.reads <= 3:
                live(layout, Disk(), 5)
            return super().read(path)

    reader = SlowReader()
    loaded = run.load(layout, reader)
    assert reader.reads > 3
    assert loaded.state == expected(3 + 3 * 5)


def test_a_failed_sync_is_never_followed_by_another_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_in(tmp_path)
    book = RunJournal(layout, Disk(), run.load(layout, Disk()))
    book.append([facts.Limited(AT, 1)])
    before = layout.journal(0).read_bytes()

    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("coralrun.store.platforms.sync", fails)
        with pytest.raises(DiskError, match="Input/output error"):
            book.append([facts.Limited(AT, 2)])
    size = layout.journal(0).stat().st_size
    with pytest.raises(DiskError, match="an earlier write failed"):
        book.append([facts.Limited(AT, 3)])
    assert layout.journal(0).stat().st_size == size >= len(before)


def test_what_a_run_writes_is_for_its_owner_alone_and_copies_of_its_outputs_are_not(tmp_path: Path) -> None:
    layout = layout_in(tmp_path / "run")
    live(layout, Disk(), 8)
    Disk().replace(layout.outputs / "cover.csv", b"x")
    for path in (layout.root, *layout.root.rglob("*")):
        if not path.is_relative_to(layout.outputs):
            assert path.stat().st_mode & 0o077 == 0, path
    copied = shutil.copytree(layout.outputs, tmp_path / "copied")
    assert [path.stat().st_mode & 0o044 for path in (copied, copied / "cover.csv")] == [0o044, 0o044]


def test_the_identity_is_read_as_it_was_written(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    assert run.exists(layout)
    assert run.read_identity(layout, Disk()) == IDENTITY


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"version": 1', b'"version": 2', "newer coralrun"),
        (b"coralrun.run", b"other.run", "its format is"),
        (b'"account": "ann",', b"", "damaged"),
        (b"{", b"[", "damaged"),
        (b'"version": 1', b'"version": "1"', "damaged"),
    ],
)
def test_an_identity_that_is_not_ours_is_refused(tmp_path: Path, old: bytes, new: bytes, why: str) -> None:
    layout = layout_in(tmp_path)
    layout.identity.write_bytes(layout.identity.read_bytes().replace(old, new, 1))
    with pytest.raises(RunDamaged, match=why):
        run.read_identity(layout, Disk())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("run", True),
        ("name", 5),
        ("service", None),
        ("account", ["ann"]),
        ("more", "x"),
        ("version", 0),
    ],
)
def test_a_field_of_a_wrong_type_is_damage_even_where_the_hash_fits(tmp_path: Path, field: str, value: object) -> None:
    layout = layout_in(tmp_path)
    body = {**json.loads(layout.identity.read_bytes()), field: value}
    del body["sha256"]
    layout.identity.write_bytes(seal(json.dumps(body).encode()))
    with pytest.raises(RunDamaged, match="damaged"):
        run.read_identity(layout, Disk())


def test_an_identity_without_its_hash_is_refused(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    body = json.loads(layout.identity.read_bytes())
    del body["sha256"]
    layout.identity.write_text(json.dumps(body))
    with pytest.raises(RunDamaged, match="damaged"):
        run.read_identity(layout, Disk())


def test_a_directory_without_an_identity_holds_no_run(tmp_path: Path) -> None:
    assert not run.exists(Layout(tmp_path))
    with pytest.raises(RunDamaged, match="holds no run"):
        run.read_identity(Layout(tmp_path), Disk())


def test_a_directory_whose_plan_never_came_into_force_holds_no_run(tmp_path: Path) -> None:
    layout = started(tmp_path)
    assert not run.exists(layout)
    assert run.others(layout, Disk()) == []


def test_making_a_run_anew_removes_its_own_state_and_nothing_else(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 8)
    for name in ("torn-3.txt", ".journal-8.jsonl.0123456789abcdef.new", "fieldnotes.txt", "journal-0.jsonl.bak"):
        (layout.state / name).write_text("x")
    run.make(layout, Disk(), IDENTITY, {}, planned(3))
    assert Disk().names(layout.state) == ["fieldnotes.txt", "journal-0.jsonl", "journal-0.jsonl.bak"]


def started(folder: Path) -> Layout:
    """What a start that was interrupted has left: a run whose plan is not in force, and a lock."""
    layout = layout_in(folder)
    layout.lock.touch()
    layout.journal(0).unlink()
    return layout


def test_what_an_interrupted_start_has_left_is_nobody_elses(tmp_path: Path) -> None:
    layout = started(tmp_path)
    for path in (
        layout.plan(1).inputs / "01-survey.yaml",
        layout.plan(1).inputs / "annotations-3420.csv",
        layout.plan(1).inputs / ".02-names.txt.0123456789abcdef.new",
        layout.blob(1, 1),
        layout.reply(1, 1),
        layout.segment(1, 1),
        layout.plan(1).header,
        layout.journal(2),
        layout.snapshot(2),
        layout.torn(2),
    ):
        path.touch()
    assert run.others(layout, Disk()) == []


def test_whatever_else_stands_there_is_somebody_elses(tmp_path: Path) -> None:
    layout = started(tmp_path)
    foreign = (
        "notes.doc",
        "outputs/predictions.csv",
        "plans/001/inputs/annotations-mine.csv",
        "plans/001/inputs/names.txt",
        "plans/001/notes.doc",
        "points/mine.points",
        "results/mine.json.gz",
        "state/fieldnotes.txt",
    )
    for name in foreign:
        (layout.root / name).touch()
    assert run.others(layout, Disk()) == list(foreign)


def test_without_a_lock_every_file_is_somebody_elses(tmp_path: Path) -> None:
    layout = started(tmp_path)
    layout.lock.unlink()
    layout.owner.touch()
    (layout.state / "journal-0.jsonl").touch()
    assert run.others(layout, Disk()) == ["run.json", "run.owner", "state/journal-0.jsonl"]
    assert run.others(Layout(tmp_path / "nowhere"), Disk()) == []


class RemovingDisk(Disk):
    """A disk from which a journal goes between the look at its directory and its reading, for ever."""

    def read(self, path: Path) -> bytes:
        if path.name.startswith("snapshot-"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return super().read(path)


def test_a_file_that_is_listed_and_never_found_is_damage_and_not_an_endless_search(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 8)
    with pytest.raises(RunDamaged, match="it is there and cannot be found"):
        run.load(layout, RemovingDisk())


def test_a_run_has_the_files_that_it_is_made_of_and_no_other(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "run")
    plan = layout.plan(FIRST_PLAN)
    for left in (plan.points, plan.inputs / "02-points.csv"):
        Disk().make_directory(left.parent)
        left.write_text("of a start that was interrupted")
    files = {plan.header: b"{}\n", plan.inputs / "01-survey.yaml": b"version: 1\n"}
    run.make(layout, Disk(), IDENTITY, files, planned(3))
    assert plan.header.read_bytes() == b"{}\n"
    assert Disk().names(plan.inputs) == ["01-survey.yaml"]
    assert Disk().names(plan.root) == ["inputs", "plan.json"]


def test_of_torn_last_lines_only_the_newest_is_kept(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    for torn in (b'{"n":', b'{"n":3,"c"'):
        live(layout, Disk(), 2)
        with layout.journal(run.load(layout, Disk()).generation).open("ab") as opened:
            opened.write(torn)
    live(layout, Disk(), 1)
    (kept,) = (name for name in Disk().names(layout.state) if name.startswith("torn-"))
    assert (layout.state / kept).read_bytes() == b'{"n":3,"c"'


def test_a_process_that_learns_nothing_writes_nothing(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    RunJournal(layout, Disk(), run.load(layout, Disk())).close()
    assert run.load(layout, Disk()).position.number == 1
    assert Disk().names(layout.state) == ["journal-0.jsonl"]


def test_one_that_follows_a_death_between_a_snapshot_and_its_journal_neither(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    live(layout, Disk(), 8)
    (journal,) = layout.state.glob("journal-*.jsonl")
    journal.unlink()
    left = Disk().names(layout.state)
    RunJournal(layout, Disk(), run.load(layout, Disk())).close()
    assert Disk().names(layout.state) == left


def test_what_is_written_after_a_run_was_loaded_is_read_from_there_on(tmp_path: Path) -> None:
    layout, disk = layout_in(tmp_path), Disk()
    seen = run.load(layout, disk)
    assert run.newer(layout, disk, seen) == (seen, ())
    live(layout, disk, 2, snapshot_every=1000)
    seen, happened = run.newer(layout, disk, seen)
    assert happened == (facts.Limited(AT, 1), facts.Limited(AT, 2))
    live(layout, disk, 1, snapshot_every=1000)
    seen, happened = run.newer(layout, disk, seen)
    assert (happened, seen.state) == ((facts.Limited(AT, 3),), expected(4))
    live(layout, disk, 3, snapshot_every=1)
    seen, happened = run.newer(layout, disk, seen)
    assert (happened, seen.state) == ((), expected(7)), "it was folded: which facts led there is not known"
    layout.journal(seen.generation).unlink()
    assert run.newer(layout, disk, seen) == (seen, ())
