"""Which photos of a run are in a source of its service: those that it took from there, and those that it uploaded.

Rule: a photo goes by its number, which the run knows: a name alone may be another photo's.
"""

from __future__ import annotations

from typing import Final

from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.stored_photos import numbered
from coralrun.spec.model import CoralNetSource

_CORALNET: Final = "coralnet:"


def photos_in(opened: OpenRun, source: int) -> dict[int, int]:
    """The images of the run that are known to be photos of a source: each image's number, with the photo's."""
    label = CoralNetSource(source=source).label
    known: dict[int, int] = {}
    for number, image in enumerate(opened.plan.images):
        is_there = image.source == label or (image.upload is not None and image.upload.to == str(source))
        image_id = numbered(image, opened.state.stored).image_id
        if is_there and image_id is not None:
            known[number] = image_id
    return known


def sources_of(opened: OpenRun) -> list[int]:
    """The numbers of the sources that photos of the run are in, or are to be uploaded to, in the order of the plan."""
    found: dict[int, None] = {}
    for image in opened.plan.images:
        if image.upload is not None:
            found[int(image.upload.to)] = None
        elif image.source.startswith(_CORALNET):
            found[int(image.source.removeprefix(_CORALNET))] = None
    return list(found)
