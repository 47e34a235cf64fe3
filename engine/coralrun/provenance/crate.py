"""`ro-crate-metadata.json`: where a run's results come from, as an RO-Crate 1.1 over its directory.

Source: the RO-Crate 1.1 specification (w3id.org/ro/crate/1.1): a flat JSON-LD graph of the metadata file, the root
dataset, its files, and what made them. Rule: pure, and the same bytes for the same run and the same software. Files
that change without the results changing (the lock, the log, the journal, which checks itself) are no part of it; the
report is, without a checksum, because it may be written again with other photos.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.planning.model import Plan
from coralrun.provenance.agents import (
    ACCOUNT,
    CLASSIFIED_BY,
    CLASSIFIER,
    SERVICE,
    Entity,
    agents,
    property_value,
)
from coralrun.results.tables import account_of
from coralrun.store.run import Identity

FILE: Final = "ro-crate-metadata.json"
PROFILE: Final = "https://w3id.org/ro/crate/1.1"
CONTEXT: Final = (f"{PROFILE}/context", {"sha256": "http://schema.org/sha256"})
LICENCE: Final = "Not stated by the run: whoever owns the photographs and the survey says on what terms it is shared."

_PLAN: Final = re.compile(r"plans/\d+/")
_TYPES: Final = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".gz": "application/gzip",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".txt": "text/plain",
    ".R": "text/x-r-source",
    ".jpg": "image/jpeg",
}
_WHAT: Final = {
    "run.json": "What the run is, whatever is planned: versions, service, account",
    "survey.json": "The survey with every default written out",
    "analysis.json": "How the run is read: design, label groups, formats",
    "confusion.json": "What the service itself found the classifier to take for what",
    "plan.json": "The plan",
    "images.jsonl": "The images of the plan, one a line; addresses that the user wrote stand here alone",
    "points.jsonl": "The points of the plan, where no design lays them",
    "units.json": "Which unit of work of the run stands for each image",
    "outputs/predictions.csv": "The predictions, one row a point",
    "outputs/failures.csv": "The images without predictions, and why",
    "outputs/tries.csv": "How often each image was sent, and when",
    "outputs/jobs.csv": "The jobs at the service",
    "report/index.html": "The report; it may be written again with other photos, and has no checksum here",
}
"""Those of a plan by their names in its folder."""
_WHAT_IN: Final = {
    "inputs": "A file that the run was made from, as it was: the user's, or a source's export of annotations",
    "results": "The result of a job, or the reply of the service that it was made from (.reply), as evidence",
    "outputs": "A table, derived from the results",
    "reviews": "What people handed in about the labels",
}


@dataclass(frozen=True, slots=True)
class CrateFile:
    """A file of the run directory; `path` is relative to it. Size and checksum are None where they may change."""

    path: str
    size_bytes: int | None
    sha256: str | None


def crate(
    identity: Identity,
    plan: Plan,
    state: PlanState,
    files: Sequence[CrateFile],
    software: Mapping[str, str],
    sampling: Mapping[str, object],
) -> bytes:
    """The metadata file of a finished run.

    `software` maps names to versions, coralrun and Python among them: of what wrote the tables, which may be newer than
    what classified. `sampling` says how the images were drawn.
    """
    settings = _settings(identity, plan, state, sampling)
    graph = [
        {
            "@id": FILE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
            "description": "What stands in this directory and how it came about",
        },
        _root(identity, plan, state, files),
        _classifying(identity, state.run, files, settings),
        _reading(state.run, files),
        *agents(identity, plan),
        {"@id": "#licence", "@type": "CreativeWork", "name": "No licence stated", "description": LICENCE},
        *settings,
        *_software(software),
        *(_file(file) for file in files),
    ]
    value = {
        "@context": CONTEXT,
        "@graph": [{name: _compact(value) for name, value in entity.items()} for entity in graph],
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", errors="surrogatepass") + b"\n"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a metadata file states: the checksums of files by path, and the versions by name of the software that wrote
    the tables, whose entities bear their names as ids."""

    checksums: Mapping[str, str]
    software: Mapping[str, str]


