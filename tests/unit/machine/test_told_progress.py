"""What jobs have done that are not over, where the service tells it: for people, and for no decision."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs
from tests.unit.machine.by_hand import Engine, listed, submitted

from coralrun.machine import effects, outcomes
from coralrun.machine.outcomes import Progress
from coralrun.machine.state import State


def at_work() -> Engine:
    """A run of 80 images, 40 of them in job 7."""
    return submitted(images=80, batch_size=40)


def hears(engine: Engine, *, finished: tuple[str, ...] = (), **progress: Progress) -> None:
    """The run asks for the jobs, and is told of some how far they are."""
    of = {job.removeprefix("job"): far for job, far in progress.items()}
    active = tuple(job for job in ("7",) if job not in finished)
    engine.hears(effects.List(), structs.replace(listed(active, finished), progress=of))


def test_what_a_job_has_done_counts_until_it_is_over_and_then_as_what_it_gave() -> None:
    engine, counted = at_work(), list[int]()
    for done in (0, 12, 39):
        hears(engine, job7=Progress(done, 0, 40))
        counted.append(engine.state.images_done_in_jobs())
    hears(engine, finished=("7",))
    counted.append(engine.state.images_done_in_jobs())
    (collect,) = (effect for effect in engine.decide().effects if isinstance(effect, effects.Collect))
    engine.does(collect, outcomes.Collected("0" * 64, 40))
    counted.append(engine.state.images_done_in_jobs())
    assert counted == [0, 12, 39, 40, 0]
    assert engine.state.durable.units_over == 40


def test_entries_are_counted_as_images_and_never_as_more_than_there_are() -> None:
    engine = at_work()
    for entries, images in ((Progress(59, 1, 120), 20), (Progress(3, 0, 0), 40), (Progress(200, 0, 120), 40)):
        hears(engine, job7=entries)
        assert engine.state.images_done_in_jobs() == images


def test_of_images_that_the_survey_names_no_longer_none_is_counted() -> None:
    engine = at_work()
    engine.state.durable.name_units(((0, 9), (40, 79)), 80)
    hears(engine, job7=Progress(20, 0, 40))
    assert engine.state.images_done_in_jobs() == 5


def test_a_wait_for_labels_counts_the_images_that_have_none_yet() -> None:
    engine = submitted(images=40, batch_size=40)
    setup = engine.state.setup
    allowed = replace(setup.allowed, takes_all=True)
    engine.state = State(replace(setup, allowed=allowed), engine.state.durable, engine.state.volatile)
    hears(engine, job7=Progress(20, 17, 40))
    (why,) = engine.waits()
    assert why.startswith("the labels of 3 images that the source has been sent: ")
