"""Whatever has been seen of jobs, the next look is neither at once nor later than patience allows."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.states import state_of

from coralrun.coralnet.protocol import LIMITS
from coralrun.machine.batches import Batch
from coralrun.machine.lengths import Length
from coralrun.machine.look import next_look
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import Size

PATIENCE_S = 75.0
SIZE = Size(9, 9)
NOW_S = 10_000.0

times_s = st.floats(0.0, 5_000.0)
lengths = st.lists(
    st.tuples(times_s, times_s).map(lambda pair: Length(1, min(pair), max(pair), NOW_S - pair[0])), max_size=15
)


@example([Length(1, 0.0, 0.0, NOW_S)], [(0.0, True)], 0, 0)  # a job that was over in no time
@given(lengths, st.lists(st.tuples(times_s, st.booleans()), max_size=5), st.integers(0, 3), st.integers(0, 999))
def test_the_next_look_is_neither_at_once_nor_beyond_patience(
    known: list[Length], jobs: list[tuple[float, bool]], others: int, sent: int
) -> None:
    setup = Setup(
        entries=(1,) * 50,
        sizes=(SIZE,) * 50,
        batch_size=1,
        concurrency=5,
        attempts=3,
        allowed=LIMITS,
    )
    state = State(setup, state_of(50), Volatile(0.0))
    volatile = state.volatile
    for length in known:
        volatile.experience.learn(length)
    for number, (age_s, whole) in enumerate(jobs, start=1):
        job = str(number)
        state.durable.active[number] = Batch(number=number, units=(number,), job=job)
        volatile.active_jobs.add(job)
        volatile.experience.start(job, 1, NOW_S - age_s, whole=whole)
        volatile.experience.see(job, NOW_S)
    volatile.active_jobs |= {f"another's {number}" for number in range(others)}
    volatile.sent_s.extend(NOW_S - place for place in range(sent, 0, -1))
    volatile.listed_s = NOW_S

    assert LIMITS.look_least_s <= next_look(state, NOW_S).at_s - NOW_S <= PATIENCE_S
