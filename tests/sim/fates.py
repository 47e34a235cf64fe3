"""What becomes of each call to the disk of a world.

Rule: a full disk and a read-only one last for a while, an error hits one call, and the process may die before, within
or after any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .disk import Fate
from .faults import Fault
from .marks import Mark

if TYPE_CHECKING:
    from .world import World

SPELL_S = 600.0  # a full or read-only disk is one for at most so long

_SPELLS = ((Fate.FULL, Fault.DISK_FULL), (Fate.READ_ONLY, Fault.READ_ONLY))
_DEATHS = (Fate.DIES_BEFORE, Fate.DIES_WITHIN, Fate.DIES_AFTER)


class DiskFates:
    """Decides for one world; `resuming` until a process has read its run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._until_s: dict[Fate, float] = {}
        self._spells = [(spell, fault) for spell, fault in _SPELLS if fault in world.knobs.faults]
        self.resuming = True

    def __call__(self, call: str, name: str) -> Fate:
        """The fate of one call."""
        world = self._world
        for spell, fault in self._spells:
            if spell is Fate.FULL and call != "write":
                continue
            if world.strikes(fault):
                self._until_s[spell] = world.clock.now + world.chance.uniform(0.0, SPELL_S)
            if world.clock.now < self._until_s.get(spell, -1.0) and not world.calm:
                return spell
        if world.changes.dies_now():
            return world.chance.choice(_DEATHS)
        if call == "write" and world.strikes(Fault.WRITE_FAILS):
            return Fate.FAILS
        if call == "fsync" and world.strikes(Fault.FSYNC_FAILS):
            return Fate.FAILS
        if call == "rename" and "/snapshot-" in name:
            world.mark(Mark.COMPACTED)
        if world.strikes(Fault.CRASH_IN_DISK):
            if "snapshot-" in name or (call != "write" and "journal-" in name and not self.resuming):
                world.mark(Mark.DIED_IN_COMPACTION)
            return world.chance.choice(_DEATHS)
        return Fate.DONE
