"""A survey and an inventory of images in, an immutable plan out.

Rule: compiling decides nothing by chance or by time, so the same survey and inventory give an equal plan; and whatever
the service would refuse later (a point outside its image, too many points) is found here, before anything is sent.
Problems are gathered and raised together, each at the line of the user's file that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from coralrun.errors import InvalidInput, Problem
from coralrun.limits import MAX_PIXELS
from coralrun.plan.check_points import extents_of, points_problems, points_warnings
from coralrun.plan.filters import sample, select
from coralrun.plan.metadata import Inventory, MetadataTable, gather, images_listed
from coralrun.plan.model import Classifier, FoundImage, FunnelStep, Plan, PlannedImage, with_area
from coralrun.plan.points import fits
from coralrun.plan.points_table import PointsTable
from coralrun.spec.model import CoralNetSource, ImageSampling, PointDesign, PointsFile, Source, Survey
from coralrun.spec.template import Template, template_of

MAX_PROBLEMS = 100  # a person mends the first hundred and runs again; a million lines of them help nobody
_SHOWN = 3  # names spelt out in a warning

_Chosen = dict[str, tuple[Source, FoundImage]]  # by key, in the order of the plan


def compile_plan(
    survey: Survey,
    inventory: Inventory,
    classifier: Classifier,
    survey_digest: str,
    names: Mapping[str, tuple[str, ...]],
    file_points: PointsTable | None,
    table: MetadataTable | None = None,
) -> Plan:
    """Compile a plan.

    `names` maps each path of a `names_from` to the names in it, `file_points` is the content of the points file where
    the survey names one, and `table` that of its table of metadata. Raises InvalidInput with every problem found, also
    where no image is left.
    """
    layout = file_points if isinstance(survey.points, PointsFile) else survey.points
    if layout is None or (file_points is not None and layout is not file_points):
        raise ValueError("a points table goes with a survey that names a points file, and only with one")
    gathered = gather(inventory, table, _template(survey))
    inventory = gathered.inventory
    chosen, funnel = _choose(inventory, names)
    found_names = {image.name for _, found in inventory for image in found}
    without_points: tuple[str, ...] = ()
    another_case: tuple[str, ...] = ()
    if file_points is not None:
        layout, another_case = file_points.matched(found_names)
        file_points = layout
        _refuse_shared_names(chosen)
        without_points = tuple(image.name for _, image in chosen.values() if image.name not in file_points)
        chosen = {key: pair for key, pair in chosen.items() if pair[1].name in file_points}
        funnel.append(_step("points", len(without_points), len(chosen)))
    less_known = tuple(images_listed(gathered, (image.name for _, image in chosen.values()), table))
    chosen = _sampled(chosen, survey.images, funnel)
    not_found = _not_found(inventory, names, file_points, found_names)
    if not chosen:
        raise _nothing_left(survey.file, funnel, not_found, found_names)
    _raise(points_problems(survey.file, layout, [image for _, image in chosen.values()]))
    images = tuple(_planned(key, source, image, layout) for key, (source, image) in chosen.items())
    design = layout if isinstance(layout, PointDesign) else None
    return Plan(
        name=survey.name,
        service=survey.service,
        survey_digest=survey_digest,
        classifier=classifier,
        images=images,
        fields=gathered.fields,
        design=design,
        file_points={} if file_points is None else file_points.renamed({image.key: image.name for image in images}),
        extents={} if file_points is None else extents_of(file_points, images),
        funnel=tuple(funnel),
        not_found=not_found,
        without_points=without_points,
        listings=(*gathered.listings, *less_known),
        warnings=(
            *gathered.warnings,
            *points_warnings(file_points, images, another_case),
            *_near_misses(not_found, found_names),
            *_size_warnings(images, design),
            *_sample_warning(survey.images, len(images)),
        ),
        batch_size=survey.run.batch_size,
        concurrency=survey.run.concurrency,
        patience_s=survey.run.patience_s,
        attempts=survey.run.attempts,
        web_rate=survey.run.web_rate,
        directory=survey.outputs.directory,
        formats=survey.outputs.formats,
    )


def _template(survey: Survey) -> Template | None:
    text = survey.metadata.from_names
    return None if text is None else template_of(text)


def _nothing_left(
    file: str, funnel: Iterable[FunnelStep], not_found: Sequence[str], found: Iterable[str]
) -> InvalidInput:
    """No image is left: say where they went, and which names led nowhere, for a list of names is usually why."""
    texts = [f"no image is left to plan: {_told(funnel)}"]
    if not_found:
        shown = ", ".join(f"`{name}`" for name in not_found[:_SHOWN]) + (", ..." if len(not_found) > _SHOWN else "")
        texts.append(f"{len(not_found)} of the names that were given {_be(not_found)} in no source: {shown}")
    texts += _near_misses(not_found, found)
    return InvalidInput(
        [Problem(file, 0, 0, text) for text in texts],
        remedy="Mend the sources and filters of the survey, or the names in the files that it reads.",
    )


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def key_of(source: Source, image: FoundImage) -> str:
    """The key that names an image in a run: its id for CoralNet, where names may change; its name in a manifest."""
    if isinstance(source, CoralNetSource):
        return f"{source.label}/{image.image_id}"
    return image.name


def _choose(inventory: Inventory, names: Mapping[str, tuple[str, ...]]) -> tuple[_Chosen, list[FunnelStep]]:
    """Filter every source's images and give each its key; a key that comes twice is a problem at both places."""
    chosen: _Chosen = {}
    funnel: list[FunnelStep] = []
    problems: list[Problem] = []
    for source, found in inventory:
        listed = source.filters.names_from
        selection = select(source.label, found, source.filters, names[listed] if listed is not None else ())
        funnel.extend(selection.funnel)
        for image in selection.images:
            key = key_of(source, image)
            if key in chosen:
                problems.append(_twice(f"the image `{key}`", chosen[key], (source, image)))
            else:
                chosen[key] = (source, image)
    _raise(problems)
    return chosen, funnel


