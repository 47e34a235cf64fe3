"""Every byte of every state file of a real run, flipped: the damage is named, or it changes nothing that is known.

`make test` flips one bit of each byte, another one from byte to byte, and all of its bits; with CORALRUN_CRASH=all
every bit by itself is flipped.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.exhaustive.harness import plan_of

from coralrun.app.clock import SystemClock
from coralrun.app.runs import make_run, open_run
from coralrun.errors import CoralrunError
from coralrun.machine import facts
from coralrun.machine.codec import durable_to_json
from coralrun.machine.durable import apply
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Size
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

ALL = os.environ.get("CORALRUN_CRASH") == "all"
AT = "2026-01-01T00:00:00Z"
SIZES = (Size(90, 60), Size(90, 60))
BEFORE_THE_SNAPSHOT: tuple[facts.Fact, ...] = (
    facts.Opened(AT, "0.1.0"),
    facts.Limited(AT, 5),
    facts.Batched(1, (0, 1)),
    facts.Intended(AT, 1, 1, 2, 41, (40, 41), SIZES),
    facts.Submitted(AT, 1, 1, 42),
    facts.Collected(AT, 1, 1, 42, "0f" * 32, 1, {}, {1: Reason.DOWNLOAD_BROKEN}),
)
AFTER_IT: tuple[facts.Fact, ...] = (
    facts.Batched(2, (2, 1)),
    facts.Intended(AT, 2, 1, 2, 42, (42,), SIZES),
    facts.Refused(AT, 2, 1, facts.RefusedWhy.NO_SLOT),
    facts.Intended(AT, 2, 2, 2, 42, (42,), SIZES),
    facts.Submitted(AT, 2, 2, 43, adopted=True),
)
STATE_FILES = (
    "run.json",
    "plan.json",
    "plan.images.jsonl",
    "analysis.json",
    "state/snapshot-6.json",
    "state/journal-6.jsonl",
)


def everything_known(directory: Path) -> tuple[Any, ...]:
    opened = open_run(directory)
    return opened.identity, opened.plan, durable_to_json(opened.state)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A run with a snapshot and facts after it."""
    layout, disk = Layout(tmp_path / "run"), Disk()
    make_run(layout, plan_of(3, 2), None, account="ann", clock=SystemClock())
    loaded = run.load(layout, disk, images=3)
    journal = RunJournal(layout, disk, loaded, snapshot_every=len(BEFORE_THE_SNAPSHOT))
    for fact in (*BEFORE_THE_SNAPSHOT, *AFTER_IT):
        journal.append((fact,))
        apply(loaded.state, fact)
    journal.close()
    return layout.root


def masks(place: int) -> tuple[int, ...]:
    return tuple(1 << bit for bit in range(8)) if ALL else (1 << place % 8, 0xFF)


@pytest.mark.parametrize("name", STATE_FILES)
def test_a_flipped_byte_is_named_or_harmless(directory: Path, name: str) -> None:
    path = directory / name
    good, known = path.read_bytes(), everything_known(directory)
    named = harmless = 0
    for place in range(len(good)):
        for mask in masks(place):
            path.write_bytes(good[:place] + bytes([good[place] ^ mask]) + good[place + 1 :])
            try:
                found = everything_known(directory)
            except CoralrunError as error:
                assert error.exit_code != 1
                named += 1
            else:
                assert found == known, f"{name}: byte {place} of {good!r} with {mask:#x} changes what is known"
                harmless += 1
    print(f"{name}: {named} flips named, {harmless} harmless")
    assert named > 0.8 * (named + harmless)
    path.write_bytes(good)
    assert everything_known(directory) == known


def test_the_run_that_is_flipped_has_every_state_file(directory: Path) -> None:
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert files == set(STATE_FILES)
