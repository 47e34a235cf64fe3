"""A result is credited on its marks, their order and their points alone, and is on disk before it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from msgspec import structs
from tests.answers import scored

from coralrun.machine import effects, outcomes
from coralrun.machine.outcomes import TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.perform import Performer
from coralrun.planning.images import Extent, PlannedImage, Point, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.planning.points import points_of
from coralrun.planning.unfit import Unfit
from coralrun.ports import Answer, AnsweredEntry, Entry, Located
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign
from coralrun.values.classified import StoredEntry

SIZE = Size(100, 80)
LOWER = AnnotationArea(unit=AreaUnit.PIXELS, x=(0, 1000), y=(50, 1000))
DESIGN = PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=201, annotation_area=LOWER)


def planned(number: int, url: str | None) -> PlannedImage:
    return PlannedImage(key=f"i{number}", source="manifest:m.csv", name=f"i{number}", points=201, url=url, size=SIZE)


PLAN = Plan(
    name="n",
    service="s",
    survey_digest="0" * 64,
    classifier=Classifier(id="1"),
    images=(planned(0, "http://a/0"), planned(1, None), planned(2, None)),
    design=DESIGN,
    batch_size=2,
    concurrency=1,
    attempts=3,
    points_per_entry=200,
)
SUBMIT = effects.Submit(7, 2, (0, 1), (SIZE, SIZE))
COLLECT = effects.Collect(7, 2, "55", (0, 1), (SIZE, SIZE))
IDENTIFY = effects.Identify(7, 2, "55")


@dataclass
class World:
    """A service, images, blobs and a clock that do as they are told and remember what they were asked."""

    answer: Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble = field(default_factory=outcomes.NotReady)
    located: Located | outcomes.Unusable | outcomes.Trouble = field(default_factory=lambda: Located("http://a/1", SIZE))
    reply: outcomes.Accepted | outcomes.Refused | outcomes.Unknown = field(
        default_factory=lambda: outcomes.Accepted("55")
    )
    now: float = 0.0
    page_takes_s: float = 0.0
    sent: list[tuple[Entry, ...]] = field(default_factory=list)
    stored: dict[tuple[int, int], tuple[tuple[StoredEntry, ...], bytes]] = field(default_factory=dict)

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown:
        self.sent.append(tuple(entries))
        return self.reply

    def listing(self, since: str | None = None, done_before: Sequence[str] = ()) -> outcomes.Listed | outcomes.Trouble:
        return outcomes.Listed(("1",), (), 5)

    def look(self, job: str) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing | outcomes.Trouble:
        return outcomes.Progress(int(job), 0, 99)

    def fetch(self, job: str) -> Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        return self.answer

    def release(self, job: str) -> outcomes.Done:
        """Nothing is kept."""
        return outcomes.Done()

    def locate(self, image: PlannedImage) -> Located | outcomes.Unusable | outcomes.Trouble:
        self.now += self.page_takes_s
        return self.located

    def write(self, batch: int, attempt: int, entries: Sequence[StoredEntry], reply: bytes) -> str:
        self.stored[batch, attempt] = tuple(entries), reply
        return "digest"

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> str:
        return "2026-06-01T12:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def performer(world: World, plan: Plan = PLAN) -> Performer:
    return Performer(plan, PlanUnits(((0, len(plan.images) - 1),)), "k3v9", world, world, world, world)


def asked() -> list[AnsweredEntry]:
    entries: list[AnsweredEntry] = []
    for image in ("i0", "i1"):
        points = points_of(DESIGN, image, SIZE)
        for chunk in (points[:200], points[200:]):
            entries.append(AnsweredEntry(f"k3v9.7.2.{len(entries)}", scored(chunk), None))
    return entries


def collected(entries: Sequence[AnsweredEntry]) -> tuple[outcomes.Outcome, World]:
    world = World(answer=Answer(tuple(entries), b"reply"))
    return performer(world).perform(COLLECT), world


def test_a_batch_is_sent_with_its_marks_urls_and_points_in_order() -> None:
    world = World()
    worker = performer(world)
    assert worker.perform(effects.Resolve(1)) == outcomes.Resolved(SIZE, None)
    assert worker.perform(SUBMIT) == outcomes.Accepted("55")
    (entries,) = world.sent
    assert [entry.mark for entry in entries] == [f"k3v9.7.2.{number}" for number in range(4)]
    assert [entry.place for entry in entries] == ["http://a/0", "http://a/0", "http://a/1", "http://a/1"]
    assert [len(entry.points) for entry in entries] == [200, 1, 200, 1]
    assert entries[2].points + entries[3].points == points_of(DESIGN, "i1", SIZE)


def test_a_unit_that_was_withdrawn_is_asked_for_as_the_plan_that_introduced_it_says() -> None:
    world = World(answer=Answer(tuple(asked()), b"reply"))
    now = replace(PLAN, images=PLAN.images[1:], design=replace(DESIGN, seed=DESIGN.seed + 1))
    worker = Performer(now, PlanUnits(((2, 2),)), "k3v9", world, world, world, world)
    worker.withdrawn = {0: (PLAN, PLAN.images[0]), 1: (PLAN, PLAN.images[1])}
    assert isinstance(worker.perform(COLLECT), outcomes.Collected)


def test_an_image_that_is_found_unfit_while_it_is_under_way_is_asked_for_no_more() -> None:
    world = World(page_takes_s=60.0)
    unfit = structs.replace(PLAN.images[1], unfit=Unfit.CLOSED)
    worker = performer(world, replace(PLAN, images=(PLAN.images[0], unfit)))
    assert worker.perform(effects.Resolve(1)) == outcomes.Unusable(Reason.CLOSED)
    assert world.now == 0.0


def test_a_batch_with_an_image_that_was_not_resolved_is_not_sent() -> None:
    world = World()
    assert performer(world).perform(SUBMIT) == outcomes.NotSent((1,))
    assert world.sent == []


def test_a_url_with_less_than_a_quarter_of_its_life_is_not_sent() -> None:
    world = World(located=Located("http://a/1", SIZE, life_s=100.0))
    worker = performer(world)
    worker.perform(effects.Resolve(1))
    world.now = 75.1
    assert worker.perform(SUBMIT) == outcomes.NotSent((1,))
    world.now = 75.0
    assert worker.perform(SUBMIT) == outcomes.Accepted("55")


def test_a_url_grows_old_while_its_page_is_on_the_way() -> None:
    world = World(located=Located("http://a/1", SIZE, life_s=100.0), page_takes_s=60.0)
    worker = performer(world)
    assert worker.perform(effects.Resolve(1)) == outcomes.Resolved(SIZE, 40.0)
    world.now = 75.1
    assert worker.perform(SUBMIT) == outcomes.NotSent((1,))


def test_a_url_that_was_accepted_once_is_not_used_again() -> None:
    world = World()
    worker = performer(world)
    worker.perform(effects.Resolve(1))
    assert worker.perform(SUBMIT) == outcomes.Accepted("55")
    assert worker.perform(SUBMIT) == outcomes.NotSent((1,))


def test_a_result_that_fits_is_stored_with_its_reply_and_credited() -> None:
    outcome, world = collected(asked())
    assert outcome == outcomes.Collected("digest", 2)
    kept, reply = world.stored[7, 2]
    assert [(entry.unit, entry.mark, entry.points) for entry in kept] == [
        (unit, entry.mark, entry.points) for unit, entry in zip((0, 0, 1, 1), asked(), strict=True)
    ]
    assert reply == b"reply"


@pytest.mark.parametrize(
    ("reasons", "final", "again"),
    [
        ({0: Reason.NOT_FOUND}, {0: Reason.NOT_FOUND}, {}),
        ({3: Reason.HOST_ERROR}, {}, {1: Reason.HOST_ERROR}),
        ({2: Reason.HOST_ERROR, 3: Reason.NOT_AN_IMAGE}, {1: Reason.NOT_AN_IMAGE}, {}),
        ({2: Reason.NOT_AN_IMAGE, 3: Reason.HOST_ERROR}, {1: Reason.NOT_AN_IMAGE}, {}),
        ({0: Reason.NOT_FOUND, 2: Reason.URL_EXPIRED}, {0: Reason.NOT_FOUND}, {1: Reason.URL_EXPIRED}),
    ],
)
def test_an_image_fails_with_its_worst_part_and_the_others_stand(
    reasons: dict[int, Reason], final: dict[int, Reason], again: dict[int, Reason]
) -> None:
    entries = asked()
    for place, reason in reasons.items():
        entries[place] = replace(entries[place], points=(), reason=reason)
    outcome, _ = collected(entries)
    assert outcome == outcomes.Collected("digest", 2 - len(final) - len(again), final, again)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("Signature=S&Expires=1780315200", Reason.SIGNATURE_ENDED),
        ("Signature=S&Expires=1780315201", Reason.HOST_REFUSED),
        ("sig=S&se=2026-06-01T12:00Z", Reason.SIGNATURE_ENDED),
        ("X-Amz-Signature=S", Reason.HOST_REFUSED),
    ],
)
def test_a_signed_address_of_the_plan_that_is_refused_is_not_tried_again(query: str, reason: Reason) -> None:
    plan = replace(PLAN, images=(planned(0, f"http://a/0?{query}"), *PLAN.images[1:]))
    entries = asked()
    entries[0] = replace(entries[0], points=(), reason=Reason.URL_EXPIRED)
    worker = performer(World(answer=Answer(tuple(entries), b"reply")), plan)
    assert worker.perform(COLLECT) == outcomes.Collected("digest", 1, final={0: reason})


def test_what_was_refused_at_an_address_of_before_is_tried_at_that_of_the_plan() -> None:
    plan = replace(PLAN, images=tuple(planned(n, f"http://a/{n}?X-Amz-Signature=new") for n in (0, 1)))
    entries = asked()
    entries[0] = replace(entries[0], points=(), reason=Reason.URL_EXPIRED)
    worker = performer(World(answer=Answer(tuple(entries), b"reply")), plan)
    worker.moved.add(0)
    assert worker.perform(COLLECT) == outcomes.Collected("digest", 1, again={0: Reason.URL_EXPIRED})
    worker.perform(SUBMIT)
    assert worker.moved == set(), "from now on it is at the address that the plan has"


def test_a_result_that_does_not_fit_is_neither_credited_nor_stored() -> None:
    whole = asked()
    moved = replace(whole[0], points=(*scored([Point(79, 99)]), *whole[0].points[1:]))
    for entries in (
        [],
        whole[:-1],
        [*whole, whole[-1]],
        whole[::-1],
        [whole[1], whole[0], *whole[2:]],
        [replace(whole[0], mark=""), *whole[1:]],
        [replace(whole[0], mark="k3v9.7.1.0"), *whole[1:]],
        [replace(whole[0], points=whole[0].points[:-1]), *whole[1:]],
        [replace(whole[0], points=whole[0].points[::-1]), *whole[1:]],
        [moved, *whole[1:]],
    ):
        outcome, world = collected(entries)
        assert isinstance(outcome, outcomes.Mismatch)
        assert world.stored == {}


def test_a_failed_entry_must_stand_in_its_place_too() -> None:
    whole = [replace(entry, points=(), reason=Reason.HOST_ERROR) for entry in asked()]
    outcome, _ = collected([whole[2], whole[3], whole[0], whole[1]])
    assert isinstance(outcome, outcomes.Mismatch)


def test_a_job_is_recognised_by_any_of_its_marks_whatever_else_is_wrong_with_it() -> None:
    whole = asked()
    for entries in (whole, whole[::-1], whole[:1], [replace(whole[0], mark=""), whole[1]]):
        world = World(answer=Answer(tuple(entries), b""))
        assert performer(world).perform(IDENTIFY) == outcomes.Recognised(ours=True)


@pytest.mark.parametrize("mark", ["", "other.7.2.0", "k3v9.7.1.0", "k3v9.7.20.0", "k3v9.77.2.0", "xk3v9.7.2.0"])
def test_a_job_with_other_marks_is_anothers(mark: str) -> None:
    world = World(answer=Answer((AnsweredEntry(mark, (), None),), b""))
    assert performer(world).perform(IDENTIFY) == outcomes.Recognised(ours=False)


def test_a_job_without_entries_cannot_be_recognised() -> None:
    world = World(answer=Answer((), b""))
    assert isinstance(performer(world).perform(IDENTIFY), outcomes.Mismatch)


@pytest.mark.parametrize(
    "told", [outcomes.NotReady(), outcomes.Missing(), outcomes.Trouble(TroubleKind.UNREACHABLE, "away")]
)
def test_what_the_service_says_instead_of_a_result_is_passed_on(
    told: outcomes.NotReady | outcomes.Missing | outcomes.Trouble,
) -> None:
    worker = performer(World(answer=told))
    assert worker.perform(COLLECT) == told
    assert worker.perform(IDENTIFY) == told


def test_an_image_with_an_area_of_its_own_has_its_points_there() -> None:
    one_pixel = AnnotationArea(unit=AreaUnit.PIXELS, x=(3, 3), y=(4, 4))
    design = replace(DESIGN, number_of_points=2)
    plan = replace(PLAN, design=design, images=(structs.replace(PLAN.images[0], area=one_pixel, points=2),))
    world = World()
    performer(world, plan).perform(effects.Submit(7, 2, (0,), (SIZE,)))
    assert [entry.points for entry in world.sent[0]] == [(Point(4, 3), Point(4, 3))]


def test_an_image_on_which_the_design_does_not_fit_is_unusable() -> None:
    world = World(located=Located("http://a/1", Size(100, 50)))
    assert performer(world).perform(effects.Resolve(1)) == outcomes.Unusable(Reason.AREA_TOO_SMALL, Size(100, 50))


def test_points_from_a_file_must_lie_on_the_image_that_is_there_now() -> None:
    plan = replace(PLAN, design=None, file_points={"i1": (Point(79, 99),), "i2": (Point(0, 0),)})
    world = World(located=Located("http://a/1", Size(100, 79)))
    worker = performer(world, plan)
    assert worker.perform(effects.Resolve(1)) == outcomes.Unusable(Reason.POINT_OUTSIDE, Size(100, 79))
    assert worker.perform(effects.Resolve(2)) == outcomes.Resolved(Size(100, 79), None)


def test_points_of_an_earlier_photo_are_not_sent_with_an_image_of_another_size() -> None:
    extents = {"i1": Extent(100, 79, True, exact=True), "i2": Extent(200, 158, True, exact=True)}
    plan = replace(PLAN, design=None, file_points=dict.fromkeys(extents, (Point(0, 0),)), extents=extents)
    worker = performer(World(located=Located("http://a/1", Size(100, 79))), plan)
    assert worker.perform(effects.Resolve(1)) == outcomes.Resolved(Size(100, 79), None)
    assert worker.perform(effects.Resolve(2)) == outcomes.Unusable(Reason.ANOTHER_SIZE, Size(100, 79))


def test_an_image_that_cannot_be_found_is_told_as_it_is() -> None:
    worker = performer(World(located=outcomes.Unusable(Reason.DENIED)))
    assert worker.perform(effects.Resolve(1)) == outcomes.Unusable(Reason.DENIED)


def test_questions_are_passed_on() -> None:
    worker = performer(World())
    assert worker.perform(effects.List()) == outcomes.Listed(("1",), (), 5)
    assert worker.perform(effects.Look("3")) == outcomes.Progress(3, 0, 99)
    assert worker.perform(effects.Finish()) == outcomes.Done()
