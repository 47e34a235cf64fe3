"""A survey and an inventory of images in, an immutable plan out.

Rule: compiling decides nothing by chance or by time, so the same survey and inventory give an equal plan; and whatever
the service would refuse later (a point outside its image, too many points) is found here, before anything is sent.
Problems are gathered and raised together, each at the line of the user's file that it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.check_points import extents_of, points_problems, repeated, units_warnings
from coralrun.planning.choice import choose, describe_funnel, draw, raise_all
from coralrun.planning.date_warnings import date_warnings
from coralrun.planning.exif import with_exif
from coralrun.planning.image_checks import ids_not_found, nearly_the_same, same_content, same_url
from coralrun.planning.images import FoundImage, PlannedImage
from coralrun.planning.lacking import images_listed, unread_warnings
from coralrun.planning.metadata import Gathered, Inventory, MetadataTable, gather
from coralrun.planning.model import Classifier, FunnelStep, Listing, Plan, with_area
from coralrun.planning.points import fits
from coralrun.planning.points_table import PointsTable
from coralrun.planning.revisit import MATCH_KEY, SIZE_REMEDY, EarlierPhotos
from coralrun.planning.supplied import SuppliedPoints, supply
from coralrun.planning.value_warnings import value_warnings
from coralrun.planning.values import SAME_KEY
from coralrun.planning.where import check_fields
from coralrun.service.limits import ServiceLimits
from coralrun.spec.image_search import Search, changing
from coralrun.spec.model import CoralNetSource, ImageSampling, Source, Survey
from coralrun.spec.point_design import PointDesign
from coralrun.spec.revisit import Revisit
from coralrun.spec.templates import templates_in

_SHOWN = 3  # names spelt out in a warning
_NONE = SuppliedPoints(PointsTable("", {}), ())


def compile_plan(
    survey: Survey,
    inventory: Inventory,
    classifier: Classifier,
    survey_digest: str,
    names: Mapping[str, tuple[str, ...]],
    supplied: PointsTable | EarlierPhotos | None,
    table: MetadataTable | None = None,
    taken: Mapping[str, Collection[str]] | None = None,
    *,
    allowed: ServiceLimits,
) -> Plan:
    """Compile a plan for a service that takes what is `allowed`.

    `names` maps each file of a filter to what it lists, `supplied` are the points of a survey that has no
    design for them, by the image's name or by the earlier photo, `table` is the content of its table of metadata, and
    `taken` maps each run of a `not_in` to the keys in it. Raises InvalidInput with every problem found, also where no
    image is left.
    """
    design = _design(survey, supplied)
    gathered = _gather(survey, inventory, table)
    choice = choose(gathered.inventory, names, taken or {})
    found_names = dict.fromkeys(image.name for image in gathered.images)
    matched = _NONE if supplied is None else supply(survey, choice, supplied, found_names, gathered.fields)
    layout = design or matched.points
    kept = [image for _, image in choice.images.values()]
    choice.listings += images_listed(gathered, kept, table, templates_in(survey.metadata))
    inclusion = draw(choice, survey.images)
    chosen = choice.images
    choice.listings += _alike([image for _, image in chosen.values()])
    choice.listings += repeated(matched.points, chosen) if supplied is not None else ()
    missing = tuple(dict.fromkeys((*chain(*choice.not_found.values()), *matched.not_found)))
    if not chosen:
        unread = unread_warnings(gathered, gathered.images, templates_in(survey.metadata))
        why = (*choice.warnings, *matched.near_misses, *gathered.near_misses, *unread)
        raise nothing_left(survey.wording.file, gathered.inventory, choice.funnel, missing, choice.listings, why)
    remedy = SIZE_REMEDY if isinstance(survey.points, Revisit) else None
    raise_all(points_problems(survey.wording.file, layout, chosen, allowed.points_per_image), remedy)
    own = {source.label: source.points for source in survey.sources if source.points is not None}
    images = tuple(
        _planned(key, source, image, own.get(source.label, layout), inclusion.get(key, 1.0))
        for key, (source, image) in chosen.items()
    )
    extents = {} if supplied is None else extents_of(matched.points, images)
    return Plan(
        name=survey.name,
        service=survey.service,
        survey_digest=survey_digest,
        classifier=classifier,
        images=images,
        fields=gathered.fields,
        design=design,
        own_designs=own,
        file_points=matched.points.renamed({key: key for key in chosen if key in matched.points}),
        extents=extents,
        revisits=survey.points.run if isinstance(survey.points, Revisit) else "",
        funnel=tuple(choice.funnel),
        not_found=missing,
        without_points=matched.without,
        listings=(*ids_not_found(gathered.inventory), *gathered.listings, *choice.listings),
        warnings=(
            *_metadata_warnings(survey, gathered, kept),
            *choice.warnings,
            *matched.warnings,
            *matched.near_misses,
            *units_warnings(extents.values()),
            *_size_warnings(images, design, own, allowed.pixels),
            *_sample_warning(survey.images, len(images)),
        ),
        batch_size=survey.run.batch_size,
        concurrency=allowed.jobs_at_once if allowed.takes_all else survey.run.concurrency,
        options=survey.options,
        attempts=survey.run.attempts,
        points_per_entry=allowed.points_per_entry,
        directory=survey.outputs.directory,
        formats=survey.outputs.formats,
    )


def _alike(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """The images that may be one photo twice."""
    yield from (*nearly_the_same(images), *same_url(images), *same_content(images))


def _gather(survey: Survey, inventory: Inventory, table: MetadataTable | None) -> Gathered:
    """What is known of each image found; raises InvalidInput where the survey names a field that nobody knows."""
    gathered = gather(inventory, table, templates_in(survey.metadata), survey.metadata)
    gathered = with_exif(gathered, survey.metadata) if survey.metadata.exif else gathered
    _check_named_fields(survey, gathered)
    return gathered


def _check_named_fields(survey: Survey, gathered: Gathered) -> None:
    """Raise InvalidInput where a survey names a field that nobody knows."""
    match = survey.points.match if isinstance(survey.points, Revisit) else ()
    named = {MATCH_KEY: match, SAME_KEY: tuple(survey.metadata.same)}
    check_fields(survey.wording, survey.sources, survey.images, gathered.fields, named)


def _metadata_warnings(survey: Survey, gathered: Gathered, kept: Sequence[FoundImage]) -> Iterator[str]:
    """What is to be said of what is known of the images, and of the searches that found them."""
    yield from gathered.warnings
    yield from unread_warnings(gathered, kept, templates_in(survey.metadata))
    yield from value_warnings(survey, gathered, kept)
    yield from date_warnings(gathered.fields, kept)
    yield from _search_warnings(survey.sources)
    yield from gathered.near_misses


def _design(survey: Survey, supplied: PointsTable | EarlierPhotos | None) -> PointDesign | None:
    design = survey.points if isinstance(survey.points, PointDesign) else None
    if (design is None) is (supplied is None):
        raise ValueError("points are supplied for a survey whose points no design lays, and only for one")
    return design


def nothing_left(
    file: str,
    inventory: Inventory,
    funnel: Iterable[FunnelStep],
    missing: Sequence[str],
    listings: Iterable[Listing],
    warnings: Iterable[str],
) -> InvalidInput:
    """No image is left: say where they went, and which names led nowhere, for a list of names is usually why."""
    steps = list(funnel)
    texts = [f"no image is left to plan: {describe_funnel(steps)}"]
    if any(step.step == "not_trained_on" and step.removed and not step.left for step in steps):
        texts.append(
            "each photo that was left trained the classifier that `not_trained_on` names: name the one before there, "
            "or take it out; cover is corrected after a further draw of `coralrun review`, with another --seed"
        )
    for source, found in inventory:
        if isinstance(source, CoralNetSource) and source.search != Search() and not found:
            changes = "".join(f" {line}; a run that is there keeps its images" for line in changing(source.search))
            texts.append(f"the `search` of {source.label} finds no image: is it too narrow?{changes}")
    if missing:
        texts.append(f"{len(missing)} of the names that were given {_be(missing)} in no source: {_some(missing)}")
    texts += warnings
    texts += [f"{listing.what}: {len(listing.names)} ({_some(listing.names)})" for listing in listings]
    return InvalidInput(
        [Problem(file, 0, 0, text) for text in texts],
        remedy="Mend the sources and filters of the survey, or the names in the files that it reads.",
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _planned(
    key: str, source: Source, image: FoundImage, layout: PointDesign | PointsTable, inclusion: float
) -> PlannedImage:
    return PlannedImage(
        key=key,
        source=source.label,
        name=image.name,
        points=layout.points_per_image if isinstance(layout, PointDesign) else layout.count(key),
        image_id=image.image_id,
        url=image.url,
        etag=image.etag,
        sha256=image.sha256,
        size=image.size,
        area=image.area,
        metadata=image.metadata,
        inclusion=inclusion,
        unfit=image.unfit,
    )


def _search_warnings(sources: Iterable[Source]) -> Iterator[str]:
    """A search that finds others later; one that leaves out the very images that are finished, and so their cover."""
    for source in sources:
        if not isinstance(source, CoralNetSource):
            continue
        yield from (f"{source.label}: {line}" for line in changing(source.search))
        if source.search.annotation_status == "unconfirmed":
            yield (
                f"{source.label}: `annotation_status: unconfirmed` leaves out the images whose annotation is finished, "
                "and so their cover"
            )


def _size_warnings(
    images: Sequence[PlannedImage], design: PointDesign | None, own: Mapping[str, PointDesign], pixels: int | None
) -> Iterator[str]:
    """Images whose size is known already and which the service will refuse, or on which the design does not fit."""
    most = pixels or math.inf
    large = [image.name for image in images if image.size and image.size.width * image.size.height > most]
    if large:
        yield f"{_counted(large)} more than {most:,} pixels and will not be classified"
    if design is None:
        return
    kinds = {(image.source, image.size, image.area) for image in images if image.size}
    unfit = {kind for kind in kinds if not fits(with_area(own.get(kind[0], design), kind[2]), kind[1])}
    small = [image.name for image in images if (image.source, image.size, image.area) in unfit]
    if small:
        yield f"{_counted(small)} too few pixels in the annotation area for the design and will be skipped"


def _counted(names: Sequence[str]) -> str:
    what, have = ("image", "has") if len(names) == 1 else ("images", "have")
    return f"{len(names)} {what} ({_some(names)}) {have}"


def _sample_warning(sampling: ImageSampling, planned: int) -> Iterator[str]:
    if sampling.count is not None and sampling.by is None and sampling.count > planned:
        left = "1 image is" if planned == 1 else f"{planned} images are"
        yield f"sampling.images.count is {sampling.count}, but only {left} left to sample: all are taken"
