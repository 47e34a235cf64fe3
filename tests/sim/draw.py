"""What one seed draws: the survey, the service, other clients, and which faults strike how often."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from random import Random

from msgspec import structs

from coralrun.coralnet.account.ledger import WINDOWS
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign

from . import local_knobs
from .clock import HOUR_S
from .faults import FAULTS, Fault, Row, World
from .knobs import CLASSIFIERS, Kind, Knobs, Scenario, Stranger, Windows
from .photos import OF_SOURCES, SPARES, UNFIT, image_of, natures_of, photo_of, spares_of, with_unfit
from .points_file import FULL_HEIGHT, rows_of

KINDS = {0: Kind.REAL, 5: Kind.LOCAL, 8: Kind.REAL, 13: Kind.LOCAL, 3: Kind.SOURCE}
"""Of every sixteen seeds two live with the real codec and limiter, which takes longer, two with workers, and one with a
source that classifies."""


def draw(seed: int) -> Knobs:
    """Everything that follows from one seed."""
    chance = Random(seed)
    kind = KINDS.get(seed % 16, Kind.TOY)
    if kind is Kind.SOURCE:
        return _in_source(seed, chance)
    knobs = _local(seed, chance) if kind is Kind.LOCAL else _coralnet(seed, chance, toy=kind is Kind.TOY)
    return _with_uploads(_with_points_file(knobs))


def _with_uploads(knobs: Knobs) -> Knobs:
    """The same world with photos that are uploaded first in some of those with the toy, drawn by itself as well.

    They are all on one site then, which is there: no photo has a host that cannot be reached, and none is missing there
    but one that somebody took out.
    """
    chance = Random(f"uploads of {knobs.seed}")
    if not knobs.toy or chance.random() >= UPLOADS_SHARE:
        return knobs
    of_uploads = {fault: row for fault, row in FAULTS.items() if row.world is World.UPLOADS}
    faults = {fault: row.rate for fault, row in of_uploads.items() if knobs.faults and chance.random() < row.share}
    unfit = Random(f"unfit of {knobs.seed}")
    images, spares = (tuple([_on_a_laptop(image, unfit) for image in of]) for of in (knobs.plan.images, knobs.spares))
    return replace(
        knobs,
        uploads=True,
        natures=tuple(None if nature in _OF_OTHER_HOSTS else nature for nature in knobs.natures),
        plan=replace(knobs.plan, images=images),
        spares=spares,
        faults={**knobs.faults, **faults},
    )


def _on_a_laptop(image: PlannedImage, chance: Random) -> PlannedImage:
    image = structs.replace(image, source="folder", url=None, sha256=local_knobs.digest_of(photo_of(image), None))
    return with_unfit(image, chance.choice(UNFIT) if chance.random() < UNFIT_SHARE else None)


def _with_points_file(knobs: Knobs) -> Knobs:
    """The same world with a points file in some, drawn by itself, so that the other worlds are what they were.

    Whose annotation area is too small for a design has points from a file nevertheless.
    """
    chance = Random(f"points file of {knobs.seed}")
    if chance.random() >= (FILE_SHARE_CHANGED if knobs.changes_s else FILE_SHARE):
        return knobs
    natures = tuple(None if nature is Reason.AREA_TOO_SMALL else nature for nature in knobs.natures)
    plan = replace(knobs.plan, images=tuple(map(_of_full_height, knobs.plan.images)))
    spares = tuple(map(_of_full_height, knobs.spares))
    rows, is_from_file = rows_of(chance, (*plan.images, *spares)), not knobs.changes_s or chance.random() < 0.7
    sizes = tuple(image.size for image in (*plan.images, *spares))
    return replace(knobs, natures=natures, plan=plan, spares=spares, sizes=sizes, rows=rows, is_from_file=is_from_file)


def _of_full_height(image: PlannedImage) -> PlannedImage:
    size = image.size
    return image if size is None else structs.replace(image, size=Size(size.width, max(size.height, FULL_HEIGHT)))


def _coralnet(seed: int, chance: Random, toy: bool) -> Knobs:
    scenario = _scenario(chance, toy)
    long = scenario in (Scenario.OUTAGE, Scenario.FULL) or chance.random() < 0.02
    calm_after_s = chance.uniform(30, 90) * HOUR_S if long else chance.uniform(0.5, 5) * HOUR_S
    forgets = scenario is Scenario.FORGETFUL
    count = 20 if forgets else chance.choice((1, 2, 3, 4, 6, 8, 12))
    natures = natures_of(chance, count, toy=toy)
    changes_s = _changes(seed, calm_after_s)
    if toy and changes_s and Random(f"signed in {seed}").random() < 0.15:
        natures = (Reason.SIGNATURE_ENDED, *natures[1:])  # a survey may mend it
    patience_s = 600.0 if long else 30.0 if scenario is Scenario.TIGHT else chance.choice((30.0, 75.0, 300.0))
    plan = _plan(chance, natures, toy=toy)
    plan = replace(plan, batch_size=1) if forgets else plan
    slots = chance.choice((1, 1, 2, 2, 3, 5, 9))
    spare_natures, spares = spares_of(seed, plan, toy=toy) if changes_s else ((), ())
    return Knobs(
        seed=seed,
        plan=plan,
        patience_s=patience_s,
        natures=natures + spare_natures,
        sizes=tuple(image.size for image in (*plan.images, *spares)),
        spares=spares,
        changes_s=changes_s,
        slots=slots,
        snapshot_every=chance.choice((1, 2, 5, 20, 1000)),
        url_life_s=chance.choice((None, 60.0, 120.0, 900.0, 3600.0)),
        latency_s=chance.choice((0.1, 1.0, 10.0)),
        entry_s=chance.choice((1.0, 30.0) if forgets else (1.0, 30.0, 120.0, 600.0)),
        request_every_s=chance.choice((0.0, 0.0, 3.6)),
        calm_after_s=calm_after_s,
        silences=_silences(chance, calm_after_s, scenario),
        strangers=_strangers(chance, calm_after_s, slots, plan.batch_size),
        faults=_faults(chance, World.TOY if toy else World.REAL, scenario),
        scenario=scenario,
        windows=_windows(chance, scenario),
        counts_sleep=chance.random() < 0.7,
        kind=Kind.TOY if toy else Kind.REAL,
    )


def _local(seed: int, chance: Random) -> Knobs:
    """A world with workers."""
    local = local_knobs.draw_local(chance, chance.choice((1, 2, 3, 4, 6, 8, 12)))
    natures = local_knobs.draw_natures(chance, local.in_bucket)
    plan, scenario = _plan(chance, natures, toy=False), Scenario.OUTAGE if chance.random() < 0.06 else Scenario.ORDINARY
    points, faults = plan.images[0].points, _faults(chance, World.LOCAL, scenario)
    entry_s = chance.choice((0.5, 5.0, 60.0))
    images = local_knobs.planned(natures, local.in_bucket, points=points)
    calm_after_s = chance.uniform(30, 60) * HOUR_S if scenario is Scenario.OUTAGE else chance.uniform(0.1, 3) * HOUR_S
    changes_s = _changes(seed, calm_after_s)
    knobs = Knobs(
        seed=seed,
        plan=replace(plan, images=images, classifier=Classifier(id=local_knobs.CLASSIFIERS[0])),
        patience_s=max(2.0, entry_s),
        natures=natures,
        slots=local.workers + 1,
        snapshot_every=chance.choice((1, 2, 5, 20, 1000)),
        url_life_s=chance.choice((None, 60.0, 900.0)),
        latency_s=0.05,
        entry_s=entry_s,
        calm_after_s=calm_after_s,
        silences=() if local.is_own else _silences(chance, calm_after_s, scenario),
        faults={fault: rate * _ASKED_MORE_OFTEN.get(fault, 1.0) for fault, rate in faults.items()},
        scenario=scenario,
        counts_sleep=chance.random() < 0.7,
        kind=Kind.LOCAL,
        local=local,
        changes_s=changes_s,
    )
    return _with_local_spares(knobs) if changes_s else knobs


def _in_source(seed: int, chance: Random) -> Knobs:
    """A world whose photos are in a source that classifies them."""
    natures = tuple(chance.choice(OF_SOURCES) for _ in range(chance.choice((1, 2, 3, 4, 6, 8, 12))))
    plan = _plan(chance, natures, toy=False)
    points = min(3, plan.images[0].points)
    images, spares = (
        tuple(structs.replace(image, points=points) for image in some)
        for some in (plan.images, spares_of(seed, plan, toy=False)[1])
    )
    assert plan.design is not None
    design = replace(plan.design, number_of_points=points)
    calm_after_s = chance.uniform(0.5, 5) * HOUR_S
    changes_s = _changes(seed, calm_after_s)
    natures += tuple(Random(f"natures of spares of {seed}").choice(OF_SOURCES) for _ in spares)
    plan = replace(plan, images=images, design=design, points_per_entry=1000, concurrency=IN_SOURCE_LIMITS.jobs_at_once)
    return Knobs(
        seed=seed,
        plan=replace(plan, classifier=Classifier(id=CLASSIFIERS[Kind.SOURCE][0])),
        natures=natures,
        spares=spares if changes_s else (),
        changes_s=changes_s,
        patience_s=chance.choice((30.0, 75.0, 300.0)),
        slots=IN_SOURCE_LIMITS.jobs_at_once,
        snapshot_every=chance.choice((1, 2, 5, 20, 1000)),
        latency_s=chance.choice((0.1, 1.0)),
        entry_s=chance.choice((1.0, 30.0, 120.0, 600.0)),
        calm_after_s=calm_after_s,
        silences=_silences(chance, calm_after_s, Scenario.ORDINARY),
        faults=_faults(chance, World.SOURCE, Scenario.ORDINARY),
        counts_sleep=chance.random() < 0.7,
        kind=Kind.SOURCE,
    )


def _with_local_spares(knobs: Knobs) -> Knobs:
    """The same world with photos that only a changed survey names."""
    assert knobs.local is not None
    chance, first = Random(f"spares of {knobs.seed}"), len(knobs.plan.images)
    in_bucket = tuple(chance.choice(knobs.local.in_bucket) for _ in range(SPARES))
    natures = local_knobs.draw_natures(chance, in_bucket)
    spares = local_knobs.planned(natures, in_bucket, points=knobs.plan.images[0].points, first=first)
    local = replace(knobs.local, in_bucket=knobs.local.in_bucket + in_bucket)
    return replace(knobs, natures=knobs.natures + natures, local=local, spares=spares)


def _scenario(chance: Random, toy: bool) -> Scenario:
    """Toys have no windows of their own."""
    drawn = chance.random()
    if drawn < 0.015:
        return Scenario.OUTAGE
    if drawn < 0.03:
        return Scenario.FULL
    if toy or drawn >= 0.4:
        return Scenario.ORDINARY
    return Scenario.TIGHT if drawn < 0.3 else Scenario.FORGETFUL


def _windows(chance: Random, scenario: Scenario) -> Windows:
    """Each is reached before the other in some worlds."""
    (most, minute_s), (_, hour_s) = WINDOWS
    if scenario is Scenario.FORGETFUL:
        return (chance.choice((10, most)), minute_s), (40, hour_s)
    if scenario is not Scenario.TIGHT:
        return WINDOWS
    return (chance.choice((6, 10, 60)), minute_s), (chance.choice((40, 60, 1000)), hour_s)


_LOWER_PART = AnnotationArea(unit=AreaUnit.PIXELS, x=(0, 10_000), y=(60, 10_000))


def _plan(chance: Random, natures: tuple[Reason | None, ...], toy: bool) -> Plan:
    points = chance.choice((1, 2, 2, 2, 2, 2, 2, 2, 2, 201))
    planned_share = chance.choice((0.0, 0.5, 1.0))
    images = tuple(
        image_of(number, nature, points, planned=toy and chance.random() < planned_share, toy=toy)
        for number, nature in enumerate(natures)
    )
    return Plan(
        name="simulated",
        service="simulated",
        survey_digest="0" * 64,
        classifier=Classifier(id=CLASSIFIERS[Kind.TOY if toy else Kind.REAL][0]),
        images=images,
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=points, annotation_area=_LOWER_PART, seed=7),
        batch_size=chance.choice((1, 1, 2, 3, 4)),
        concurrency=chance.choice((1, 2, 5)),
        attempts=chance.choice((1, 2, 3)),
        points_per_entry=200,
    )


_OF_OTHER_HOSTS = (Reason.HOST_UNREACHABLE, Reason.NOT_FOUND)

UPLOADS_SHARE = 0.12
"""Of the worlds with the toy so many upload photos."""

UNFIT_SHARE = 0.2
"""Of the photos that are to be uploaded so many cannot be taken, as the plan says."""

FILE_SHARE, FILE_SHARE_CHANGED = 0.03, 0.25
"""The share of worlds whose lab has a points file."""

CHANGES_EVERY = 3
"""The survey of every third seed changes."""


def _changes(seed: int, calm_after_s: float) -> tuple[float, ...]:
    """When the survey changes, soon after one another in some worlds, so that jobs are under way; drawn by itself, so
    that the other worlds are what they were."""
    if seed % CHANGES_EVERY != CHANGES_EVERY - 1:
        return ()
    chance = Random(f"changes of {seed}")
    mean_s = chance.choice((60.0, 300.0, 1800.0))
    moments = accumulate(chance.expovariate(1 / mean_s) for _ in range(chance.choice((1, 1, 2, 2, 3, 5))))
    return tuple(min(moment, calm_after_s) for moment in moments)


def _silences(chance: Random, calm_after_s: float, scenario: Scenario) -> tuple[tuple[float, float], ...]:
    """Times in which the service does not answer at all."""
    if scenario is Scenario.OUTAGE:
        return ((chance.uniform(0, 2 * HOUR_S), calm_after_s),)
    if chance.random() < 0.8 or scenario is Scenario.FORGETFUL:
        return ()
    first_s = chance.uniform(0, calm_after_s / 2)
    return ((first_s, first_s + chance.uniform(60, calm_after_s / 2)),)


def _strangers(chance: Random, calm_after_s: float, slots: int, batch_size: int) -> tuple[Stranger, ...]:
    """Other clients: none, a few, or so many that they push finished jobs out of the service's short list."""
    count = chance.choice((0, 0, 2, 10, 30 * min(slots, 3)))
    entry_s = chance.choice((5.0, 60.0))
    until_s = min(calm_after_s, chance.choice((0.5, 3.0)) * HOUR_S)
    return tuple(
        Stranger(chance.uniform(0, until_s), chance.choice((1, batch_size, batch_size, 4)), entry_s)
        for _ in range(count)
    )


