"""A folder of the user's cache: what is kept there, and what goes first."""

from __future__ import annotations

import os
from pathlib import Path

from coralrun.store.cache import IN_USE_NS, CacheFolder

BODY = b"10 bytes.."
FILE_BYTES = len(BODY) + 32


def used(folder: Path, days_ago: dict[str, int]) -> None:
    """Let files have been used last so long ago."""
    for name, days in days_ago.items():
        at_ns = 2_000_000_000_000_000_000 - days * IN_USE_NS - days
        os.utime(folder / name, ns=(at_ns, at_ns))


def cache_of(folder: Path, names: str, *, most_files: int) -> CacheFolder:
    cache = CacheFolder(folder, most_files * FILE_BYTES)
    for name in names:
        cache.keep(name, BODY)
    return cache


def test_a_file_that_is_not_as_it_was_written_is_not_there(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, "a", most_files=1)
    assert (cache.get("a"), cache.get("b")) == (BODY, None)
    written = (tmp_path / "a").read_bytes()
    for at in range(len(written)):
        (tmp_path / "a").write_bytes(written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :])
        assert cache.get("a") is None
    for data in (b"", written[:-1], written + b"0"):
        (tmp_path / "a").write_bytes(data)
        assert cache.get("a") is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, "abcd", most_files=2)
    used(tmp_path, {"a": 9, "b": 8, "c": 7, "d": 6})
    assert cache.get("a") == BODY
    used(tmp_path, {"a": 0})
    cache.trim()
    assert cache.names() == sorted(path.name for path in tmp_path.iterdir()) == ["a", "d"]


def test_nothing_goes_that_was_used_within_a_day_of_what_was_used_last(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, "abcd", most_files=1)
    used(tmp_path, {"a": 2, "b": 1, "c": 0, "d": 0})
    cache.trim()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "d"]


def test_what_another_process_removes_meanwhile_is_made_again(tmp_path: Path) -> None:
    ours, theirs = (cache_of(tmp_path, "ab", most_files=1) for _ in range(2))
    used(tmp_path, {"a": 9, "b": 0})
    theirs.trim()
    ours.trim()
    assert (ours.get("a"), ours.get("b")) == (None, BODY)
    ours.keep("a", BODY)
    assert theirs.get("a") == BODY


def test_a_cache_that_cannot_be_kept_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = CacheFolder(tmp_path / "file", 1)
    cache.keep("a", BODY)
    cache.trim()
    assert cache.get("a") is None
