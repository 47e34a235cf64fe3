"""The two windows and the web's pace: never more than the limit, across threads, processes and crashes."""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.coralnet.account import ledger
from coralrun.coralnet.account import limiter as limiter_module
from coralrun.coralnet.account.ledger import BLOCK, BLOCK_USE_S, REPLY_S, WINDOWS, Block, Ledger
from coralrun.coralnet.account.limiter import Limiter, SharedRecord, WebRate, record_path
from coralrun.errors import DiskError

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock

Share = Callable[[], SharedRecord]


@dataclass
class Server:
    """Counts as the real service does: a request at some moment between its sending and its reply."""

    times: list[float] = field(default_factory=list)

    def counted(self, at: float) -> None:
        self.times.append(at)

    def worst(self, window_s: float) -> int:
        times = sorted(self.times)
        return max((n - bisect_right(times, end - window_s) for n, end in enumerate(times, start=1)), default=0)


@pytest.fixture
def share(clock: JumpingClock, tmp_path: Path) -> Share:
    path = record_path(tmp_path / "state", "https://coralnet.test", "ann")
    return lambda: SharedRecord(path, lambda file, data: void(file.write_bytes(data)), lambda: clock.now + 1e9)


def void(_: object) -> None:
    return None


def send(limiter: Limiter, clock: JumpingClock, server: Server | None = None, took_s: float = 0.1) -> None:
    with limiter.request():
        if server is not None:
            server.counted(clock.now)
        clock.now += took_s


@pytest.mark.parametrize("alone", [True, False])
def test_requests_never_exceed_either_window(clock: JumpingClock, share: Share, alone: bool) -> None:
    limiter, server = Limiter(clock, None if alone else share()), Server()
    start = clock.now
    for _ in range(1300):
        send(limiter, clock, server, took_s=0.05)
    for most, window_s in WINDOWS:
        assert server.worst(window_s) == most
    assert clock.now - start < 3600 + 1300 * 3.6, "the limit is used, not only kept"


def test_two_processes_of_one_account_share_the_windows(clock: JumpingClock, share: Share) -> None:
    first, second, server = Limiter(clock, share()), Limiter(clock, share()), Server()
    for turn in range(200):
        send((first, second)[turn % 2], clock, server)
    assert server.worst(60.0) <= protocol.REQUESTS_PER_MINUTE


def test_a_process_that_dies_leaves_its_whole_block_used_for_a_bounded_time(clock: JumpingClock, share: Share) -> None:
    for _ in range(3):
        send(Limiter(clock, share()), clock)  # used once, never closed: what kill -9 leaves
    heir = Limiter(clock, share())
    assert heir.wait_s() > 0
    clock.now += BLOCK_USE_S + REPLY_S + 60.0
    assert heir.wait_s(protocol.REQUESTS_PER_MINUTE) == 0
    clock.now += 3600.0
    assert heir.wait_s(protocol.REQUESTS_PER_HOUR) <= 0


def test_what_is_leased_is_on_record_before_the_first_request(clock: JumpingClock, share: Share) -> None:
    limiter = Limiter(clock, share())
    with limiter.request():
        blocks = json.loads(share().path.read_bytes())["blocks"]
    assert [(block["size"], block["replies"]) for block in blocks] == [(BLOCK, None)]


def test_closing_gives_back_what_was_not_used(clock: JumpingClock, share: Share) -> None:
    limiter = Limiter(clock, share())
    send(limiter, clock)
    limiter.close()
    heir = Limiter(clock, share())
    assert heir.wait_s(protocol.REQUESTS_PER_MINUTE - 1) == 0
    assert 0 < heir.wait_s(protocol.REQUESTS_PER_MINUTE) <= 60.01


def test_closing_forgets_no_request_that_is_on_its_way(clock: JumpingClock, share: Share) -> None:
    limiter = Limiter(clock, share())
    with limiter.request():
        limiter.close()
        assert Limiter(clock, share()).wait_s(protocol.REQUESTS_PER_MINUTE - BLOCK) == 0
        assert Limiter(clock, share()).wait_s(protocol.REQUESTS_PER_MINUTE - BLOCK + 1) > 60.0


