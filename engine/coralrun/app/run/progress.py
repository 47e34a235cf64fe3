"""What a run that goes on tells, in lines: at most one a state change.

Rule: one more when the service, or the images' site, is away and one when it is back, and one now and then while
nothing changes: a log that falls silent is not to be told from a process that hangs. The state is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from coralrun import limits
from coralrun.app.run.headway import Milestones, every, images_done, is_uploading
from coralrun.machine import effects, facts
from coralrun.machine.batches import Phase
from coralrun.machine.decide import Decision
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.notes import Channel
from coralrun.machine.reasons import TEXTS, Reason
from coralrun.machine.state import State
from coralrun.values.phrases import count, duration, roughly

_DOING = {
    effects.Submit: "sending a batch",
    effects.List: "asking for the jobs",
    effects.Look: "asking about a job",
    effects.Identify: "examining a job that may be a lost batch",
    effects.Collect: "fetching a result",
    effects.Resolve: "asking where images are",
    effects.AskNames: "asking which names are taken",
    effects.IntendUpload: "uploading a photo",
    effects.Upload: "uploading a photo",
    effects.CompareUpload: "comparing a stored photo with ours",
}
_DOING_WITHOUT_JOBS = {**_DOING, effects.List: "asking which photos have labels", effects.Collect: "fetching labels"}

_REFUSED = {
    RefusedWhy.NO_SLOT: "waits: the account has no free job",
    RefusedWhy.THROTTLED: "waits: the service takes no more requests for now",
    RefusedWhy.STOPPED: "was not taken by the service",
    RefusedWhy.NOT_SENT: "waits: the addresses of its images are asked for anew",
    RefusedWhy.NEVER_ARRIVED: "did not arrive, and is sent again",
}


def fact_line(state: State, fact: facts.Fact) -> str | None:
    """A fact in words, or None for one that nobody need read."""
    done = f"{state.durable.units_over:,} of {count(state.durable.wanted, 'image')} done"
    match fact:
        case facts.Submitted() if state.setup.allowed.takes_all:
            return f"batch {fact.batch} is under way: {count(len(state.durable.active[fact.batch].units), 'image')}"
        case facts.Submitted():
            how = " (found again: its reply had been lost)" if fact.adopted else ""
            return f"batch {fact.batch} is job {fact.job}{how}"
        case facts.Collected():
            again = f", {len(fact.again)} again" if fact.again else ""
            failed = f", {len(fact.final)} failed" if fact.final else ""
            return f"batch {fact.batch} is done: {count(fact.ok, 'image')}{failed}{again}; {done}"
        case facts.Refused(why=RefusedWhy.BAD_ENTRY):
            return f"batch {fact.batch} goes without {count(len(fact.drop), 'image')} that the service refuses"
        case facts.Refused():
            return f"batch {fact.batch} {_REFUSED[fact.why]}"
        case facts.Doubted():
            return f"batch {fact.batch} is sent again: it cannot be known whether it arrived"
        case facts.GaveUp():
            again = count(len(fact.again), "image")
            failed = f", {len(fact.final)} failed" if fact.final else ""
            return f"job {fact.job} of batch {fact.batch}: {TEXTS[fact.why]}; {again} again{failed}"
        case facts.Ended() if set(fact.final.values()) == {Reason.NOT_ASKED}:
            return None
        case facts.Ended() if state.setup.unfit.keys() >= fact.final.keys():
            return f"{count(len(fact.final), 'image')} cannot be taken, as the plan said; {done}"
        case facts.Ended():
            why = ", ".join(sorted({TEXTS[reason] for reason in fact.final.values()}))
            return f"{count(len(fact.final), 'image')} cannot be submitted: {why}"
        case facts.Limited() if not state.setup.allowed.takes_all:
            return f"the service takes {count(fact.max_active, 'job')} at a time"
        case facts.UploadGone():
            return f"{fact.image} is not in the source any more: somebody took it out"
        case facts.Uploaded() | facts.AlreadyThere():
            return _upload_line(state, fact)
        case facts.Paused():
            return f"paused: {fact.why}"
        case _:
            return None


def _upload_line(state: State, fact: facts.Uploaded | facts.AlreadyThere) -> str | None:
    """Some of the photos that are uploaded, and each that was found again."""
    stored, of = state.uploads_there(), len(state.setup.uploads)
    to, _, name = fact.image.partition("/")
    if isinstance(fact, facts.Uploaded) and fact.unclaimed:
        return f"{name} arrived after the run had given it up: it is in source {to}, and not counted"
    if isinstance(fact, facts.Uploaded) and fact.adopted:
        return f"{name} is uploaded to source {to} (found again: its reply had been lost); {stored:,} of {of:,} there"
    is_told = stored % every(of) == 0 or stored == of
    return f"photos that are there: {stored:,} of {of:,}" if is_told else None


_AWAY = {
    "the service": {
        Channel.API: "cannot be reached",
        Channel.SUBMIT: "takes no batches",
        Channel.RESULTS: "gives no results",
        Channel.THROTTLE: "takes no requests",
    },
    "the images' site": {Channel.IMAGES: "cannot be reached"},
    "the source": {Channel.UPLOADS: "takes no photos"},
}
"""Who may be away, and what that means by the channel that fails."""

_MEANWHILE = f"it is asked again, every {limits.BACKOFF_MOST_S / 60:.0f} min at the longest, for a day; nothing is lost"
SILENT_S = 600.0
"""After so long without a line a log is told how the run stands."""

AWAY_FAILURES = 2
"""One request that fails is no outage: the next one follows within seconds."""


def longest_away(state: State, now: float) -> tuple[str, float]:
    """Who has been away longest, and what that means, and for how long (s); "" where nobody is."""
    outages = state.volatile.outages
    found = [
        (f"{who} {meaning}", now - outages[channel].since_s)
        for who, meanings in _AWAY.items()
        for channel, meaning in meanings.items()
        if channel in outages and outages[channel].failures >= AWAY_FAILURES
    ]
    return max(found, key=lambda away: away[1], default=("", 0.0))


@dataclass(slots=True)
class Outages:
    """A line when somebody is away, and one when they are back."""

    tell: Callable[[str], None]
    _away_s: dict[str, float] = field(default_factory=dict)  # who is said to be away, and since when it is

    def decided(self, state: State, now: float) -> None:
        """Tell once that somebody is away, and once that it is back."""
        outages = state.volatile.outages
        if not (outages or self._away_s):
            return
        for who, meanings in _AWAY.items():
            failing = [channel for channel in meanings if channel in outages]
            away = next((channel for channel in failing if outages[channel].failures >= AWAY_FAILURES), None)
            if away is not None and who not in self._away_s:
                self._away_s[who] = outages[away].since_s
                self.tell(f"{who} {meanings[away]}; {_MEANWHILE}")
            elif not failing and who in self._away_s:
                lasted = duration(now - self._away_s.pop(who))
                self.tell(f"{who} is back after {lasted}")


@dataclass(slots=True)
class PlainProgress:
    """A line a state change."""

    tell: Callable[[str], None]
    _outages: Outages = field(init=False)
    _milestones: Milestones = field(init=False)
    _told_s: float = float("-inf")  # when a line was told last
    _lost: tuple[int, int] | None = None  # the attempt whose lost reply was told
    _now_s: float = 0.0
    _is_foretold: bool = False

    def __post_init__(self) -> None:
        self._outages, self._milestones = Outages(self._say), Milestones(self._say)

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Tell of outages, when the first result is expected, and how it stands where nothing was told for long."""
        self._now_s = now
        self._outages.decided(state, now)
        self._tell_lost(state)
        self._milestones.passed(state.images_done_in_jobs(), images_done(state), state.durable.wanted)
        if not self._is_foretold and state.durable.active:
            self._is_foretold = True
            if foretold := first_result(state, now):
                self._say(foretold)
        elif now - self._told_s >= SILENT_S:
            if self._told_s > 0:
                over = f"{images_done(state):,} of {count(state.durable.wanted, 'image')} done"
                self._say(f"{over}; {doing(state, decision, now)}")
            self._told_s = now

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Tell a fact."""
        line = fact_line(state, fact)
        if line is not None:
            self._say(line)

    def _tell_lost(self, state: State) -> None:
        """Tell once of an attempt that its reply was lost: nothing else happens for a while."""
        batch = state.durable.open
        if batch is None or batch.phase is not Phase.INTENDED:
            return
        attempt = batch.number, batch.attempt
        if attempt not in (self._lost, state.volatile.fresh_intent):
            self._lost = attempt
            waits = duration(state.setup.allowed.settle_s)
            self._say(f"the reply to batch {batch.number} was lost: in {waits} it is known whether it arrived")

    def _say(self, line: str) -> None:
        self._told_s = self._now_s
        self.tell(line)


def first_result(state: State, now: float, points_of: Callable[[Iterable[int]], int] | None = None) -> str:
    """When the first result of a run is expected, by how long jobs take; "" where there was one, or nobody can say.

    Nobody can while photos are uploaded, and nothing is sent. Where computers of one's own classify, a job takes
    as long as its points do: `points_of` counts those of some units.
    """
    experience, speed = state.volatile.experience, state.setup.allowed.speed
    if state.durable.closed or state.images_done_in_jobs() or (speed is not None and points_of is None):
        return ""
    if not state.durable.active and is_uploading(state):
        return ""
    usual_s = experience.usual_s(state.setup.allowed.job_takes_s)
    if speed is not None and points_of is not None:
        points = min((points_of(batch.units) for batch in state.durable.active.values()), default=0)
        usual_s = max(usual_s, points * speed.point_s / speed.at_once)
    left_s = min([job.started_s for job in experience.watched.values()], default=now) + usual_s - now
    if left_s > 0:
        at_the_earliest = " at the earliest" if state.setup.allowed.takes_all else ""
        return f"first result expected in {roughly(left_s)}{at_the_earliest}"
    return f"first result expected any moment: a job usually takes {roughly(usual_s)}"


def doing(state: State, decision: Decision, now: float) -> str:
    """What is under way, or what is waited for and why."""
    kinds = {type(effect) for effect in (*state.volatile.in_flight, *decision.effects)}
    texts = _DOING_WITHOUT_JOBS if state.setup.allowed.takes_all else _DOING
    at_work = _at_work(state)
    is_asking = effects.List in kinds
    if at_work:
        kinds.discard(effects.List)  # it was answered a moment ago, by what is told here
    under_way = list(dict.fromkeys(text for kind, text in texts.items() if kind in kinds))
    wait = min(decision.waits, key=lambda wait: wait.until_s, default=None)
    is_long = wait is not None and wait.until_s >= now + STANDSTILL_S and not is_asking
    if wait is not None and not under_way and (is_long or not at_work):
        under_way = [f"waiting {duration(max(0.0, wait.until_s - now))} for {wait.why}"]
    if said := ", ".join([*at_work, *under_way]):
        return said
    return "finishing" if state.durable.is_over else "deciding what is next"


STANDSTILL_S = 2.0
"""So long nothing may stand still without a word on why."""


def _at_work(state: State) -> list[str]:
    """What the jobs do of which the service tells how far they are; nothing while it cannot be asked."""
    told = () if Channel.API in state.volatile.outages else tuple(state.jobs_told())
    if not told:
        return []
    images = sum([len(batch.units) for batch, _ in told])
    done = sum([progress.share_of(len(batch.units)) for batch, progress in told])
    return [f"classifying {count(images, 'image')}, {f'{done:,} done' if done else 'none done yet'}"]
