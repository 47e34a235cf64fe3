"""What a changed survey changes: what is the same keeps its unit, and what differs in anything gets a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from msgspec import structs
from tests.unit.plans import PLAN
from tests.unit.states import AT, state_of

from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import Aspect, Difference, KnownPlan, reconcile, without_new_points
from coralrun.machine.runs import to_ranges
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import Extent, PlannedImage, Point, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.planning.unfit import Unfit
from coralrun.spec.point_design import AnnotationArea

SIZE = Size(900, 600)


def image(name: str, **changes: object) -> PlannedImage:
    return structs.replace(
        PlannedImage(key=name, source="manifest:m.csv", name=name, points=2, url=f"https://h.test/{name}"), **changes
    )


def plan_of(*images: PlannedImage | str, **changes: object) -> Plan:
    named = tuple(one if isinstance(one, PlannedImage) else image(one) for one in images)
    return replace(PLAN, images=named, **changes)  # type: ignore[arg-type]


class Run:
    """A run of plans, one after the other; nothing is sent but what a test says."""

    def __init__(self, plan: Plan) -> None:
        self.state: Durable = state_of(len(plan.images))
        self.history = [KnownPlan(plan, PlanUnits(((0, len(plan.images) - 1),)))]

    def tells(self, *happened: facts.Fact) -> Run:
        for fact in happened:
            apply(self.state, fact)
        return self

    def becomes(self, plan: Plan, *retried: Reason) -> Difference:
        """The difference, after which the plan is in force."""
        found = reconcile(self.history, self.state, plan, set(retried).__contains__)
        named = to_ranges(sorted(unit for first, last in found.units for unit in range(first, last + 1)))
        self.tells(facts.Planned(AT, self.state.plan + 1, "0" * 64, found.total, named, found.anew))
        self.history.append(KnownPlan(plan, PlanUnits(found.units)))
        return found

    def sends(self, *units: int, failed: Iterable[int] = (), size: Size = SIZE, done: bool = True) -> Run:
        """These units are sent, and end in one job."""
        number = self.state.next_batch
        final = dict.fromkeys(failed, Reason.HOST_ERROR)
        self.tells(
            facts.Batched.of(number, units),
            facts.Intended.of(AT, number, 1, len(units), "", (), (size,) * len(units)),
            facts.Submitted(AT, number, 1, str(number)),
        )
        if done:
            self.tells(facts.Collected(AT, number, 1, str(number), "0" * 64, len(units) - len(final), final))
        return self


def units_of(difference: Difference) -> list[int]:
    return list(PlanUnits(difference.units).unit_of)


def test_the_same_plan_in_another_order_changes_nothing() -> None:
    found = Run(plan_of("a", "b", "c")).becomes(plan_of("c", "a", "b"))
    assert units_of(found) == [2, 0, 1]
    assert found.changes_nothing
    assert (found.kept, found.total) == (3, 3)


def test_new_images_get_new_units_and_those_that_are_gone_are_withdrawn() -> None:
    found = Run(plan_of("a", "b", "c")).sends(0).becomes(plan_of("d", "a", "c"))
    assert units_of(found) == [3, 0, 2]
    assert (found.added, found.withdrawn, found.kept, found.total) == (("d",), ("b",), 2, 4)
    assert list(found.to_send) == [0, 2]


def test_an_image_that_its_source_calls_otherwise_now_is_the_same_one_and_is_told() -> None:
    source = [structs.replace(image(name), key="coralnet:2/7", image_id=7, url=None) for name in ("a", "b")]
    run = Run(plan_of(source[0]))
    found = run.becomes(plan_of(source[1]))
    assert (found.renamed, found.kept, found.changes_nothing) == ((("a", "b"),), 1, True)


def test_an_image_that_comes_back_has_the_result_that_it_had() -> None:
    run = Run(plan_of("a", "b")).sends(0, 1)
    run.becomes(plan_of("b"))
    found = run.becomes(plan_of("a", "b"))
    assert (units_of(found), found.added, found.back, list(found.to_send)) == ([0, 1], ("a",), 1, [])


def test_an_image_that_comes_back_while_it_is_in_a_job_is_not_sent() -> None:
    run = Run(plan_of("a", "b")).sends(0, 1, done=False)
    run.becomes(plan_of("b"))
    assert list(run.becomes(plan_of("a", "b")).to_send) == []


def test_points_that_are_changed_and_changed_back_are_classified_once_each() -> None:
    other = replace(PLAN.design, seed=7)  # type: ignore[type-var]
    run, changed = Run(plan_of("a")).sends(0), (("a", Aspect.POINTS),)
    found = run.becomes(plan_of("a", design=other))
    assert (found.changed, found.resent) == (changed, changed)
    back = run.becomes(plan_of("a"))
    assert (units_of(back), list(back.to_send), back.changed, back.resent) == ([0], [], changed, ())


def test_what_a_change_sends_once_more_is_what_was_classified_or_is_in_a_job() -> None:
    """Neither what was never sent or failed, nor what cannot be sent any more."""
    run = Run(plan_of("done", "going", "failed", "waiting", "unfit")).sends(0, 2, 4, failed=[2]).sends(1, done=False)
    other = replace(PLAN.design, seed=7)  # type: ignore[type-var]
    unfit = image("unfit", unfit=Unfit.EMPTY)
    found = run.becomes(plan_of("new", "done", "going", "failed", "waiting", unfit, design=other))
    assert (len(found.changed), len(found.to_send)) == (5, 5)
    assert found.resent == (("done", Aspect.POINTS), ("going", Aspect.POINTS))


DESIGNED = plan_of("a")
GIVEN = plan_of("a", design=None, file_points={"a": (Point(1, 2), Point(3, 4))})
SIZED = plan_of(image("a", size=SIZE))


@pytest.mark.parametrize(
    ("before", "after", "aspect"),
    [
        (DESIGNED, replace(DESIGNED, classifier=Classifier(id="2")), Aspect.CLASSIFIER),
        (DESIGNED, plan_of(image("a", url="https://h.test/other")), Aspect.PHOTO),
        (DESIGNED, plan_of(image("a", area=AnnotationArea(x=(10, 90)))), Aspect.POINTS),
        (DESIGNED, replace(GIVEN), Aspect.POINTS),
        (GIVEN, replace(GIVEN, file_points={"a": (Point(1, 2), Point(3, 5))}), Aspect.POINTS),
        (GIVEN, replace(GIVEN, file_points={"a": (Point(3, 4), Point(1, 2))}), Aspect.POINTS),
        (GIVEN, replace(GIVEN, extents={"a": Extent(90, 60, whole_parts=False)}), Aspect.POINTS),
        (SIZED, plan_of(image("a", size=Size(600, 900))), Aspect.SIZE),
    ],
)
def test_what_makes_an_image_another_unit_of_work(before: Plan, after: Plan, aspect: Aspect) -> None:
    found = Run(before).becomes(after)
    assert (units_of(found), found.changed, list(found.to_send)) == ([1], (("a", aspect),), [0])


@pytest.mark.parametrize(
    "after",
    [
        replace(DESIGNED, fields=("site",), images=(image("a", metadata=("x",), inclusion=0.5),)),
        replace(DESIGNED, batch_size=7, concurrency=1, survey_digest="1" * 64),
        plan_of(image("a", url="https://h.test/a?X-Amz-Signature=s&X-Amz-Expires=60")),
        plan_of(image("a", size=SIZE)),
    ],
)
def test_what_changes_no_result_leaves_the_unit_as_it_is(after: Plan) -> None:
    found = Run(DESIGNED).sends(0).becomes(after)
    assert found.changes_nothing
    assert list(found.to_send) == []


def test_a_size_that_is_stated_later_is_compared_with_the_one_that_was_sent() -> None:
    run = Run(plan_of("a", "b")).sends(0, size=SIZE)
    found = run.becomes(plan_of(image("a", size=Size(1, 1)), image("b", size=Size(1, 1))))
    assert units_of(found) == [2, 1]
    assert found.changed == (("a", Aspect.SIZE),)


def test_a_size_that_was_not_needed_when_it_was_sent_is_any() -> None:
    assert Run(GIVEN).sends(0, size=Size(0, 0)).becomes(replace(GIVEN, images=SIZED.images)).changes_nothing


def test_two_images_of_one_plan_are_never_one_unit() -> None:
    twins = [structs.replace(image("a"), key=key) for key in ("x", "y")]
    both = replace(GIVEN, images=tuple(twins), file_points=dict.fromkeys("xy", GIVEN.file_points["a"]))
    found = Run(replace(both, images=tuple(twins[:1]))).sends(0).becomes(both)
    assert (units_of(found), list(found.to_send)) == ([0, 1], [1])


def test_images_that_failed_are_tried_again_where_that_is_asked_for() -> None:
    run = Run(plan_of("a", "b", "c")).sends(0, 1, failed=[1])
    assert run.becomes(plan_of("a", "b", "c"), Reason.NOT_FOUND).changes_nothing
    found = run.becomes(plan_of("a", "b", "c"), Reason.HOST_ERROR)
    assert (found.anew, list(found.to_send), found.kept) == (((1, 1),), [1, 2], 3)


def test_an_image_whose_address_was_signed_anew_is_tried_again() -> None:
    run = Run(plan_of("a", "b")).sends(0, 1, failed=[0])
    signed = image("a", url="https://h.test/a?X-Amz-Signature=s")
    assert run.becomes(plan_of(signed, "b")).anew == ((0, 0),)


def test_an_image_that_returns_at_a_new_address_is_tried_again() -> None:
    run = Run(plan_of("a", "b")).sends(0, 1, failed=[0])
    run.becomes(plan_of("b"))  # a plan between that does not name it
    assert run.becomes(plan_of("a", "b")).anew == ()
    run.becomes(plan_of("b"))
    signed = image("a", url="https://h.test/a?X-Amz-Signature=s")
    assert run.becomes(plan_of(signed, "b")).anew == ((0, 0),)


def test_what_was_found_wrong_with_a_photo_is_looked_at_anew_by_each_plan() -> None:
    def found(unfit: Unfit | None) -> Plan:
        return plan_of(image("a", unfit=unfit, url=None, sha256="a" * 64), "b")

    run = Run(found(Unfit.NAME_TAKEN)).tells(facts.Ended(AT, {0: Reason.NAME_TAKEN}))
    same = run.becomes(found(Unfit.NAME_TAKEN), *Reason)  # it would end as it did
    assert same.changes_nothing
    assert list(same.to_send) == [1]
    other = run.becomes(found(Unfit.ALIKE_NAMES))
    assert (other.anew, list(other.to_send)) == (((0, 0),), [1])
    run.tells(facts.Ended(AT, {0: Reason.ALIKE_NAMES}))
    mended = run.becomes(found(None))
    assert (mended.anew, list(mended.to_send)) == (((0, 0),), [0, 1])


def test_a_photo_that_could_not_be_opened_is_another_once_it_can_be() -> None:
    closed, read = image("a", unfit=Unfit.CLOSED, url=None), image("a", url=None, sha256="a" * 64)
    assert Run(plan_of(closed)).becomes(plan_of(read)).changed == (("a", Aspect.PHOTO),)


def test_more_attempts_are_for_images_that_another_try_can_help() -> None:
    run = Run(plan_of("a", "b", attempts=1)).sends(0, failed=[0]).tells(facts.Ended(AT, {1: Reason.NOT_AN_IMAGE}))
    assert run.becomes(plan_of("a", "b", attempts=2)).anew == ((0, 0),)


def test_an_image_of_a_new_plan_that_ended_before_is_not_sent() -> None:
    run = Run(plan_of("a", "b")).tells(facts.Ended(AT, {0: Reason.NOT_AN_IMAGE}))
    run.becomes(plan_of("b"))
    assert list(run.becomes(plan_of("a", "b")).to_send) == [1]


def test_a_size_that_was_stated_before_has_the_unit_that_it_had() -> None:
    run = Run(SIZED)
    run.becomes(plan_of(image("a", size=Size(600, 900))))
    assert units_of(run.becomes(SIZED)) == [0]


def test_images_with_the_same_points_are_known_again_whatever_the_classifier() -> None:
    before = KnownPlan(plan_of("a", image("b", size=SIZE), image("c", size=SIZE), "d"), PlanUnits(((4, 5), (8, 9))))
    of_another_size, of_other_points = image("c", size=Size(1, 1)), image("d", area=AnnotationArea(x=(10, 90)))
    images = ("new", image("b", size=SIZE), "a", of_another_size, of_other_points)
    now = KnownPlan(plan_of(*images, classifier=Classifier(id="2")), PlanUnits(((10, 14),)))
    assert without_new_points(before, now) == {1: 5, 2: 4}


def test_an_image_with_fewer_points_has_no_new_one() -> None:
    """Simple random points are drawn one after the other. As many with another unit are points of another size."""
    assert PLAN.design is not None
    before = KnownPlan(plan_of("a", "b", image("c", url="https://h.test/c1")), PlanUnits(((4, 6),)))
    images = (image("b", points=1), "a", image("c", points=1))
    now = KnownPlan(plan_of(*images, design=replace(PLAN.design, number_of_points=1)), PlanUnits(((7, 9),)))
    assert without_new_points(before, now) == {0: 5}
    assert without_new_points(before, KnownPlan(plan_of("a", "b"), PlanUnits(((5, 5), (7, 7))))) == {0: 5}