def test_a_block_is_given_up_when_its_time_is_over(clock: JumpingClock, share: Share) -> None:
    limiter = Limiter(clock, share())
    send(limiter, clock)
    clock.now += BLOCK_USE_S
    send(limiter, clock)
    closed, opened = json.loads(share().path.read_bytes())["blocks"]
    assert len(closed["replies"]) == 1
    assert opened["replies"] is None


def test_what_is_sent_after_a_sleep_that_the_clock_did_not_count_is_on_record(
    clock: JumpingClock, tmp_path: Path
) -> None:
    path = record_path(tmp_path / "state", "https://coralnet.test", "ann")
    slept_s = 0.0

    def share() -> SharedRecord:
        return SharedRecord(path, lambda file, data: void(file.write_bytes(data)), lambda: clock.now + slept_s + 1e9)

    dying = Limiter(clock, share())
    send(dying, clock)
    slept_s = 8 * 3600.0
    send(dying, clock)
    assert Limiter(clock, share()).wait_s(protocol.REQUESTS_PER_HOUR) > 0, "it died, and the second one is counted"


def test_a_failing_request_occupies_the_windows_too(clock: JumpingClock) -> None:
    limiter = Limiter(clock)
    for _ in range(protocol.REQUESTS_PER_MINUTE):
        with pytest.raises(RuntimeError), limiter.request():
            raise RuntimeError
    assert limiter.wait_s() == pytest.approx(60.0)


def test_a_429_is_learnt_by_every_process_of_the_account(clock: JumpingClock, share: Share) -> None:
    first, second = Limiter(clock, share()), Limiter(clock, share())
    send(first, clock)
    first.throttled(28.0)
    assert first.wait_s() == pytest.approx(28.0)
    assert second.wait_s() == pytest.approx(28.0, abs=0.01)
    before = clock.now
    send(first, clock)
    assert clock.now - before >= 28.0
    first.throttled(1e12)
    assert first.wait_s() == pytest.approx(limits.THROTTLED_MOST_S)


@pytest.mark.parametrize("jump_s", [-7200.0, -90.0, 90.0, 7200.0])
def test_a_change_of_the_wall_clock_does_not_empty_our_own_windows(
    clock: JumpingClock, tmp_path: Path, jump_s: float
) -> None:
    wall = [1e9]
    record = SharedRecord(tmp_path / "r.json", lambda f, data: void(f.write_bytes(data)), lambda: wall[0] + clock.now)
    limiter, server = Limiter(clock, record), Server()
    for turn in range(150):
        if turn == 40:
            wall[0] += jump_s
        send(limiter, clock, server)
    assert server.worst(60.0) <= protocol.REQUESTS_PER_MINUTE


def test_a_clock_that_was_set_back_holds_nobody_up_until_it_has_caught_up(clock: JumpingClock, tmp_path: Path) -> None:
    wrong = {"s": 0.0}
    path = tmp_path / "requests.json"

    def share() -> SharedRecord:
        return SharedRecord(path, lambda file, data: void(file.write_bytes(data)), lambda: clock.now + wrong["s"] + 1e9)

    for _ in range(3):
        send(Limiter(clock, share()), clock)  # used once, never closed: three crashes fill the minute
    wrong["s"] = -86_400.0
    began = clock.now
    send(Limiter(clock, share()), clock)
    assert clock.now - began < BLOCK_USE_S + REPLY_S + 2 * 60.0


def test_who_is_not_patient_is_told_that_there_is_no_leave(clock: JumpingClock, share: Share) -> None:
    limiter = Limiter(clock, share())
    with limiter.request(patient=False) as has_leave:
        assert has_leave
    limiter.throttled(28.0)
    with limiter.request(patient=False) as has_leave:
        assert not has_leave
    assert clock.slept == []


def test_a_record_from_the_future_blocks_no_longer_than_one_from_now(clock: JumpingClock, share: Share) -> None:
    wall = share().wall_s()
    future = Block("other", 1, 20, wall + 1e8, tuple(wall + 1e8 for _ in range(60)))
    share().path.parent.mkdir(parents=True)
    share().path.write_bytes(ledger.encode(Ledger((future,), quiet_until=wall + 1e8)))
    limiter = Limiter(clock, share())
    assert limiter.wait_s() == pytest.approx(limits.THROTTLED_MOST_S, abs=0.01)


