"""A checked mapping -> a frozen `Survey`, and back again.

Rule: `resolved` writes a survey as a survey, with every default filled in and every shorthand worked out; building that
gives the same survey again. `run_part` of it is what "has the survey changed" compares, so it holds nothing that does
not change what a run does: not the file's name, not the order of keys, not `75s` against `1.25m`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from coralrun import limits
from coralrun.spec import build_design
from coralrun.spec.build_points import as_written, build_points, points_out, present
from coralrun.spec.build_sources import build_source, source_out
from coralrun.spec.model import (
    PRODUCTION,
    ClassifierChoice,
    CoverOptions,
    Design,
    ImageSampling,
    ManifestSource,
    Metadata,
    Pick,
    PointsFile,
    Survey,
)
from coralrun.spec.revisit import Revisit
from coralrun.spec.rules import seconds
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording

_SECTIONS_READ: Final = ("design", "cover", "analysis_files")
_OUTPUTS_RUN: Final = ("directory",)


def build(wording: Wording, survey: Mapping[str, Any]) -> Survey:
    """The survey that a valid mapping stands for; `wording` is kept as given."""
    name = survey["name"]
    outputs = survey.get("outputs", {})
    metadata = build_design.metadata(survey.get("metadata", {}))
    return Survey(
        wording=wording,
        name=name,
        service=survey.get("service", PRODUCTION).rstrip("/").lower(),
        classifier=_classifier(survey["classifier"]),
        sources=tuple(build_source(source, metadata) for source in survey["sources"]),
        images=_image_sampling(survey["sampling"].get("images", {})),
        points=build_points(survey["sampling"]["points"]),
        metadata=metadata,
        design=build_design.design(survey.get("design", {})),
        cover=build_design.cover(survey.get("cover", {})),
        run=_run(survey.get("run", {})),
        outputs=Outputs(
            directory=outputs.get("directory", f"runs/{name}"),
            formats=tuple(outputs.get("formats", ("csv",))),
            thumbnails=outputs.get("thumbnails"),
        ),
    )


def resolved(survey: Survey) -> dict[str, Any]:
    """The survey in canonical form: plain JSON values that are a valid survey themselves, with nothing left to default.

    Paths are relative to the survey's folder.
    """
    return {
        "version": 1,
        "name": survey.name,
        "service": survey.service,
        "classifier": _classifier_out(survey.classifier),
        "sources": [source_out(source) for source in survey.sources],
        "sampling": {
            "images": present(count=survey.images.count, by=survey.images.by, seed=survey.images.seed),
            "points": points_out(survey.points),
        },
        **_sections(survey),
        "run": {
            "batch_size": survey.run.batch_size,
            "concurrency": survey.run.concurrency,
            "patience": f"{as_written(survey.run.patience_s)}s",
            "attempts": survey.run.attempts,
            "web_rate": as_written(survey.run.web_rate),
        },
        "outputs": _outputs_out(survey.outputs),
    }


def _outputs_out(outputs: Outputs) -> dict[str, Any]:
    value: dict[str, Any] = {"directory": outputs.directory, "formats": list(outputs.formats)}
    return value if outputs.thumbnails is None else {**value, "thumbnails": outputs.thumbnails}


def run_part(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a canonical form that says what is run: a run keeps to it, and may be read anew in another way."""
    outputs = {key: value for key, value in canonical["outputs"].items() if key in _OUTPUTS_RUN}
    part = {key: value for key, value in canonical.items() if key not in _SECTIONS_READ}
    return {**part, "outputs": outputs}


def files_read(survey: Survey) -> list[str]:
    """The files that the survey reads besides itself and its bases, each once, relative to the survey's folder."""
    return list(dict.fromkeys([*files_run(survey), *files_of_analysis(survey)]))


def files_of_analysis(survey: Survey) -> list[str]:
    """Those that say how the run is read."""
    return [path for path in (survey.design.areas, survey.cover.groups) if path is not None]


def runs_read(survey: Survey) -> list[str]:
    """The run directories that the survey builds on, each once, relative to where the command is run."""
    runs = [run for source in survey.sources for run in source.filters.not_in]
    same_as = survey.classifier.same_as
    revisited = [survey.points.run] if isinstance(survey.points, Revisit) else []
    return list(dict.fromkeys([*runs, *([] if same_as is None else [same_as]), *revisited]))


def files_run(survey: Survey) -> list[str]:
    """Those that say what is run."""
    files: list[str] = []
    for source in survey.sources:
        if isinstance(source, ManifestSource):
            files.append(source.path)
        if source.filters.names_from is not None:
            files.append(source.filters.names_from)
    if isinstance(survey.points, PointsFile):
        files.append(survey.points.path)
    if survey.metadata.table is not None:
        files.append(survey.metadata.table)
    return list(dict.fromkeys(files))


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed between two resolved surveys, a line each: `sampling.points.seed: 42 -> 43`."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        f"{key}: {before.get(key, 'not set')} -> {after.get(key, 'not set')}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value that holds no other key, as JSON, by its path; lists count items from 1, as people do."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for number, part in enumerate(value, start=1):
            yield from _leaves(part, f"{path}[{number}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def _classifier(value: Mapping[str, Any]) -> ClassifierChoice:
    if "id" in value:
        return ClassifierChoice(id=int(value["id"]))
    if "same_as" in value:
        return ClassifierChoice(same_as=value["same_as"])
    return ClassifierChoice(source=int(value["source"]), pick=Pick(value.get("pick", Pick.NEWEST)))


def _classifier_out(choice: ClassifierChoice) -> dict[str, Any]:
    if choice.id is not None:
        return {"id": choice.id}
    if choice.same_as is not None:
        return {"same_as": choice.same_as}
    return {"source": choice.source, "pick": choice.pick.value}


def _sections(survey: Survey) -> dict[str, Any]:
    """The sections that a survey may leave out, those that this one has."""
    sections: dict[str, Any] = {}
    if survey.metadata != Metadata():
        sections["metadata"] = build_design.metadata_out(survey.metadata)
    if survey.design != Design():
        sections["design"] = build_design.design_out(survey.design)
    if survey.cover != CoverOptions():
        sections["cover"] = build_design.cover_out(survey.cover)
    return sections


def _image_sampling(value: Mapping[str, Any]) -> ImageSampling:
    count = value.get("count")
    return ImageSampling(
        count=None if count is None else int(count), by=value.get("by"), seed=int(value.get("seed", 0))
    )


def _run(value: Mapping[str, Any]) -> RunOptions:
    default = RunOptions()
    return RunOptions(
        batch_size=int(value.get("batch_size", default.batch_size)),
        concurrency=int(value.get("concurrency", default.concurrency)),
        patience_s=seconds(value["patience"]) if "patience" in value else limits.DEFAULT_PATIENCE_S,
        attempts=int(value.get("attempts", default.attempts)),
        web_rate=float(value.get("web_rate", default.web_rate)),
    )
