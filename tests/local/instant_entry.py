"""`service: local` with a classifier that takes no time, as the registry has it; all else is the real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from coralrun import services
from coralrun.connection import Connection, Picked, ServiceEntry
from coralrun.local import entry as local
from coralrun.local.connection import LocalConnection
from coralrun.local.joining import no_tls
from coralrun.local.work import Model
from coralrun.planning.model import Classifier, Plan, Trained
from coralrun.reaching import Reaching
from coralrun.sources.patience import Patience
from coralrun.spec.model import ClassifierChoice, CoralNetSource
from coralrun.values.classified import Label

from .instant import LABELS, Instant


@dataclass(slots=True)
class InstantConnection(LocalConnection):
    """The way to it."""

    takes_s: float = 0.0

    def model(self) -> tuple[Model, tuple[Label, ...]]:
        return Instant(self.takes_s), LABELS

    def pick_classifier(
        self,
        choice: ClassifierChoice,
        sources: Iterable[CoralNetSource],
        earlier: Mapping[str, Classifier],
        patience: Patience | None = None,
    ) -> Picked:
        trained = Trained(sites=("Moorea",), examples={label.code: 7 for label in LABELS})
        return Picked(Classifier(id="instant", trained=trained), tuple(no_tls(self.compute)))

    def looked_at(self, plan: Plan, left: object, progress: object) -> Plan:
        return plan

    def drift(self, classifier: Classifier) -> tuple[str, ...]:
        return ()


def use_instant(takes_s: float) -> None:
    """Let `service: local` be this one in this process."""
    others = tuple(entry for entry in services.SERVICES if entry.terms.name != local.TERMS.name)
    services.__dict__["SERVICES"] = (*others, entry_of(takes_s))


def entry_of(takes_s: float) -> ServiceEntry:
    """Its entry."""

    def connect(reaching: Reaching) -> Connection:
        limits = local.limits_of(reaching.options)
        return InstantConnection(local.TERMS.name, reaching.clock, limits, reaching.options, takes_s=takes_s)

    return replace(local.SERVICE, connect=connect)
