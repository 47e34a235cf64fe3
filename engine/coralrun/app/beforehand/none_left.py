"""Whether filters and a file of points leave any image at all, as far as files on this computer tell without a network.

Rule: only what is sure is a problem. A source at a service or in a bucket has whatever it has, and metadata (`where`)
may be anything. Names are looked at first; photos are read where there are no more of them than trained a classifier.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import structs

from coralrun.app.survey.inputs import Inputs
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.clock import SystemClock
from coralrun.files.training_photos import training_photos_of
from coralrun.planning.choice import Choice, choose
from coralrun.planning.compile import nothing_left
from coralrun.planning.images import FoundImage
from coralrun.planning.lacking import unread_warnings
from coralrun.planning.metadata import Inventory, gather
from coralrun.planning.supplied import by_name
from coralrun.sources.folder import folder_refused, list_folder, names_in
from coralrun.sources.folder_cache import FolderCache
from coralrun.spec.model import FolderSource, ManifestSource
from coralrun.spec.templates import templates_in


def check_some_left(file: SurveyFile, inputs: Inputs) -> tuple[str, ...]:
    """Raise InvalidInput where the filters or points of a survey are sure to leave none of its images; what is to be
    said where none that is left follows a template of names."""
    sources = list(_on_this_computer(file))
    if file.absent or len(sources) < len(file.survey.sources):
        return ()
    chosen, inventory = _chosen(file, inputs, [(source, _by_name(file, inputs, source)) for source in sources])
    if chosen.images and _may_all_be_learnt(inputs, chosen):
        chosen, inventory = _chosen(file, inputs, [(source, _read(file, inputs, source)) for source in sources])
    missing, why = [name for names in chosen.not_found.values() for name in names], chosen.warnings
    if chosen.images and inputs.points is not None:
        matched = by_name(chosen, inputs.points, dict.fromkeys(image.name for _, found in inventory for image in found))
        missing, why = [*missing, *matched.not_found], [*why, *matched.near_misses]
    if not chosen.images:
        raise nothing_left(file.survey.wording.file, inventory, chosen.funnel, missing, chosen.listings, why)
    templates = templates_in(file.survey.metadata)
    left = [(source, [image]) for source, image in chosen.images.values()]
    gathered = gather(left, inputs.table, templates, file.survey.metadata)
    is_any_read = any(image.name not in gathered.unread for image in gathered.images)
    return () if is_any_read else tuple(unread_warnings(gathered, gathered.images, templates))


_Local = FolderSource | ManifestSource


def _on_this_computer(file: SurveyFile) -> Iterator[_Local]:
    """The sources whose images can be listed here, without their conditions on metadata."""
    for source in file.survey.sources:
        if isinstance(source, _Local):
            yield structs.replace(source, filters=structs.replace(source.filters, where={}))


def _chosen(file: SurveyFile, inputs: Inputs, inventory: Inventory) -> tuple[Choice, Inventory]:
    return choose(inventory, inputs.names, {directory: run.keys for directory, run in file.runs.items()}), inventory


def _by_name(file: SurveyFile, inputs: Inputs, source: _Local) -> tuple[FoundImage, ...]:
    """The images of a source, photos by their names alone."""
    if not isinstance(source, FolderSource):
        return _read(file, inputs, source)
    folder = file.folders[source.label]
    try:
        return tuple(FoundImage(name=name) for name in names_in(folder))
    except OSError as error:
        raise folder_refused(folder, error) from error


def _read(file: SurveyFile, inputs: Inputs, source: _Local) -> tuple[FoundImage, ...]:
    """The same with what is in the photos."""
    if isinstance(source, ManifestSource):
        return inputs.manifests[source.path].images
    place, now_s = file.folders[source.label], SystemClock().wall_s
    today = date.fromtimestamp(now_s())
    return list_folder(source, place, FolderCache(place, now_s), today, lambda done, of: None).images


def _may_all_be_learnt(inputs: Inputs, chosen: Choice) -> bool:
    """Whether the images left may all have trained the classifiers that their sources name."""
    folders = {source.filters.not_trained_on for source, _ in chosen.images.values()}
    learnt = {sha256 for one in folders if one is not None for sha256 in inputs.names[training_photos_of(one)]}
    return None not in folders and len(chosen.images) <= len(learnt)
