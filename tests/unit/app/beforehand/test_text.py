"""Plans say what matters, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from coralrun.app.beforehand.planned import Planned, priced
from coralrun.app.beforehand.text import plan_lines, size
from coralrun.coralnet.protocol import LIMITS
from coralrun.machine.outcomes import Listed
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import NO_CLASSIFIER, Analysis, Classifier, FunnelStep, Plan
from coralrun.planning.upload_cost import NO_UPLOADS, UploadCost
from coralrun.review.reach import GOOD_UNITS
from coralrun.service.queue import Queue, Span
from coralrun.services import limits_of
from coralrun.spec.model import Design
from coralrun.spec.point_design import Method, PointDesign
from coralrun.values.phrases import duration

PLAN = Plan(
    name="reef",
    service="https://coralnet.ucsd.edu",
    survey_digest="0" * 64,
    classifier=Classifier(id="41004", source=3420, accuracy=82, date="Nov. 22, 2026"),
    images=tuple(
        PlannedImage(key=f"coralnet:1/{n}", source="coralnet:1", name=f"{n}.jpg", points=200, image_id=n)
        for n in range(671)
    ),
    design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=200),
    funnel=(
        FunnelStep(source="coralnet:1", step="found", removed=0, left=700),
        FunnelStep(source="coralnet:1", step="exclude", removed=29, left=671),
    ),
    not_found=tuple(f"missing{n}.jpg" for n in range(7)),
    batch_size=100,
    concurrency=5,
    attempts=3,
    points_per_entry=200,
)


def test_a_plan_says_what_would_happen_before_anything_does() -> None:
    lines = list(plan_lines(priced(PLAN, LIMITS, Listed(("1", "2"), (), 5))))

    assert lines == [
        "Plan for reef, at https://coralnet.ucsd.edu",
        "  images      671",
        "    coralnet:1: found: 700",
        "    coralnet:1: exclude: removes 29, leaves 671",
        "  points      134,200 (200 an image)",
        "  classifier  41004, accuracy 82 % on its source's own test, trained Nov. 22, 2026, of source 3420",
        "  batches     7 of at most 100 images; 29 API requests",
        "  pages       671 image pages, at most 4 a second",
        "  jobs        3 of 5 places are free now; this run uses at most 5",
        "  time        at least 8 min 00 s (2 rounds of up to 5 jobs, 4 min 00 s each)",
        "  disk        69 MB",
        "  named but not found: 7 (missing0.jpg, missing1.jpg, missing2.jpg, missing3.jpg, missing4.jpg and 2 more)",
    ]


def test_a_plan_of_which_nothing_is_left_to_send_has_no_cost() -> None:
    of_nothing = priced(replace(PLAN, images=()), LIMITS, None).estimate
    lines = list(plan_lines(replace(priced(PLAN, LIMITS, Listed((), (), 5)), estimate=of_nothing)))
    assert lines[1] == "  images      671"
    heads = {line[2:12].strip() for line in lines}
    assert not heads & {"batches", "pages", "jobs", "time", "queue", "disk"}
    assert {"points", "classifier"} <= heads


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (
            Design(unit="site"),
            [
                "  units       3 by site, with their images (Heron North: 2, Reef 2: 1, Reef 10: 1)",
                "              3 units alone: limits are wide with fewer than 5, however little these differ",
            ],
        ),
        (
            Design(unit="line", levels=("site", "line")),
            [
                "  units       1 by site / line, with their images (Reef 2 / T1: 1)",
                "              1 unit alone: no limits of cover, which need at least 2, and are wide with fewer than 5",
            ],
        ),
        (Design(unit="image"), []),
        (Design(), []),
    ],
    ids=["sites", "lines of a site", "images", "no design"],
)
def test_a_plan_names_the_units_that_were_read(design: Design, said: list[str]) -> None:
    known = [("Heron North", ""), ("Reef 10", ""), ("Reef 2", "T1"), ("Heron North", ""), ("", "T1")]
    images = tuple(structs.replace(image, metadata=at) for image, at in zip(PLAN.images, known, strict=False))
    plan = replace(PLAN, images=images, fields=("site", "line"), analysis=Analysis(design=design))
    lines = plan_lines(priced(plan, LIMITS, None))
    assert [line for line in lines if line.startswith("  units ") or "limits" in line] == said


@pytest.mark.parametrize(
    ("units", "in_all", "said"),
    [
        ({"": GOOD_UNITS}, None, ""),
        ({"": 2}, None, "2 units alone: limits are wide with fewer than 5, however little these differ"),
        ({"": 2}, 2, ""),
        ({"deep": 2, "flat": 3}, {"deep": 9}, ""),
        ({"deep": 1, "flat": 6}, {"deep": 1, "flat": 6}, ""),
        (
            {"deep": 1, "flat": 6, "lagoon": 1},
            None,
            "1 unit alone in `deep` and `lagoon`: no limits of cover, which need at least 2 in each stratum, and are "
            "wide with fewer than 5",
        ),
    ],
)
def test_a_plan_says_where_units_are_too_few_for_limits(
    units: dict[str, int], in_all: int | dict[str, int] | None, said: str
) -> None:
    there = [(stratum, f"{stratum}{unit}") for stratum, n in units.items() for unit in range(n)]
    images = tuple(structs.replace(PLAN.images[0], key=unit, metadata=(at, unit)) for at, unit in there)
    design = Design(unit="site", strata_field=None if "" in units else "depth", units_in_all=in_all)
    plan = replace(PLAN, images=images, fields=("depth", "site"), analysis=Analysis(design=design))
    lines = [line.strip() for line in plan_lines(priced(plan, LIMITS, None)) if "limits" in line]
    assert lines == ([said] if said else [])


def time_lines(
    plan: Plan, jobs: Listed | None = None, queue: Queue | None = None, uploads: UploadCost = NO_UPLOADS
) -> list[str]:
    return [
        line
        for line in plan_lines(priced(plan, limits_of(plan.service, plan.options), jobs, queue, uploads))
        if line.startswith(("  time ", "  queue "))
    ]


def sized(count: int, points: int = 200) -> tuple[PlannedImage, ...]:
    image = PlannedImage(key="k", source="s", name="n", points=points, url="u", size=Size(9, 9))
    return (image,) * count


def test_the_least_time_says_what_sets_it() -> None:
    few = replace(PLAN, images=sized(1), concurrency=1)
    assert time_lines(few) == ["  time        at least 4 min 00 s (1 round of up to 1 job, 4 min 00 s each)"]
    assert time_lines(replace(few, service="emulator")) == [
        "  time        at least 2 s (1 round of up to 1 job, 2 s each)"
    ]
    slow = replace(PLAN, options={"run.web_rate": 0.25})
    assert time_lines(slow) == ["  time        at least 44 min 44 s (image pages, at most 0.25 a second)"]
    wide = replace(PLAN, images=sized(2_000), batch_size=1, concurrency=1000)
    assert time_lines(wide, Listed((), (), 1000)) == [
        "  time        at least 3 h 16 min (requests, at most 60 a minute, 1000 an hour)"
    ]
    assert time_lines(PLAN, Listed((), (), 0)) == ["  time        unknown: the service takes no job now"]


def test_the_queue_of_the_service_is_told_with_what_it_comes_to() -> None:
    queue = Queue(Span(0.0, 180.0), Span(60.0, 840.0), 12_345)
    assert time_lines(PLAN, queue=queue) == [
        "  time        at least 8 min 00 s (2 rounds of up to 5 jobs, 4 min 00 s each)",
        "  queue       most images took 1 to 14 min lately; 12,345 images and other jobs are to do now. At that pace "
        "30 min 00 s",
    ]
    assert time_lines(PLAN, queue=replace(queue, incomplete=None))[1] == (
        "  queue       most images took 1 to 14 min lately. At that pace 30 min 00 s"
    )
    assert len(time_lines(PLAN, queue=replace(queue, total=None))) == 1
    assert len(time_lines(PLAN, Listed((), (), 0), queue)) == 1


def test_the_time_has_the_uploads_which_go_before_all_else() -> None:
    uploads, queue = UploadCost(300, 4_800_000_000, 4800.0), Queue(Span(0.0, 180.0), Span(60.0, 840.0), None)
    assert time_lines(PLAN, None, queue, uploads) == [
        "  time        about 1 h 28 min: 1 h 20 min of uploads, then at least 8 min 00 s (2 rounds of up to 5 jobs, "
        "4 min 00 s each)",
        "  queue       most images took 1 to 14 min lately. At that pace 1 h 50 min with the uploads",
    ]
    assert time_lines(PLAN, Listed((), (), 0), None, uploads) == [
        "  time        1 h 20 min of uploads, then unknown: the service takes no job now"
    ]
    alone = replace(PLAN, classifier=Classifier(id=NO_CLASSIFIER))
    assert time_lines(alone, uploads=uploads) == ["  time        about 1 h 20 min of uploads"]
    assert time_lines(alone) == []


def test_images_of_more_points_than_an_entry_holds_say_how_many_fill_a_job() -> None:
    images = sized(3) + sized(600, 201) + sized(1, 400) + sized(1, 1000)
    assert [
        line for line in plan_lines(priced(replace(PLAN, images=images), LIMITS, None)) if line.startswith("  entries")
    ] == [
        "  entries     an image of 201 to 400 points costs 2 entries (601 images): a job holds 50 such, not 100",
        "  entries     an image of 801 to 1000 points costs 5 entries (1 image): a job holds 20 such, not 100",
    ]


def test_a_plan_without_an_account_says_that_slots_were_not_asked_for() -> None:
    planned: Planned = priced(PLAN, LIMITS, None)

    assert "  jobs        not asked: no account was given" in list(plan_lines(planned))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (7260, "2 h 01 min"),
        (200000, "2 days 7 h"),
    ],
)
def test_lengths_of_time_show_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (52_300_000, "52 MB"), (3.2e12, "3.2 TB")],
)
def test_sizes_are_read_at_a_glance(n_bytes: float, text: str) -> None:
    assert size(n_bytes) == text
