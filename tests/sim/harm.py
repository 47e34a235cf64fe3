"""What happens to files while no process works on a run: a bit flips, a file is empty, the record of requests is gone.

Rule: either the next process notices and refuses (then the file is put back, as from a backup), or it reads exactly the
state that was written, which the witness checks: detected or harmless. A stored result is read by no process before the
tables are written, so a damaged one is held against its digest here. The record of requests is not put back: whatever
became of it, the service's windows must hold (`rate`).
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from coralrun.errors import CoralrunError, RunDamaged
from coralrun.store import snapshot
from coralrun.store.layout import snapshot_number

from .disk import Inode
from .faults import Fault
from .marks import Mark
from .witness import Violation, require

if TYPE_CHECKING:
    from .world import World


class Harm:
    """The damage that is being done to one world's files."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._name = ""
        self._inode: Inode | None = None
        self._whole = b""
        self._of_another = False

    @property
    def done(self) -> bool:
        """Whether a file is damaged now."""
        return self._inode is not None

    def strike(self) -> None:
        """Perhaps a file is damaged."""
        names = sorted(name for name in self._world.disk.seen if not name.endswith((".new", "owner")))
        names = [name for name in names if name.startswith("/run/") and self._world.disk.seen[name].data]
        if self.done or not names:
            return
        name = self._world.chance.choice(names)
        inode = self._world.disk.seen[name]
        data = bytearray(inode.data)
        self._of_another = False
        if self._is_followed(name) and self._world.strikes(Fault.SNAPSHOT_OF_ANOTHER):
            state, at = snapshot.decode(bytes(data), name=name)
            data[:] = snapshot.encode(state, replace(at, checksum=at.checksum ^ 1))
            self._of_another = True
        elif self._world.strikes(Fault.BYTE_FLIPPED):
            self._flip_file(data, name)
        elif self._world.strikes(Fault.TRUNCATED):
            data.clear()
        else:
            return
        self._name, self._inode, self._whole = name, inode, bytes(inode.data)
        self._world.tell("DAMAGED", name)
        inode.data[:] = data
        inode.synced = bytes(data)

    def _is_followed(self, name: str) -> bool:
        """Whether this is the newest snapshot, and a journal follows it."""
        layout, names = self._world.layout, self._world.disk.seen
        newest = max((number for path in names if (number := snapshot_number(path.rpartition("/")[2]))), default=0)
        return name == str(layout.snapshot(newest)) and str(layout.journal(newest)) in names

    def _flip_file(self, data: bytearray, name: str) -> None:
        """One bit, now and then of a journal's last newline: what comes before it then looks as if it were torn."""
        if "/journal-" in name and data.endswith(b"\n") and self._world.chance.random() < 0.2:
            self._world.mark(Mark.NEWLINE_FLIPPED)
            data[-1] ^= 1 << self._world.chance.randrange(8)
        else:
            _flip(data, self._world.chance)

    def strike_record(self) -> None:
        """Perhaps the record of the account's requests is damaged or gone, for good."""
        world = self._world
        name = next((name for name in world.disk.seen if name.startswith("/state/") and name.endswith(".json")), None)
        if name is None or not world.disk.seen[name].data or not world.strikes(Fault.RECORD_LOST):
            return
        inode = world.disk.seen[name]
        mark = world.chance.choice((Mark.RECORD_FLIPPED, Mark.RECORD_EMPTY, Mark.RECORD_GONE))
        world.mark(mark)
        match mark:
            case Mark.RECORD_FLIPPED:
                _flip(inode.data, world.chance)
            case Mark.RECORD_EMPTY:
                inode.data.clear()
            case _:
                world.disk.vanish(name)
        inode.synced = bytes(inode.data)

    def detected(self, damage: CoralrunError) -> None:
        """A process refused to go on; the file is put back."""
        if self._inode is None:
            raise Violation(f"damage where there is none: {damage}")
        self._world.mark(Mark.DAMAGE_DETECTED)
        self._put_back()

    def survived(self) -> None:
        """A process read the state that was written; a damaged result must still be noticed when it is needed."""
        if self._inode is None:
            return
        followed = self._of_another and self._is_followed(
            self._name
        )  # a machine that died meanwhile may have lost what did
        require(not followed, f"{self._name} is of another life, and was believed")
        if "/results/" in self._name and self._is_needed():
            self._world.mark(Mark.DAMAGE_DETECTED)
        else:
            self._world.mark(Mark.DAMAGE_HARMLESS)
        if self._of_another:
            self._inode = None  # it stays: the journal that begins now follows it, and no longer the one it replaced
        else:
            self._put_back()

    def _is_needed(self) -> bool:
        """Whether a fact names the damaged result; raises Violation if it is then taken for whole."""
        layout, blobs = self._world.layout, self._world.blobs
        closed = {
            str(path): job
            for job in self._world.witness.acknowledged.closed
            if job.sha256
            for path in (layout.blob(job.batch, job.attempt), layout.reply(job.batch, job.attempt))
        }
        job = closed.get(self._name)
        if job is None:
            return False
        try:
            blobs.reply(job.batch, job.attempt, blobs.read(job.batch, job.attempt, job.sha256))
        except RunDamaged:
            return True
        raise Violation(f"{self._name} is damaged and is taken for whole")

    def _put_back(self) -> None:
        assert self._inode is not None
        self._inode.data[:] = self._whole
        self._inode.synced = self._whole
        self._inode = None


def _flip(data: bytearray, chance: Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
