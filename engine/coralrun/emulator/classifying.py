"""What a source does by itself: points without labels get the machine's, some time after they came.

Rule: as for jobs, nothing runs by itself; `advance` carries what is due. Whatever comes into a source later keeps all
that waits there waiting (upload, observed); without a classifier it waits for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from coralrun.emulator.jobs import Cadence
from coralrun.emulator.site import Site, Source


@dataclass(slots=True)
class Classifying:
    """The photos that wait to be classified, by source, and when their turn comes; some `never` are, by id."""

    site: Site
    cadence: Cadence
    now_s: float
    never: set[int] = field(default_factory=set)
    _waiting: dict[int, set[int]] = field(default_factory=dict)
    _due_s: dict[int, float] = field(default_factory=dict)

    def came(self, source: Source, photos: set[int]) -> None:
        """Something came into a source; these photos of it, by id, wait to be classified now."""
        self._waiting.setdefault(source.id, set()).update(photos)
        self._due_s[source.id] = self.cadence.done_s(self.now_s + self.cadence.start_max_s)

    def advance(self, now: float) -> None:
        """Classify what is due."""
        self.now_s = now
        for number in [number for number, due_s in self._due_s.items() if due_s <= now]:
            source = self.site.sources_by_id[number]
            if source.machine is None:
                continue
            waiting = self._waiting.pop(number) - self.never
            del self._due_s[number]
            photos = (replace(one, status="unconfirmed") if one.id in waiting else one for one in source.photos)
            self.site.put(replace(source, photos=tuple(photos)))
