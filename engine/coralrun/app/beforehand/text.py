"""Plans and summaries as lines for people. Pure: records in, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coralrun.app.beforehand.photo_check import Looked
from coralrun.app.beforehand.planned import Planned
from coralrun.app.run.standing import Process, Standing
from coralrun.app.run.status import Summary
from coralrun.machine.reasons import Reason
from coralrun.planning.design import design_listings
from coralrun.planning.model import Listing, Plan
from coralrun.results.tables import reason_text
from coralrun.values.phrases import count, duration

_SHOWN = 5


def size(n_bytes: float) -> str:
    """A number of bytes."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" or n_bytes >= 10 else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.1f} TB"


def plan_lines(planned: Planned) -> Iterator[str]:
    """What a plan would do."""
    plan, cost = planned.plan, planned.estimate
    yield f"Plan for {plan.name}, at {plan.service}"
    yield f"  images      {len(plan.images):,}"
    for step in plan.funnel:
        where = f"{step.source}: " if step.source else ""
        change = f"removes {step.removed:,}, leaves {step.left:,}" if step.removed else f"{step.left:,}"
        yield f"    {where}{step.step}: {change}"
    if plan.classifies:
        yield from _classification(planned)
    yield f"  disk        {size(cost.disk_bytes)}"
    yield from _named("named but not found", plan.not_found)
    yield from _named("images without points, left out", plan.without_points)
    yield from listing_lines((*plan.listings, *listings_of_design(plan)))
    for warning in (*plan.warnings, *planned.warnings):
        yield f"  warning: {warning}"


def _classification(planned: Planned) -> Iterator[str]:
    """Which points are classified by what, and how long that takes."""
    plan, cost = planned.plan, planned.estimate
    if plan.images:
        per_image = {image.points for image in plan.images}
        an_image = f" ({per_image.pop()} an image)" if len(per_image) == 1 else ""
        yield f"  points      {plan.points:,}{an_image}"
    yield from _split_images(planned)
    yield f"  classifier  {_classifier(planned)}"
    requests = "" if planned.allowed.windows is None else f"; {count(cost.api_requests, 'API request')}"
    yield f"  batches     {cost.batches:,} of at most {count(plan.batch_size, 'image')}{requests}"
    if cost.web_pages:
        of_batches = f" and {cost.batch_pages:,} for the batches" if cost.batch_pages else ""
        yield f"  pages       {count(cost.web_pages, 'image page')}{of_batches}, {_pages_rate(planned)}"
    if cost.size_reads:
        yield f"  sizes       read from the first bytes of {count(cost.size_reads, 'image')}"
    if planned.allowed.speed is None:
        yield f"  jobs        {_places(planned)}"
    yield f"  time        {_least_time(planned)}"
    yield from _queue(planned)


def _pages_rate(planned: Planned) -> str:
    most = planned.allowed.images_per_s
    return "as fast as they come" if most is None else f"at most {most:g} a second"


def _split_images(planned: Planned) -> Iterator[str]:
    """Images of more points than an entry holds, which fill jobs sooner."""
    for entries, images in planned.estimate.entries_each:
        if entries <= 1:
            continue
        in_entry, a_job = planned.plan.points_per_entry or 0, planned.allowed.entries_per_job
        which = f"an image of {(entries - 1) * in_entry + 1} to {entries * in_entry} points"
        in_a_job = f"a job holds {a_job // entries} such, not {a_job}"
        yield f"  entries     {which} costs {entries} entries ({count(images, 'image')}): {in_a_job}"


def _least_time(planned: Planned) -> str:
    """The least time, and what sets it."""
    cost = planned.estimate
    if cost.least_s is None or cost.rounds is None:
        return "unknown: the service takes no job now"
    if (speed := planned.allowed.speed) is not None:
        each = f"{speed.point_s * 1000:.3g} ms a point, {speed.told}; {speed.at_once:,} at once"
        return f"some {duration(max(cost.least_s, 1.0))}, by estimate ({each})"
    if planned.allowed.takes_all:
        return f"at least {duration(cost.least_s)}, and more the more the service has to do: nothing tells how long"
    by = f"{count(cost.rounds, 'round')} of up to {count(cost.slots, 'job')}, {duration(cost.round_s)} each"
    if cost.least_s == cost.web_s and cost.web_s > 0:
        by = f"image pages, {_pages_rate(planned)}"
    elif cost.least_s == cost.window_s and cost.window_s > 0:
        windows = planned.allowed.windows or ()
        by = "requests, at most " + ", ".join(f"{window.most} {_span(window.span_s)}" for window in windows)
    return f"at least {duration(cost.least_s)} ({by})"


def _span(seconds: float) -> str:
    return {60.0: "a minute", 3600.0: "an hour"}.get(seconds) or f"in {duration(seconds)}"


def _queue(planned: Planned) -> Iterator[str]:
    """What the service's queue shows, which is of all users' jobs, an image being one."""
    queue, cost = planned.queue, planned.estimate
    if queue is None or queue.total is None or cost.queue_s is None:
        return
    waiting = "" if queue.incomplete is None else f"; {queue.incomplete:,} images and other jobs are to do now"
    took = f"most images took {_minutes(queue.total.low_s)} to {_minutes(queue.total.high_s)} min lately{waiting}"
    yield f"  queue       {took}. At that pace {duration(cost.queue_s)}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.0f}"


