"""A world in one thread: the real engine against a toy service, a toy disk and a clock that jumps.

What is real: `decide`, `interpret`, `apply`, the driver, the performer, the run directory with its plan, its journal,
its snapshots, its results and its lock; in every eighth world also the codec, the HTTP sessions, the pages, the limiter
with its shared record, and the log. What is a toy: the disk below the operating system's calls (`disk`), the workers
and the clock (`world`, `flight`, `clock`), and the service with its images (`service`, `toy`) and the source that
photos are uploaded to (`source`), or the embedded CoralNet behind a network that breaks (`server`, `real`), or the
pages of a source that classifies (`source_site`), which the real service of that is before (`in_source`). One seed
draws everything (`knobs`): the survey, the limits, the latencies and so the order of completions, the faults, other
clients of the same account.

The fault model stands in `faults`, what must have been reached in `marks`. A world has a first phase in which faults
strike and a second one in which they have stopped and the run must finish within a bounded time. The invariants are
checked at every decision, every fact, every restart and at the end: `witness` for the run, `manners` and `rate` for
what is asked of the service, `planted` for secrets, `harm` for damaged files, `twin` for what must come out as if
nothing went wrong. `sabotage` takes the engine's rules away one by one (`breakages`), to see that each is missed.

A process that dies leaves the world behind: a submission that was on its way still arrives, within the settle wait.
That bound is the one assumption under which the engine promises that no batch is submitted twice.
"""
