"""The schemas of the files that coralrun writes, made from the types that write and read them.

    python -m coralrun.formats schemas

Rule: the types are the authority, and nobody writes by hand what is made here: a test holds the files in schemas/ to
it. What coralrun reads from people (schemas/survey.v1.json and groups.v1.json) is not made: there the schema rules, and
that of a resolved survey follows from it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from coralrun.app.run.events import Event
from coralrun.app.run.run_log import LogLine
from coralrun.app.survey import resources
from coralrun.app.survey.resources import SURVEY_SCHEMA
from coralrun.classifiers.model_file import ModelFile
from coralrun.coralnet.classifying.sent_points import SentPoints
from coralrun.files.stored_result import StoredResult
from coralrun.local.spool import Request
from coralrun.machine.units import UnitsFile
from coralrun.planning.analysis_codec import AnalysisFile
from coralrun.planning.confusion import ConfusionFile
from coralrun.planning.header import Header
from coralrun.planning.images import PlannedImage
from coralrun.planning.lines import PointsLine
from coralrun.spec.resolved_schema import resolved_schema
from coralrun.store.journal import Line
from coralrun.store.lock import Owner
from coralrun.store.notice import Notice
from coralrun.store.reviews import Index
from coralrun.store.run import Identity
from coralrun.store.snapshot import Snapshot
from coralrun.store.untold import UntoldFile

OF: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "analysis": (AnalysisFile,),
    "classifier": (ModelFile,),
    "confusion": (ConfusionFile,),
    "event": (Event,),
    "journal": (Line,),
    "log": (LogLine,),
    "now": (Notice,),
    "owner": (Owner,),
    "plan": (Header, PlannedImage, PointsLine),
    "request": (Request,),
    "result": (StoredResult,),
    "reviews": (Index,),
    "run": (Identity,),
    "sent-points": (SentPoints,),
    "snapshot": (Snapshot,),
    "units": (UnitsFile,),
    "untold": (UntoldFile,),
}
"""The type of each format: of a line where a file has one for each record. Further ones are of lines beside it."""

SEALED = frozenset({"analysis", "confusion", "plan", "reviews", "run", "snapshot"})
"""The formats of one object that ends with its own digest (see `sealed`), which is no field of the type."""

_SHA256 = {"description": "Of the bytes before it, closed as an object.", "type": "string", "pattern": "^[0-9a-f]{64}$"}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a format."""
    _, parts = msgspec.json.schema_components(OF[name])
    for part in parts.values():
        if "properties" in part:
            part["additionalProperties"] = False  # of a dataclass too: what is read is compared with how it is written
    whole = parts.pop(OF[name][0].__name__)
    if name in SEALED:
        whole["properties"]["sha256"] = _SHA256
        whole["required"].append("sha256")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:coralrun:schema:{name}:v1",
        **whole,
        "title": f"coralrun {name}, version 1",
        "$defs": parts,
    }


def files() -> dict[str, str]:
    """The text of each schema's file, by its name."""
    made = {name: schema(name) for name in OF} | {"survey-resolved": resolved_schema(resources.schema(SURVEY_SCHEMA))}
    return {f"{name}.v1.json": json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in made.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")