FIT = b'{"format":"coralrun.requests","version":1,"quiet_until":0,"blocks":[]}'
BLOCK_OF_MANY = b'{"owner":"a","number":1,"size":1001,"until":0,"replies":null}'
FULLEST_HOUR_S = 3600.0 - 16 * 60.0
"""1,000 requests take 17 minutes at 60 a minute: the first of them leave the hour so long after the last was sent."""


def written(share: Share, data: bytes) -> SharedRecord:
    share().path.parent.mkdir(parents=True, exist_ok=True)
    share().path.write_bytes(data)
    return share()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"\xff",
        b"[1]",
        b'{"format":"coralrun.requests","version":2}',
        FIT + b" " * ledger.MOST_BYTES,
        FIT.replace(b'_until":0', b'_until":"soon"'),
        FIT.replace(b'_until":0', b'_until":NaN'),
        FIT.replace(b"[]", b"[" + BLOCK_OF_MANY + b"]"),
        ledger.encode(Ledger(quiet_until=5.0)).replace(b"5.0", b"4.0"),
    ],
    ids=lambda damage: damage[:90].decode("latin-1"),
)
def test_a_record_that_cannot_be_read_counts_as_the_fullest_hour(
    clock: JumpingClock, share: Share, damage: bytes
) -> None:
    limiter = Limiter(clock, written(share, damage))
    assert limiter.wait_s() == pytest.approx(FULLEST_HOUR_S, abs=0.01)
    send(limiter, clock)
    assert json.loads(share().path.read_bytes())["format"] == ledger.FORMAT


def test_after_a_lost_record_both_windows_hold_however_fast_requests_came(clock: JumpingClock, share: Share) -> None:
    server = Server()
    for _ in range(protocol.REQUESTS_PER_HOUR):
        send(Limiter(clock), clock, server, took_s=0.0)
        clock.now += 1.0
    heir = Limiter(clock, written(share, b""))
    for _ in range(200):
        send(heir, clock, server)
    for most, window_s in WINDOWS:
        assert server.worst(window_s) <= most


def test_a_record_that_is_gone_although_there_was_one_counts_as_the_fullest_hour(
    clock: JumpingClock, share: Share
) -> None:
    first = Limiter(clock, share())
    send(first, clock)
    share().path.unlink()
    assert Limiter(clock, share()).wait_s() == pytest.approx(FULLEST_HOUR_S, abs=0.01)
    clock.now += limiter_module.STALE_S
    assert first.wait_s(protocol.REQUESTS_PER_MINUTE) > FULLEST_HOUR_S - 60.0


def test_a_first_process_that_dies_without_a_lease_leaves_the_hour_free(clock: JumpingClock, share: Share) -> None:
    with Limiter(clock, share())._held():
        pass
    assert share().path.with_suffix(".lock").exists()
    assert Limiter(clock, share()).wait_s(protocol.REQUESTS_PER_MINUTE) == 0


def test_every_flipped_bit_of_a_record_is_noticed_or_changes_nothing() -> None:
    now = 1e9
    whole = Ledger((Block("a", 1, 20, now + 60.0), Block("a", 0, 0, 0.0, (now - 5.0, now - 3.5))), now + 28.0)
    data = ledger.encode(whole)
    assert ledger.decode(data, now) == whole
    for place in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            assert ledger.decode(bytes(damaged), now) in (None, whole), (place, bit)


def test_a_record_of_an_earlier_version_without_a_checksum_is_believed(clock: JumpingClock, share: Share) -> None:
    assert Limiter(clock, written(share, FIT)).wait_s(protocol.REQUESTS_PER_MINUTE) == 0
    quiet = FIT.replace(b'_until":0', f'_until":{share().wall_s() + 28.0}'.encode())
    assert Limiter(clock, written(share, quiet)).wait_s() == pytest.approx(28.0, abs=0.01)


