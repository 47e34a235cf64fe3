"""A service that limits neither requests nor pixels, and keeps a job until it is let go of."""

from __future__ import annotations

from coralrun.machine import effects, facts, outcomes
from coralrun.machine.experience import Experience
from coralrun.machine.look import next_look
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.planning.images import Size
from coralrun.service.limits import ServiceLimits

from .by_hand import AT, SIZE, Engine, listed

FREE = ServiceLimits(jobs_at_once=2, entries_per_job=10, job_takes_s=40.0, must_release=True)


def collected(images: int = 4) -> Engine:
    """The first batch, of two images, is collected, and its job not let go of."""
    engine = Engine(images, allowed=FREE)
    engine.does(effects.List(), listed())
    engine.books()
    engine.does(engine.submit(), outcomes.Accepted("moorea"))
    engine.hears(effects.Collect(1, 1, "moorea", (0, 1), (SIZE, SIZE)), outcomes.Collected("0" * 64, 2))
    return engine


def test_looks_follow_from_the_length_of_a_job_alone() -> None:
    engine = collected()
    engine.books()
    engine.does(engine.submit(), outcomes.Accepted("lizard"))
    engine.state.volatile.experience = Experience(engine.state.volatile.experience.watched)
    seen_s = engine.now if engine.state.volatile.listed_s is None else engine.state.volatile.listed_s
    assert next_look(engine.state, engine.now).at_s == seen_s + 0.05 * 40.0


def test_an_image_of_any_size_is_sent() -> None:
    engine = Engine(resolved=False, allowed=FREE)
    engine.hears(effects.Resolve(0), outcomes.Resolved(Size(100_000, 100_000), None))
    assert engine.happened == []


def test_a_job_is_let_go_of_once_its_result_is_stored() -> None:
    engine = collected()
    assert isinstance(engine.happened[-1], facts.Collected)
    assert effects.Release("moorea") in engine.decide().effects
    engine.does(effects.Release("moorea"), outcomes.Done())
    assert not any(isinstance(effect, effects.Release) for effect in engine.decide().effects)


def test_a_job_that_cannot_be_let_go_of_is_left_and_the_run_ends() -> None:
    engine = collected(images=2)
    assert engine.decide().effects == (effects.Release("moorea"),), "before the end"
    engine.does(effects.Release("moorea"), Trouble(TroubleKind.UNREACHABLE))
    engine.books()
    assert engine.happened[-1] == facts.Finished(AT)
