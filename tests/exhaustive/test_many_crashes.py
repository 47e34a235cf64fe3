"""A run that crashes hundreds of times needs no more memory and leaves no more files than one that crashes once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from random import Random

from tests.exhaustive.harness import Fate, Life, plan_of

from coralrun.store import temporary

CYCLES = 400
IMAGES = 160
EARLY = range(20)
LATE = range(CYCLES - 20, CYCLES)
MEASURED = {*EARLY, *LATE}
SNAPSHOT_EVERY = 150
MOST_STATE_FILES = 3  # a snapshot, the journal after it, and the last line that a crash tore
MOST_GROWTH_BYTES = 1_000_000


def tear(life: Life) -> None:
    """Leave behind what a crash leaves in the middle of a write: half a line, and a file under its temporary name."""
    state = life.layout.state
    journal = max(state.glob("journal-*.jsonl"), key=lambda path: int(path.stem.split("-")[1]))
    with journal.open("ab") as opened:
        opened.write(b'{"n":123,"c":"00')
    (state / temporary.beside(Path("snapshot-9.json")).name).write_bytes(b"{")


def test_hundreds_of_crashes_leave_neither_files_nor_memory_behind(tmp_path: Path) -> None:
    life = Life(plan_of(IMAGES, 1), {}, snapshot_every=SNAPSHOT_EVERY, folder=tmp_path / "run")
    chance = Random(11)
    peaks: dict[int, int] = {}
    most_files = 0
    for cycle in range(CYCLES):
        if cycle in MEASURED:
            tracemalloc.start()
        assert not life.process(Fate(chance.randint(1, 5))), f"it was over before cycle {cycle}"
        if cycle in MEASURED:
            peaks[cycle] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        most_files = max(most_files, len(list(life.layout.state.iterdir())))
        tear(life)
    generations = len(list(life.layout.state.glob("snapshot-*.json")))
    assert life.process(Fate())

    assert len(life.credited()) == IMAGES
    assert set(life.attempts_made().values()) == {1}
    assert generations == 1, "the journal was never folded"
    assert most_files <= MOST_STATE_FILES
    stored = {path.suffixes[-2] for path in life.layout.results.iterdir()}
    assert stored == {".json", ".reply"}
    assert len(list(life.layout.results.iterdir())) == 2 * len(life.platform.jobs)
    first, last = (max(peaks[cycle] for cycle in cycles) for cycles in (EARLY, LATE))
    growth = last - first
    print(f"a process allocates {first / 1e6:.2f} MB at first, {last / 1e6:.2f} MB at last; {most_files} state files")
    assert growth < MOST_GROWTH_BYTES