def test_a_record_that_cannot_be_kept_is_a_disk_error(clock: JumpingClock, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    limiter = Limiter(clock, SharedRecord(tmp_path / "file" / "r.json", lambda *_: None, lambda: 0.0))
    with pytest.raises(DiskError, match="it cannot be locked: ") as refused:
        send(limiter, clock)
    assert "XDG_STATE_HOME" in refused.value.remedy


def test_a_record_that_another_process_never_gives_back_is_a_disk_error(
    clock: JumpingClock, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(Limiter(clock, share()), clock)
    monkeypatch.setattr(limiter_module, "LOCK_WAIT_S", 0.0)
    with (
        FileLock(share().path.with_suffix(".lock")),
        pytest.raises(DiskError, match="another process has held it for 0 s"),
    ):
        send(Limiter(clock, share()), clock)


def test_a_record_that_cannot_be_opened_is_a_disk_error(clock: JumpingClock, share: Share) -> None:
    share().path.mkdir(parents=True)
    with pytest.raises(DiskError, match=r"requests-[0-9a-f]+\.json: Is a directory"):
        send(Limiter(clock, share()), clock)


def test_the_records_name_tells_neither_account_nor_service(tmp_path: Path) -> None:
    name = record_path(tmp_path, "https://coralnet.test", "ann").name
    assert "ann" not in name
    assert "coralnet" not in name
    assert name != record_path(tmp_path, "https://coralnet.test", "bob").name


@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 2),  # which process
            st.floats(0, 30),  # idle before
            st.floats(0, 5),  # the reply takes so long
            st.floats(0, 1),  # when in between the server counts
            st.integers(0, 9),  # 0: the process dies; 1: it closes in good order
        ),
        min_size=70,
        max_size=250,
    ),
    rush=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_no_window_of_the_server_ever_holds_more_than_its_limit(
    steps: list[tuple[int, float, float, float, int]], rush: bool
) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def utc(self) -> str:
            return ""

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock, server, files = Clock(), Server(), InMemoryFile()
    record = SharedRecord(files, files.write, lambda: clock.now + 1e9)  # type: ignore[arg-type]
    processes = [UnlockedLimiter(clock, record) for _ in range(3)]
    for who, idle_s, took_s, share_of, fate in steps:
        clock.now += 0 if rush else idle_s
        with processes[who].request():
            server.counted(clock.now + took_s * share_of)
            clock.now += took_s
        if fate == 0:
            processes[who] = UnlockedLimiter(clock, record)
        elif fate == 1:
            processes[who].close()
    for most, window_s in WINDOWS:
        assert server.worst(window_s) <= most


class InMemoryFile:
    """As much of a path as the limiter uses, fast enough for thousands of writes."""

    name = "record"

    def __init__(self) -> None:
        self.data: bytes | None = None
        self.beside: dict[str, InMemoryFile] = {}

    def read_bytes(self) -> bytes:
        if self.data is None:
            raise FileNotFoundError
        return self.data

    def exists(self) -> bool:
        return self.data is not None

    def with_suffix(self, suffix: str) -> InMemoryFile:
        return self.beside.setdefault(suffix, InMemoryFile())

    @staticmethod
    def write(file: InMemoryFile, data: bytes) -> None:
        file.data = data


class UnlockedLimiter(Limiter):
    """One process of several that take turns, so that none can meet another at the record."""

    def _held(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@given(
    replies=st.lists(st.floats(0, 4000), max_size=80),
    sizes=st.lists(st.tuples(st.integers(1, 20), st.floats(0, 4000)), max_size=4),
    now=st.floats(0, 4000),
    wanted=st.integers(1, 60),
)
@settings(max_examples=200, deadline=None)
def test_after_waiting_as_long_as_it_says_there_is_room(
    replies: list[float], sizes: list[tuple[int, float]], now: float, wanted: int
) -> None:
    known = Ledger(
        (Block("a", 0, 0, 0.0, tuple(replies)), *(Block("b", n, size, until) for n, (size, until) in enumerate(sizes)))
    )
    wait = known.wait_s(now, wanted)
    assert (wait == 0) == (known.free(now) >= wanted)
    assert known.free(now + wait + 1e-6) >= wanted
    assert known.pruned(now).free(now) == known.free(now)


def test_threads_share_one_limiter(clock: JumpingClock) -> None:
    limiter = Limiter(clock)
    granted: list[int] = []

    def work() -> None:
        for _ in range(10):
            with limiter.request():
                granted.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 60
    assert limiter.wait_s() > 0


def test_pages_are_asked_for_evenly_at_the_rate(clock: JumpingClock) -> None:
    rate = WebRate(clock, 4.0)
    start = clock.now
    for _ in range(9):
        rate.take()
    assert clock.now - start == pytest.approx(2.0)
    clock.now += 100
    rate.take()
    assert clock.slept[-1] == pytest.approx(0.25), "after a pause the first page does not wait"
    assert len(clock.slept) == 8
