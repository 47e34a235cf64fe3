"""What the addresses of a survey or of a plan foretell, against the time that the run takes at the least.

Rule: nobody is asked. What is found is not a part of the plan, which says the same at any hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from coralrun.app.beforehand.planned import Planned, priced
from coralrun.app.survey.inputs import Inputs
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.errors import InvalidInput
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.services import limits_of
from coralrun.sources.outlook import SIGN_ANEW, Addressed, Outlook, foresee, says_something
from coralrun.spec.model import ManifestSource
from coralrun.spec.point_design import PointDesign

_MANIFEST = "manifest:"


def of_inputs(file: SurveyFile, inputs: Inputs, now_s: float) -> Outlook:
    """What the manifests of a survey foretell, as far as that shows before the service is asked.

    Raises InvalidInput where none of its images can be had.
    """
    if not says_something(_in_manifests(inputs)):  # most say nothing, and a list of a million takes its room
        return Outlook()
    plan = _of_manifests(file, inputs)
    images = list(_in_manifests(inputs) if plan is None else _addressed(plan.images))
    others = any(not isinstance(source, ManifestSource) for source in file.survey.sources)
    takes_s = 0.0 if plan is None else priced(plan, limits_of(plan.service, plan.options), None).estimate.least_s or 0.0
    return _not_fatal(foresee(images, now_s, takes_s, all_images=len(images) + others))


def foreseen(planned: Planned, now_s: float) -> Planned:
    """A plan with what its addresses foretell; raises InvalidInput where none of its images can be had."""
    if not says_something(_addressed(planned.plan.images)):
        return planned
    images = list(_addressed(planned.plan.images))
    takes_s = planned.estimate.least_s or 0.0
    outlook = _not_fatal(foresee(images, now_s, takes_s, all_images=len(planned.plan.images)))
    return replace(planned, warnings=outlook.warnings)


def manifest_of(image: PlannedImage) -> str:
    """The path of the manifest that an image is from."""
    return image.source.removeprefix(_MANIFEST)


def _in_manifests(inputs: Inputs) -> Iterator[Addressed]:
    return (
        Addressed(path, image.name, image.url)
        for path, manifest in inputs.manifests.items()
        for image in manifest.images
        if image.url is not None
    )


def _addressed(images: Iterable[PlannedImage]) -> Iterator[Addressed]:
    return (Addressed(manifest_of(image), image.name, image.url) for image in images if image.url is not None)


def _not_fatal(outlook: Outlook) -> Outlook:
    if outlook.fatal:
        raise InvalidInput(list(outlook.fatal), remedy=SIGN_ANEW)
    return outlook


def _of_manifests(file: SurveyFile, inputs: Inputs) -> Plan | None:
    """The plan of what a survey has in manifests; None where there is none yet, for whatever reason."""
    survey = file.survey
    if not isinstance(survey.points, PointDesign) and inputs.points is None:
        return None
    sources = [source for source in survey.sources if isinstance(source, ManifestSource)]
    inventory = [(source, inputs.manifests[source.path].images) for source in sources]
    taken = {directory: run.keys for directory, run in file.runs.items()}
    any_classifier = Classifier(id="any")
    try:
        return compile_plan(
            survey,
            inventory,
            any_classifier,
            file.digest,
            inputs.names,
            inputs.points,
            inputs.table,
            taken,
            allowed=limits_of(survey.service, survey.options),
        )
    except InvalidInput:
        return None