_ENDS_A_PROCESS = frozenset(
    {Fault.CRASH, Fault.CRASH_IN_DISK, Fault.CRASH_IN_FLIGHT, Fault.INTERRUPT, Fault.CREDENTIALS, Fault.NO_CLASSIFIER}
    | {Fault.BAD_REQUEST, Fault.DISK_FULL, Fault.READ_ONLY, Fault.WRITE_FAILS, Fault.FSYNC_FAILS}
)
"""What keeps a process from waiting for a day."""


_SLOWS_DOWN = frozenset(
    {Fault.WALL_JUMP, Fault.SUSPEND, Fault.THROTTLED, Fault.CREDENTIALS, Fault.LIMIT_ZERO, Fault.CRASH}
    | {Fault.CRASH_IN_DISK, Fault.DISK_FULL, Fault.READ_ONLY, Fault.WRITE_FAILS, Fault.FSYNC_FAILS}
)
"""What keeps a process from asking much within the hour, or excuses it where it asked too much."""


def _faults(chance: Random, world: World, scenario: Scenario) -> dict[Fault, float]:
    """Each fault that this kind of world has, in its share of the seeds, at about its rate; a few seeds have none."""
    if chance.random() < 0.03:
        return {}
    drawn = [(fault, row, chance.random()) for fault, row in FAULTS.items() if _strikes_in(world, row)]
    faults = {fault: row.rate * chance.choice((0.3, 1.0, 1.0, 2.0)) for fault, row, share in drawn if share < row.share}
    if scenario in (Scenario.OUTAGE, Scenario.FULL):
        faults = {fault: rate for fault, rate in faults.items() if fault not in _ENDS_A_PROCESS}
    if scenario is Scenario.FORGETFUL:
        faults = {fault: rate for fault, rate in faults.items() if fault not in _SLOWS_DOWN}
        faults |= {Fault.CRASH_IN_FLIGHT: 0.03, Fault.RECORD_LOST: 0.7}
    if scenario is Scenario.FULL:
        faults.pop(Fault.LIMIT_CHANGES, None)
        faults[Fault.LIMIT_ZERO] = 0.2
    return faults


_ASKED_MORE_OFTEN = {
    **dict.fromkeys((Fault.CRASH_IN_DISK, Fault.DISK_FULL, Fault.WRITE_FAILS, Fault.FSYNC_FAILS, Fault.READ_ONLY), 0.5),
    **dict.fromkeys((Fault.CRASH, Fault.SECOND_PROCESS, Fault.WALL_JUMP, Fault.INTERRUPT, Fault.SUSPEND), 0.5),
}
"""What strikes at calls to the disk and at events, of which a world with workers has many."""


def _strikes_in(world: World, row: Row) -> bool:
    """Whether a fault can strike in a world of this kind."""
    if world is World.SOURCE and row is FAULTS[Fault.CRASH_IN_FLIGHT]:
        return True
    everywhere = row.world is World.BOTH and (world is not World.LOCAL or row.layer in ("disk", "process", "clock"))
    return everywhere or row.world is world
