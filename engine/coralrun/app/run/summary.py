"""How a run stands, as lines for people. Pure: a record in, lines out; nothing that a plan is made with is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from coralrun.app.run.next_review import NextReview, Review
from coralrun.app.run.standing import Process, Standing
from coralrun.app.run.status import Summary
from coralrun.machine.reasons import Reason
from coralrun.results.tables import reason_text
from coralrun.values.phrases import count, duration, of_which, typed

_SHOWN = 5


def summary_lines(summary: Summary) -> Iterator[str]:
    """How a run stands."""
    yield f"{summary.name}: {_standing(summary)}"
    if summary.classifies:
        yield f"  images  {summary.images:,} = {_images(summary)}"
        yield f"  points  {summary.points.points:,} in = {_points(summary)}"
    of_photos = (summary.uploaded, summary.already_there, summary.of_earlier_plans, summary.unclaimed, summary.in_doubt)
    if any(of_photos) or not summary.classifies:
        yield f"  photos  {summary.uploaded:,} uploaded, {of_which(summary.already_there, 'was', 'were')} there before"
        yield from _not_counted(summary)
    if summary.classifies:
        yield _jobs(summary)
        yield from _given_up(summary)
    for reason, times in summary.reasons:
        if reason != reason_text(Reason.NOT_ASKED):
            yield f"  {times:,} x {reason}"
    if summary.possible_duplicates:
        yield (
            f"  {count(summary.possible_duplicates, 'batch')} may exist twice at the service: it could not be known "
            "whether the first arrived. Results are counted once."
        )
    yield f"  files   {summary.run_dir}"
    for file in summary.files:
        yield f"          {file}"
    if summary.process is not None:
        yield from _process(summary.process, is_dead=summary.standing is Standing.DEAD)
    if summary.standing is Standing.WORKING:
        return
    if summary.standing is not Standing.FINISHED:
        yield f"  go on with: coralrun resume {typed(summary.run_dir)}"
        return
    if summary.retriable:
        upload_again = "" if summary.classifies else ": call coralrun upload again"
        yield f"  {count(summary.retriable, 'image')} may succeed on another try{upload_again}"
    if summary.mendable:
        again = _again(summary, tries=summary.mendable > summary.planned_anew)
        then = again if summary.classifies else "call coralrun upload again"
        yield f"  {count(summary.mendable, 'image')} may succeed once what is said above is done; then: {then}"
    if summary.left_for_later:
        yield f"  {count(summary.left_for_later, 'image')} of the survey left for later by --limit"
    if summary.not_corrected:
        yield f"  cover   not corrected by what people labelled: {summary.not_corrected}"
    if summary.review_outdated:
        gone = "is handed out, of other points than the survey has now: labels of it will correct nothing, so draw anew"
        yield f"  review  {summary.review_outdated} {gone}"
    yield from next_lines(_next(summary))


def next_lines(commands: Iterable[str]) -> Iterator[str]:
    """The commands that may follow."""
    head = "next    "
    for command in commands:
        yield f"  {head}{command}"
        head = " " * len(head)


def _not_counted(summary: Summary) -> Iterator[str]:
    """Photos that are, or may be, in a source and in none of the run's figures."""
    yield from _named_by_source(
        "in {source} as an earlier plan sent them, and not among these figures", summary.of_earlier_plans
    )
    late = "in {source}, and not counted: arrived after the run had given them up"
    yield from _named_by_source(late, summary.unclaimed)
    if summary.standing is Standing.FINISHED:
        yield from _named_by_source("sent without an answer, and not in {source}: may arrive yet", summary.in_doubt)


def _named_by_source(what: str, images: Sequence[str]) -> Iterator[str]:
    """Photos that were uploaded, by the source that they went to: its number stands before their names."""
    by_source: dict[str, list[str]] = {}
    for image in images:
        to, _, name = image.partition("/")
        by_source.setdefault(to, []).append(name)
    for to, names in by_source.items():
        yield from named_lines(what.format(source=f"source {to}"), tuple(names))