def looked_lines(looked: Iterable[Looked]) -> Iterator[str]:
    """What came of a look at some photos of each host."""
    beyond = 0
    for host in looked:
        if not host.came:
            beyond += 1
            continue
        where = f"{count(host.images, 'image')} of {host.manifest} at {host.host}"
        if host.answered:
            came = ", ".join(what if host.looked == 1 else f"{count} x {what}" for what, count in host.came)
            yield f"  looked at   {host.looked} of {where}: {came}"
        else:
            yield f"  looked at   none of {where}: {host.came[0][0]}"
        for warning in host.warnings:
            yield f"  warning: {warning}"
    if beyond:
        yield f"  looked at   none at {beyond:,} more host{'s' * (beyond > 1)}"


def listings_of_design(plan: Plan) -> Iterator[Listing]:
    """What a plan's owner should know of its design, and of the dates of its photos."""
    from coralrun.estimates.planned_dates import date_listings

    yield from design_listings(plan)
    yield from date_listings(plan)


def listing_lines(listings: Iterable[Listing]) -> Iterator[str]:
    """What the owner of the images should know, with the first names of each kind."""
    for listing in listings:
        yield from _named(listing.what, listing.names)


def _classifier(planned: Planned) -> str:
    chosen = planned.plan.classifier
    known = [f"{chosen.id}"]
    if chosen.accuracy is not None:
        known.append(f"accuracy {chosen.accuracy} % on its source's own test")
    if chosen.date:
        known.append(f"trained {chosen.date}")
    if chosen.source is not None:
        known.append(f"of source {chosen.source}")
    return ", ".join(known)


def _places(planned: Planned) -> str:
    if planned.allowed.takes_all:
        return "none are needed: all batches are sent before any is waited for"
    if planned.jobs is None:
        return "not asked: no account was given"
    free, allowed = planned.estimate.free_slots, planned.jobs.max_active
    return f"{free} of {allowed} places are free now; this run uses at most {planned.plan.concurrency}"


def _named(what: str, names: tuple[str, ...]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        yield f"  {what}: {len(names):,} ({', '.join(names[:_SHOWN])}{more})"


def summary_lines(summary: Summary) -> Iterator[str]:
    """How a run stands."""
    yield f"{summary.name}: {_standing(summary)}"
    if summary.classifies:
        yield f"  images  {summary.images:,} = {_images(summary)}"
        yield f"  points  {summary.points.points:,} in = {_points(summary)}"
    if summary.uploaded or summary.already_there or not summary.classifies:
        yield f"  photos  {summary.uploaded:,} uploaded, {summary.already_there:,} were there before"
        yield from _not_counted(summary)
    if summary.classifies:
        yield _jobs(summary)
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
        yield f"  go on with: coralrun resume {summary.run_dir}"
        return
    if summary.classifies:
        yield f"  next    coralrun report {summary.run_dir} --open"
        yield f"          coralrun review {summary.run_dir} --sample 5% --to html"
    if summary.retriable:
        yield f"  {count(summary.retriable, 'image')} may succeed on another try: {_again(summary)}"


def _not_counted(summary: Summary) -> Iterator[str]:
    """Photos that are, or may be, in the source and in none of the run's figures."""
    if summary.unclaimed:
        yield from _named("in the source, and not counted: arrived after the run had given them up", summary.unclaimed)
    if summary.in_doubt and summary.standing is Standing.FINISHED:
        yield from _named("sent without an answer, and not in the source: may arrive yet", summary.in_doubt)


def _again(summary: Summary) -> str:
    """How what failed is tried again; photos that are uploaded alone are all sent that are not there."""
    if not summary.classifies:
        return "call coralrun upload again"
    return f"coralrun apply {summary.survey_file or 'PLAN'} --retry-failed"


def _jobs(summary: Summary) -> str:
    jobs = f"  jobs    {summary.jobs_done:,} done"
    if summary.jobs_active:
        jobs += f", {len(summary.jobs_active)} active ({', '.join(summary.jobs_active)})"
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


def _pace(process: Process) -> str:
    rate = "" if process.images_per_hour is None else f", {process.images_per_hour:,.0f} images an hour"
    return rate if process.left_s is None else f"{rate}, about {duration(process.left_s)} left"


def _images(summary: Summary) -> str:
    parts = [f"{summary.succeeded:,} succeeded", f"{summary.failed:,} failed", f"{summary.skipped:,} skipped"]
    left = summary.images - summary.images_over
    return " + ".join([*parts, f"{left:,} to do"] if left else parts)


def _points(summary: Summary) -> str:
    account = summary.points
    parts = [f"{account.predicted:,} predicted", f"{account.failed:,} failed", f"{account.skipped:,} skipped"]
    left = account.points - account.predicted - account.failed - account.skipped
    return " + ".join([*parts, f"{left:,} to do"] if left else parts)
