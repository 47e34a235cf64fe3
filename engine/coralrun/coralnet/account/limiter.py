"""Both rate limits: the API's two windows, shared by all processes of an account, and the web pages' pace.

Rule: no request without a lease, no lease without its record: the block of requests is written before the first of them
is sent, so a process that dies leaves behind the most that it can have used. The record's times are of the wall clock,
the only one that processes share; within the process the monotonic clock counts, so nobody's clock change empties our
own windows. A file that others wrote is believed as far as a clock set back allows (`ledger.Block.not_after`). Where it
is damaged, or gone although there was one, the hour counts as full (`ledger.unreadable`).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec.structs import replace

from coralrun import limits
from coralrun.coralnet.account.ledger import BLOCK, BLOCK_USE_S, Block, Ledger, decode, encode, unreadable
from coralrun.coralnet.protocol import WEB_RATE
from coralrun.errors import DiskError
from coralrun.ports import Clock
from coralrun.values.ids import sha256_hex

LOCK_WAIT_S = 30.0  # a record is held for milliseconds; whoever holds it longer hangs
STALE_S = 1.0  # how old a view of the other processes may be for an answer that only plans
SHORTEST_SLEEP_S = 0.01  # a wait that rounds to nothing must not spin
_ELSEWHERE = "Mend the permissions, or set XDG_STATE_HOME to a directory on a disk that can lock files."


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """Where processes of one account meet: a file, how it is written durably, and the time in seconds since 1970.

    A second, empty file beside it says that there was one.
    """

    path: Path
    write: Callable[[Path, bytes], None]
    wall_s: Callable[[], float]

    def read(self, wall: float) -> Ledger | None:
        """What it says; None where that is lost. Raises DiskError."""
        try:
            return decode(self.path.read_bytes(), wall)
        except FileNotFoundError:
            return None if self._witness.exists() else Ledger()
        except OSError as error:
            raise DiskError(f"{self.path}: {error.strerror or error}") from error

    def keep(self, known: Ledger) -> None:
        """Have it say this; raises DiskError."""
        self.write(self.path, encode(known))
        if not self._witness.exists():
            self.write(self._witness, b"")

    @property
    def _witness(self) -> Path:
        return self.path.with_suffix(".used")


def record_path(directory: Path, service: str, username: str) -> Path:
    """The record of one account at one service; its name tells neither."""
    account = sha256_hex(f"{service} {username}".encode())
    return directory / f"requests-{account[:16]}.json"


@dataclass(slots=True)
class _Lease:
    number: int
    size: int
    until: float
    until_wall_s: float
    left: int
    in_flight: int = 0
    replies: list[float] = field(default_factory=list)

    def usable(self, now: float) -> bool:
        return self.left > 0 and now < self.until

    def finished(self, now: float) -> bool:
        return not self.usable(now) and self.in_flight == 0


class Limiter:
    """Leave to send API requests: `ports.Budget`, and `request()` around each one. Safe to share between threads.

    Without a `shared` record the windows are this process's own. Raises DiskError when the record cannot be kept.
    """

    def __init__(self, clock: Clock, shared: SharedRecord | None = None) -> None:
        self._clock = clock
        self._shared = shared
        self._owner = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._ledger = Ledger()
        self._read_at = float("-inf")
        self._leases: list[_Lease] = []
        self._leased = 0

    @contextmanager
    def request(self, *, patient: bool = True) -> Iterator[bool]:
        """Wait for leave to send one request; it occupies the windows until the block ends and their length after.

        Who is not patient is told False where there is no leave at once, and may not send.
        """
        lease = self._take(patient)
        if lease is None:
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                lease.in_flight -= 1
                lease.replies.append(self._clock.monotonic())

    def wait_s(self, requests: int = 1) -> float:
        """How long until so many more requests may be sent; 0 when they may be sent now."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._read_at >= STALE_S:
                with self._held():
                    self._load(now)
            self._end_overslept(now)
            self._close_finished(now)
            left = sum(lease.left for lease in self._leases if lease.usable(now))
            if requests <= left:
                return max(0.0, self._ledger.quiet_until - now)
            return self._ledger.wait_s(now, requests - left)

    def throttled(self, wait_s: float) -> None:
        """Learn from a 429: others use the account too, and the service wants quiet for so long."""
        with self._lock, self._held():
            now = self._clock.monotonic()
            self._load(now)
            quiet_until = now + min(wait_s, limits.THROTTLED_MOST_S)
            self._ledger = replace(self._ledger, quiet_until=max(self._ledger.quiet_until, quiet_until))
            self._store(now)

    def close(self) -> None:
        """Give back what was leased and not used. Requests still in flight keep their block open."""
        with self._lock, self._held():
            now = self._clock.monotonic()
            self._load(now)
            for lease in self._leases:
                lease.left = 0
            self._close_finished(now)
            self._store(now)

    def _take(self, patient: bool) -> _Lease | None:
        while True:
            with self._lock:
                now = self._clock.monotonic()
                lease = self._usable(now) or self._renewed(now)
                if lease is not None:
                    lease.left -= 1
                    lease.in_flight += 1
                    return lease
                wait = self._ledger.wait_s(now, 1)
            if not patient:
                return None
            self._clock.sleep(max(wait, SHORTEST_SLEEP_S))

    def _usable(self, now: float) -> _Lease | None:
        if now < self._ledger.quiet_until:
            return None
        self._end_overslept(now)
        return next((lease for lease in self._leases if lease.usable(now)), None)

    def _renewed(self, now: float) -> _Lease | None:
        """A new block, on record before it is used; None when nothing is free."""
        with self._held():
            self._load(now)
            self._close_finished(now)
            size = min(BLOCK, self._ledger.free(now))
            if size == 0:
                return None
            self._leased += 1
            lease = _Lease(self._leased, size, now + BLOCK_USE_S, self._wall_s(now) + BLOCK_USE_S, left=size)
            self._ledger = self._ledger.opened(Block(self._owner, lease.number, size, lease.until))
            self._store(now)
            self._leases.append(lease)
            return lease

    def _end_overslept(self, now: float) -> None:
        """A block is on record by the time of day, so it ends by that too: some clocks do not count a sleep, and what
        was sent after one would be known to nobody if this process died."""
        wall_s = self._wall_s(now)
        for lease in self._leases:
            if wall_s >= lease.until_wall_s:
                lease.until = min(lease.until, now)

    def _wall_s(self, now: float) -> float:
        return now if self._shared is None else self._shared.wall_s()

    def _close_finished(self, now: float) -> None:
        for lease in [lease for lease in self._leases if lease.finished(now)]:
            self._ledger = self._ledger.closed(self._owner, lease.number, lease.replies)
            self._leases.remove(lease)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The record under its lock, which is a file of its own that is never replaced."""
        if self._shared is None:
            yield
            return
        path = self._shared.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"), timeout=LOCK_WAIT_S, mode=0o600, preserve_lock_file=True)
            lock.acquire()
        except Timeout as error:
            raise DiskError(f"{path.name}: another process has held it for {LOCK_WAIT_S:.0f} s") from error
        except OSError as error:
            raise DiskError(f"{path}: it cannot be locked: {error.strerror or error}", remedy=_ELSEWHERE) from error
        try:
            yield
        finally:
            lock.release()

    def _load(self, now: float) -> None:
        """The others' blocks from the record, our own from memory."""
        self._read_at = now
        if self._shared is None:
            self._ledger = self._ledger.pruned(now)
            return
        wall = self._shared.wall_s()
        read = self._shared.read(wall)
        known = unreadable(wall) if read is None else read
        if read is None or known.is_pinned(wall):
            # At once, or it would be "just now" for ever; with a clock that was set back, until that has caught up.
            self._shared.keep(known)
        known = known.shifted(now - wall)
        others = tuple(block for block in known.blocks if block.owner != self._owner)
        ours = tuple(block for block in self._ledger.blocks if block.owner == self._owner)
        self._ledger = Ledger((*others, *ours), max(known.quiet_until, self._ledger.quiet_until)).pruned(now)

    def _store(self, now: float) -> None:
        if self._shared is not None:
            self._shared.keep(self._ledger.shifted(self._shared.wall_s() - now))


class WebRate:
    """At most so many web pages a second, evenly; they do not count against the API's windows. Thread-safe."""

    def __init__(self, clock: Clock, pages_per_second: float = WEB_RATE) -> None:
        self._clock = clock
        self._step_s = 1.0 / pages_per_second
        self._lock = threading.Lock()
        self._next = float("-inf")

    def take(self) -> None:
        """Wait for leave to ask for one page."""
        with self._lock:
            now = self._clock.monotonic()
            start = max(now, self._next)
            self._next = start + self._step_s
        if start > now:
            self._clock.sleep(start - now)