def _next(summary: Summary) -> Iterator[str]:
    """The commands that follow a finished run, what it lacks before what it has: none that fails again unless something
    is done first. Photos that are uploaded alone have none: `coralrun upload` sends all that are not there, of whatever
    folder it was called with."""
    if not summary.classifies:
        return
    if summary.retriable or summary.left_for_later:
        yield _again(summary, tries=summary.retriable > 0)
    run = typed(summary.run_dir)
    yield f"coralrun report {run} --open"
    if summary.review is not Review.NOT_DRAWN or summary.succeeded:
        yield from NextReview(
            summary.review,
            share=summary.review_share,
            seed=summary.review_seed,
            blind=summary.review_blind,
            labels_there=summary.labels_there,
            images=summary.review_images,
            file=summary.review_file,
        ).commands(run)


def _again(summary: Summary, *, tries: bool) -> str:
    """How what a finished run lacks is sent. A plan that was saved or made in Python has no survey to be applied."""
    if tries and not summary.survey_file:
        return f'run = coralrun.open("{Path(summary.run_dir).as_posix()}").retry(), in Python'
    elsewhere = Path(summary.planned_directory or summary.run_dir) != Path(summary.run_dir)
    place = f" --run-dir {typed(summary.run_dir)}" if elsewhere else ""
    return f"coralrun apply {typed(summary.survey_file or 'SURVEY')}{place}{' --retry-failed' if tries else ''}"


def _given_up(summary: Summary) -> Iterator[str]:
    for why, times in summary.given_up_because:
        yield f"          {times:,} x {why}: its images were sent again, or failed"


def _jobs(summary: Summary) -> str:
    jobs = f"  jobs    {summary.jobs_done:,} done"
    if summary.jobs_active:
        jobs += f", {len(summary.jobs_active):,} active ({some(summary.jobs_active)}), of "
        jobs += count(summary.images_active, "image")
    if summary.jobs_given_up:
        jobs += f", {summary.jobs_given_up:,} given up"
    return jobs


def _standing(summary: Summary) -> str:
    if summary.standing is Standing.PAUSED:
        return f"paused ({summary.paused_why}{': ' + summary.paused_detail if summary.paused_detail else ''})"
    lacking = summary.failed + (summary.skipped if summary.classifies else 0)
    if summary.standing is Standing.FINISHED and lacking:
        return f"finished, with {lacking:,} failed"
    return str(summary.standing)


def _process(process: Process, *, is_dead: bool) -> Iterator[str]:
    """Who works on a run, how fast, and on what; or who was killed, and what it did at last."""
    who = f"process {process.pid or 'unknown'} on {process.host or 'an unknown computer'}, since {process.since}"
    if is_dead:
        # A later process that was refused took the lock, and the name of the one that was killed with it.
        known = f"{who}; last" if process.since <= process.heard_of else "a process, last"
        yield f"  killed  {known} heard of {process.heard_of}: {process.doing}"
        return
    yield f"  process {who.removeprefix('process ')}"
    if process.last_progress:
        yield f"  pace    last progress {process.last_progress}{_pace(process)}"
    yield f"  now     {process.doing}"
    if process.away:
        yield f"  away    {process.away}, for {duration(process.away_s)}"


def _pace(process: Process) -> str:
    rate = "" if process.images_per_hour is None else f", {process.images_per_hour:,.0f} images an hour"
    return rate if process.left_s is None else f"{rate}, about {duration(process.left_s)} left"


def _images(summary: Summary) -> str:
    parts = [f"{summary.succeeded:,} succeeded", f"{summary.failed:,} failed", f"{summary.skipped:,} skipped"]
    left = summary.images - summary.images_over
    in_jobs = summary.done_in_jobs
    done = f", of which {of_which(in_jobs, 'is', 'are')} done already, in jobs that are not over" if in_jobs else ""
    return " + ".join([*parts, f"{left:,} to do{done}"] if left else parts)


def _points(summary: Summary) -> str:
    account = summary.points
    parts = [f"{account.predicted:,} predicted", f"{account.failed:,} failed", f"{account.skipped:,} skipped"]
    left = account.points - account.predicted - account.failed - account.skipped
    return " + ".join([*parts, f"{left:,} to do"] if left else parts)


def named_lines(what: str, names: tuple[str, ...]) -> Iterator[str]:
    """A kind of things with the first of their names; nothing where there are none."""
    if names:
        yield f"  {what}: {len(names):,} ({some(names)})"


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
