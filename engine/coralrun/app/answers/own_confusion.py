"""What the service itself says its classifier takes for what: asked for once, and kept beside the plan.

Rule: no run is worth failing for it. It is asked for when a plan is brought into force, for later the classifier may no
longer be the one that the service tells of; where it cannot be had, one line says so, and figures of the run itself
never rest on it.
"""

from __future__ import annotations

from coralrun.app.reporter import Reporter
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Connection
from coralrun.planning import confusion
from coralrun.planning.confusion import Confusion
from coralrun.planning.model import Plan


def confusion_for(
    plan: Plan, connection: Connection, reporter: Reporter, opened: OpenRun | None = None
) -> Confusion | None:
    """That of a plan's classifier, as the run `opened` keeps it or as the service says it now; None where not known, or
    where nothing is classified."""
    if not plan.classifies:
        return None
    kept = None if opened is None else confusion_of(opened)
    if kept is not None and kept.classifier == plan.classifier.id:
        return kept
    reporter.doing(f"asking how often classifier {plan.classifier.id} is right")
    found = connection.confusion(plan.classifier)
    if isinstance(found, Confusion):
        return found
    reporter.lines([f"note: {found}"] if found else [])
    return None


def confusion_of(opened: OpenRun) -> Confusion | None:
    """What a run keeps of it; raises RunDamaged where that is not what was written."""
    path = opened.folder.confusion
    return confusion.decode(str(path), opened.disk.read(path)) if path.exists() else None