def read_crate(data: bytes) -> Stated:
    """Read a metadata file of coralrun's; raises ValueError for what is none."""
    try:
        graph = json.loads(data)["@graph"]
        files = [entity for entity in graph if entity["@type"] == "File" and "sha256" in entity]
        programs = [entity for entity in graph if "softwareVersion" in entity and entity["@id"] == f"#{entity['name']}"]
        return Stated(
            checksums={str(entity["name"]): str(entity["sha256"]) for entity in files},
            software={str(entity["name"]): str(entity["softwareVersion"]) for entity in programs},
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it cannot be read: {error}") from error


def _root(identity: Identity, plan: Plan, state: PlanState, files: Sequence[CrateFile]) -> Entity:
    account, images = account_of(plan, state), state.counts()
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": identity.name,
        "identifier": f"coralrun:{identity.run}",
        "description": (
            f"{account.predicted:,} points of {images.succeeded:,} photographs classified at {identity.service}; "
            f"{images.failed + images.skipped:,} of {len(plan.images):,} photographs have no predictions"
        ),
        "datePublished": state.run.finished_at,
        "license": {"@id": "#licence"},
        "hasPart": [_id(file) for file in files],
        "mentions": [{"@id": "#classifying"}, {"@id": "#reading"}],
    }


def _classifying(identity: Identity, state: Durable, files: Sequence[CrateFile], settings: Sequence[Entity]) -> Entity:
    return {
        "@id": "#classifying",
        "@type": "CreateAction",
        "name": "Classifying the points of the photographs",
        "startTime": identity.created_at,
        "endTime": state.finished_at,
        "instrument": [{"@id": CLASSIFIED_BY}, {"@id": SERVICE}, {"@id": CLASSIFIER}],
        "agent": {"@id": ACCOUNT},
        "object": [
            _id(file) for file in files if file.path.startswith(("run.json", "plans/")) and not _is_analysis(file)
        ],
        "result": [_id(file) for file in files if file.path.startswith("results/")],
        "additionalProperty": [{"@id": setting["@id"]} for setting in settings],
    }


def _reading(state: Durable, files: Sequence[CrateFile]) -> Entity:
    return {
        "@id": "#reading",
        "@type": "CreateAction",
        "name": "Deriving tables and report from the results",
        "endTime": state.finished_at,
        "instrument": {"@id": "#coralrun"},
        "object": [_id(file) for file in files if file.path.startswith(("results/", "reviews/")) or _is_analysis(file)],
        "result": [_id(file) for file in files if file.path.startswith(("outputs/", "report/"))],
    }


def _points(plan: Plan) -> str:
    if plan.design is not None:
        return plan.design.method.value
    return f"of the run {plan.revisits}" if plan.revisits else "from a file"


def _settings(identity: Identity, plan: Plan, state: PlanState, sampling: Mapping[str, object]) -> list[Entity]:
    """What was set and what came of it, each as a PropertyValue of the classifying."""
    account, images, run = account_of(plan, state), state.counts(), state.run
    values: dict[str, object] = {
        "survey SHA-256": plan.survey_digest,
        "plan in force": f"plans/{run.plan:03d}",
        "plan SHA-256": run.plans[-1].digest,
        "points": _points(plan),
        **({} if plan.design is None else {"points an image": plan.design.points_per_image, "seed": plan.design.seed}),
        **{f"images drawn: {name}": value for name, value in sampling.items()},
        "images planned": len(plan.images),
        "images succeeded": images.succeeded,
        "images failed": images.failed,
        "images skipped": images.skipped,
        "points planned": account.points,
        "points predicted": account.predicted,
        "points failed": account.failed,
        "points skipped": account.skipped,
        "sessions": run.sessions,
        "jobs": len(run.closed),
        "job ids": ", ".join(str(job.job) for job in run.closed),
        "possible duplicate jobs": len(run.doubts),
    }
    return [property_value(name, value) for name, value in values.items()]


def _software(software: Mapping[str, str]) -> Iterator[Entity]:
    names = list(software)
    for name in names:
        yield {
            "@id": f"#{name}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": software[name],
            **(
                {"softwareRequirements": [{"@id": f"#{package}"} for package in names if package != name]}
                if name == "coralrun"
                else {}
            ),
        }


def _is_analysis(file: CrateFile) -> bool:
    return _PLAN.sub("", file.path) == "analysis.json"


def _compact(value: object) -> object:
    """A list of one as that one, as the specification asks."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _id(file: CrateFile) -> Entity:
    return {"@id": quote(file.path)}  # an id is a URI: a folder named source=coralnet%3A1 has a percent sign in it


def _file(file: CrateFile) -> Entity:
    place = _PLAN.sub("", file.path)
    suffix = f".{file.path.rpartition('.')[2]}"
    return {
        **_id(file),
        "@type": "File",
        "name": file.path,
        "description": _WHAT.get(place, _WHAT_IN.get(place.partition("/")[0], "")),
        "encodingFormat": _TYPES.get(suffix, "application/octet-stream"),
        **({} if file.size_bytes is None else {"contentSize": str(file.size_bytes)}),
        **({} if file.sha256 is None else {"sha256": file.sha256}),
    }
