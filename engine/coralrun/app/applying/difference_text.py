"""How a plan differs from the one in force, as lines for people: before it is carried out, and for whoever reads of it
afterwards. Pure, but for the survey that is kept with a run.

Rule: what is paid for twice, and what leaves the tables, is told with its cause: what changed in the survey, and how
much of each source was found and left out then and now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import starmap

from coralrun.app.beforehand.planned import Planned, priced
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.summary import named_lines
from coralrun.app.survey.kept_survey import kept_survey
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.machine.reconcile import Aspect, Difference
from coralrun.machine.runs import count as count_units
from coralrun.planning.model import FOUND, Plan
from coralrun.spec.compare import difference as survey_difference
from coralrun.spec.image_search import changing
from coralrun.spec.model import CoralNetSource
from coralrun.values.phrases import count, duration, of_which

SHOWN_NAMES = 5
_ASPECTS = {
    Aspect.CLASSIFIER: "another classifier",
    Aspect.PHOTO: "another photo under the same name",
    Aspect.POINTS: "other points",
    Aspect.SIZE: "another size",
}


def survey_lines(opened: OpenRun, file: SurveyFile | None) -> list[str]:
    """What changed in the survey of a run, by its keys: what is run, and how that is read."""
    kept = kept_survey(opened.folder, opened.plan.survey_digest)
    if file is None or not kept:
        return []
    changes = survey_difference(kept, file.resolved, file.survey.wording)
    return [f"  survey      {change}" for change in changes]


def told_afterwards(
    difference: Difference, opened: OpenRun, plan: Plan, file: SurveyFile | None, *, unseen: bool
) -> tuple[list[str], list[str]]:
    """What is told of a change that is carried out, to somebody who was not asked where it is `unseen`; and what
    changed, for whoever still has to be told of an earlier change."""
    changed = list(_changed_lines(difference, opened, plan, file))
    if unseen:
        return list(unseen_lines(difference, opened, plan, file)), changed
    return list(withdrawn_lines(difference, opened.plan, plan, file)), changed


def unseen_lines(difference: Difference, opened: OpenRun, plan: Plan, file: SurveyFile | None) -> Iterator[str]:
    """What is paid for twice, what leaves the tables, and why, for somebody who reads of it afterwards and was not
    asked."""
    for aspect, what in _ASPECTS.items():
        yield from named_lines(
            f"sent anew, with {what}", tuple(name for name, its in difference.resent if its is aspect)
        )
    yield from named_lines("called otherwise in the tables now", tuple(starmap(_renamed, difference.renamed)))
    yield from withdrawn_lines(difference, opened.plan, plan, file)
    if difference.resent or difference.withdrawn:
        yield from _changed_lines(difference, opened, plan, file)


def _changed_lines(difference: Difference, opened: OpenRun, plan: Plan, file: SurveyFile | None) -> Iterator[str]:
    yield from survey_lines(opened, file)
    then, now, new = (len(some) for some in (opened.plan.images, plan.images, difference.added))
    yield f"  images      {then:,} -> {now:,}, {new:,} of them new"


def withdrawn_lines(difference: Difference, before: Plan, now: Plan, file: SurveyFile | None) -> Iterator[str]:
    """The images that leave the tables, for somebody who reads of it afterwards."""
    yield from named_lines("not in the tables any more, though what they came to is kept", difference.withdrawn)
    yield from _why_withdrawn(difference, before, now, file)


def _why_withdrawn(difference: Difference, before: Plan, now: Plan, file: SurveyFile | None) -> Iterator[str]:
    """What was found and left out before and is now, and how the search of a survey may have lost images that are still
    there."""
    if not difference.withdrawn:
        return
    then, since = _selected(before), _selected(now)
    for what in dict.fromkeys((*then, *since)):
        if then[what] != since[what]:
            yield f"    {what} {then[what]:,}, now {since[what]:,}"
    if file is None:
        return
    for source in file.survey.sources:
        if isinstance(source, CoralNetSource):
            for line in changing(source.search):
                yield f"  warning: {source.label}: images that its search finds no more leave the tables. {line}"


def _selected(plan: Plan) -> Counter[str]:
    """How many images were found in each source of a plan, and left out by each step, by what that is called."""
    selected = Counter[str]()
    for step in plan.funnel:
        of_source = f"{step.source}: " if step.source else ""
        is_found = step.step == FOUND
        selected[f"{of_source}{FOUND if is_found else f'{step.step} left out'}"] += (
            step.left if is_found else step.removed
        )
    return selected


def difference_lines(
    difference: Difference, before: Plan, planned: Planned, file: SurveyFile | None, *, all_names: bool
) -> Iterator[str]:
    """How a plan differs from the one in force: what is new, changed, withdrawn and kept, and what that costs."""
    most = None if all_names else SHOWN_NAMES
    yield f"  + {count(len(difference.added), 'image')} new{_back(difference.back)}"
    yield from _names(difference.added, most)
    yield f"  ~ {count(len(difference.changed), 'image')} changed"
    yield from _names([f"{name}: {_ASPECTS[aspect]}" for name, aspect in difference.changed], most)
    yield f"  - {count(len(difference.withdrawn), 'image')} no longer named"
    yield from _names(difference.withdrawn, most)
    yield from _why_withdrawn(difference, before, planned.plan, file)
    if difference.renamed:
        yield f"  > {count(len(difference.renamed), 'image')} renamed"
        yield from _names([_renamed(*names) for names in difference.renamed], most)
    yield f"  = {count(difference.kept, 'image')} as before"
    if difference.anew:
        yield f"  {count(count_units(difference.anew), 'image')} that failed to be tried again"
    yield to_send_line(sending(difference, planned))


def _renamed(before: str, now: str) -> str:
    return f"{before} -> {now}"


def _back(back: int) -> str:
    return f", of which {of_which(back, 'was', 'were')} in the run before" if back else ""


def _names(names: tuple[str, ...] | list[str], most: int | None) -> Iterator[str]:
    for name in names[:most]:
        yield f"      {name}"
    if most is not None and len(names) > most:
        yield f"      and {len(names) - most:,} more (--names shows all)"


def sending(difference: Difference, planned: Planned) -> Planned:
    """Of a plan that follows in a run, those images that are still to be sent, and what that costs."""
    plan = planned.plan
    if len(difference.to_send) == len(plan.images):
        return planned
    images = [plan.images[number] for number in difference.to_send]
    return priced(replace(plan, images=images), planned.allowed, planned.jobs, planned.queue, planned.uploads)


def to_send_line(going: Planned) -> str:
    """How many images are to be sent, and how long that takes."""
    cost, images = going.estimate, len(going.plan.images)
    said = [count(images, "image") if images else "nothing"]
    if images and going.plan.classifies:
        said[0] += f" in {count(cost.batches, 'job')}"
    if images and cost.uploads:
        said.append(f"{duration(max(cost.upload_s, 1.0))} of uploads")
    if images and going.plan.classifies and cost.classify_s is not None:
        how = "at least" if going.allowed.speed is None else "some"
        said.append(f"{'then ' * bool(cost.uploads)}{how} {duration(cost.classify_s)}")
    return f"  to send     {', '.join(said)}"