def _refuse_shared_names(chosen: _Chosen) -> None:
    """A points file tells images apart by name alone, so one name must not stand for two images."""
    first: dict[str, tuple[Source, FoundImage]] = {}
    problems = []
    for source, image in chosen.values():
        if image.name in first:
            what = f"the points file cannot tell two images apart: the name `{image.name}`"
            problems.append(_twice(what, first[image.name], (source, image)))
        first.setdefault(image.name, (source, image))
    _raise(problems)


def _twice(what: str, first: tuple[Source, FoundImage], second: tuple[Source, FoundImage]) -> Problem:
    file, line = _place(*second)
    first_file, first_line = _place(*first)
    earlier = f"{first_file}:{first_line}" if first_line else first_file
    return Problem(file, line, 0, f"{what} is already at {earlier}; filter one of the two out or rename it")


def _place(source: Source, image: FoundImage) -> tuple[str, int]:
    file, _, line = image.place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (source.label, 0)


def _sampled(chosen: _Chosen, sampling: ImageSampling, funnel: list[FunnelStep]) -> _Chosen:
    if sampling.count is None:
        return chosen
    drawn = sample(tuple(chosen), sampling)
    funnel.append(_step("sampling.images", len(chosen) - len(drawn), len(drawn)))
    return {key: pair for key, pair in chosen.items() if key in drawn}


def _step(step: str, removed: int, left: int) -> FunnelStep:
    """A step that looks at the images of all sources together: its source is empty."""
    return FunnelStep(source="", step=step, removed=removed, left=left)


def _told(funnel: Iterable[FunnelStep]) -> str:
    parts = []
    for step in funnel:
        if step.step == "found":
            parts.append(f"{step.source} has {step.left} images")
        elif step.removed:
            parts.append(f"{step.step} removes {step.removed}")
    return ", ".join(parts) or "the survey has no source"


def _raise(problems: Iterable[Problem]) -> None:
    gathered = list(problems)
    if len(gathered) > MAX_PROBLEMS:
        more = Problem(gathered[0].file, 0, 0, f"and {len(gathered) - MAX_PROBLEMS} more problems like these")
        gathered = [*gathered[:MAX_PROBLEMS], more]
    if gathered:
        raise InvalidInput(gathered)


def _planned(key: str, source: Source, image: FoundImage, layout: PointDesign | PointsTable) -> PlannedImage:
    return PlannedImage(
        key=key,
        source=source.label,
        name=image.name,
        points=layout.points_per_image if isinstance(layout, PointDesign) else layout.count(image.name),
        image_id=image.image_id,
        url=image.url,
        size=image.size,
        area=image.area,
        metadata=image.metadata,
    )


def _not_found(
    inventory: Inventory, names: Mapping[str, tuple[str, ...]], table: PointsTable | None, found: set[str]
) -> tuple[str, ...]:
    """What was named and is in no source that the naming file is used for, each name once, in the order named.

    A name that is there but was filtered out is not missing; and two sources may share one list of names.
    """
    users: dict[str, list[Sequence[FoundImage]]] = {}
    for source, images in inventory:
        if source.filters.names_from is not None:
            users.setdefault(source.filters.names_from, []).append(images)
    missing: dict[str, None] = {}
    for path, inventories in users.items():
        there = {image.name for images in inventories for image in images}
        missing.update((name, None) for name in names[path] if name not in there)
    missing.update((name, None) for name in table or () if name not in found)
    return tuple(missing)


def _near_misses(not_found: Sequence[str], found: Iterable[str]) -> Iterator[str]:
    """Names that differ from an image's in case or extension only: the usual slip, and one that a person can mend."""
    if not not_found:
        return
    by_stem: dict[str, str] = {}
    for name in sorted(found):
        by_stem.setdefault(_stem(name), name)
    near = [(name, by_stem[_stem(name)]) for name in not_found if _stem(name) in by_stem]
    for name, other in near[:_SHOWN]:
        yield f"`{name}` is not there, but `{other}` is: names are matched exactly"
    if len(near) > _SHOWN:
        yield f"{len(near) - _SHOWN} more names that are not there resemble an image's in the same way"


def _stem(name: str) -> str:
    stem, dot, extension = name.strip().casefold().rpartition(".")
    return stem if dot and extension.isalnum() and len(extension) <= 4 else name.strip().casefold()


def _size_warnings(images: Sequence[PlannedImage], design: PointDesign | None) -> Iterator[str]:
    """Images whose size is known already and which the service will refuse, or on which the design does not fit."""
    large = [image.name for image in images if image.size and image.size.width * image.size.height > MAX_PIXELS]
    if large:
        yield f"{_counted(large)} more than {MAX_PIXELS:,} pixels and will not be classified"
    if design is None:
        return
    kinds = {(image.size, image.area) for image in images if image.size}
    unfit = {(size, area) for size, area in kinds if not fits(with_area(design, area), size)}
    small = [image.name for image in images if (image.size, image.area) in unfit]
    if small:
        yield f"{_counted(small)} too few pixels in the annotation area for the design and will be skipped"


def _counted(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return f"{len(names)} {'image' if len(names) == 1 else 'images'} ({shown}) {'has' if len(names) == 1 else 'have'}"


def _sample_warning(sampling: ImageSampling, planned: int) -> Iterator[str]:
    if sampling.count is not None and sampling.count > planned:
        yield f"sampling.images.count is {sampling.count}, but only {planned} images are left to sample: all are taken"
