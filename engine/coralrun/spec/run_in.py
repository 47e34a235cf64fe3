"""What a survey must be whose photos are classified by their own source.

Rule: as in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from coralrun.spec.findings import RANK_RULE, Finding
from coralrun.spec.image_search import ANY

_CHANGED_BY_A_RUN: Final = ("annotation_status", "last_annotated", "last_annotator")


def photos_of_one_source(survey: Mapping[str, Any]) -> Iterator[Finding]:
    """A source classifies its own photos, and no others; and what a run changes says nothing of which are meant."""
    classifier, sources = survey.get("classifier"), survey.get("sources")
    named = classifier.get("run_in") if isinstance(classifier, Mapping) else None
    if named is None and "label_patience" in (survey.get("run") or {}):
        message = "`label_patience` goes with `classifier: {run_in: ...}` alone: how long a source may label nothing"
        yield Finding(("run", "label_patience"), message, at_key=True, rank=RANK_RULE)
    if named is None or not isinstance(sources, list):
        return
    for index, source in enumerate(sources):
        if source is None:
            continue
        if named not in (source.get("coralnet"), (source.get("upload_to") or {}).get("coralnet")):
            message = (
                f"source {named} classifies photos that are in it, so with `run_in: {named}` each item is "
                f"`coralnet: {named}`, or a folder with `upload_to: {{coralnet: {named}, exif: keep}}`"
            )
            yield Finding(("sources", index), message, rank=RANK_RULE)
        for key in _CHANGED_BY_A_RUN:
            if source.get("search", {}).get(key, ANY) != ANY:
                message = (
                    f"`{key}` does not go with `run_in`: the run changes it, so that the survey means others then; "
                    "name the photos, `filters: {names_from: photos.txt}`, or take all: those that people labelled "
                    "stay as they are, and fail"
                )
                yield Finding(("sources", index, "search", key), message, at_key=True, rank=RANK_RULE)
