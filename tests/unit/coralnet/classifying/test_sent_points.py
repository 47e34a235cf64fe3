"""What was sent stands in a folder that is there as long as a batch is in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coralrun.coralnet.classifying.sent_points import SentFolder, SentPoints
from coralrun.store.files import Disk

SENT = SentPoints(source=2, photos=())


def test_a_batch_is_kept_while_the_last_other_one_is_released(tmp_path: Path) -> None:
    folder = SentFolder(tmp_path / "spool", Disk())

    def keep_and_release(batch: int) -> None:
        for attempt in range(1, 60):
            folder.keep(f"b{batch:05}.a{attempt}", SENT)
            folder.release(f"b{batch:05}.a{attempt}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(keep_and_release, (1, 2, 3)))
    assert not folder.folder.exists()
