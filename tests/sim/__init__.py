"""A world in one thread: the real engine against a toy service, a toy disk and a clock that jumps.

What is real: `decide`, `learn`, `apply`, the driver, the performer, the run's journal, its snapshots and its results.
What is a toy: the service and the images (`service`), the disk (`disk`), the workers, the clock and the budget
(`world`). One seed draws everything (`knobs`): the survey, the limits, the latencies and so the order of completions,
the faults, other clients of the same account.

The fault model stands in `knobs.Fault`. A world has a first phase in which faults strike and a second one in which
they have stopped and the run must finish within a bounded time. `witness` holds the invariants and checks them at
every decision, every fact, every restart and at the end.

A process that dies leaves the world behind: a submission that was on its way still arrives, within the settle wait.
That bound is the one assumption under which the engine promises that no batch is submitted twice.
"""
