"""Plans as lines for people. Pure: records in, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import inf

from coralrun.app.beforehand.photo_check import Looked
from coralrun.app.beforehand.planned import Planned
from coralrun.app.run.summary import named_lines, some
from coralrun.estimates.units import units_of
from coralrun.planning.design import design_listings, unit_fields, values_of
from coralrun.planning.model import Listing, Plan
from coralrun.review.reach import GOOD_UNITS, LEAST_UNITS, few_units
from coralrun.spec.model import IMAGE
from coralrun.values.in_order import natural
from coralrun.values.phrases import count, duration, share_list
from coralrun.values.places import BETWEEN


def size(n_bytes: float) -> str:
    """A number of bytes."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" or n_bytes >= 10 else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.1f} TB"


def plan_lines(planned: Planned) -> Iterator[str]:
    """What a plan would do, and what that costs, unless nothing of it is left to send."""
    plan, cost = planned.plan, planned.estimate
    is_sent = bool(cost.images or cost.uploads)
    yield f"Plan for {plan.name}, at {plan.service}"
    yield f"  images      {len(plan.images):,}"
    for step in plan.funnel:
        where = f"{step.source}: " if step.source else ""
        change = f"removes {step.removed:,}, leaves {step.left:,}" if step.removed else f"{step.left:,}"
        yield f"    {where}{step.step}: {change}"
    if unfit := plan.unfit:
        yield f"  will fail   {unfit:,} of them, without being asked for: their names stand below, with the reason"
    yield from _units(plan)
    if plan.classifies:
        yield from _classification(planned)
    if is_sent:
        yield f"  time        {_time(planned)}"
        yield from _queue(planned) if plan.classifies else ()
        yield f"  disk        {size(cost.disk_bytes)}"
    yield from named_lines("named but not found", plan.not_found)
    yield from named_lines("images without points, left out", plan.without_points)
    yield from listing_lines((*plan.listings, *listings_of_design(plan)))
    for warning in (*plan.warnings, *planned.warnings):
        yield f"  warning: {warning}"


def _units(plan: Plan) -> Iterator[str]:
    """The units of the design, each with how many images it has: what was read of names and tables shows here first."""
    fields = unit_fields(plan.analysis.design)
    if fields is None or IMAGE in fields:
        return
    images = Counter(unit for unit in (units_of(plan) or {}).values() if unit)
    each = [f"{unit}: {images[unit]:,}" for unit in sorted(images, key=natural)]
    yield f"  units       {len(images):,} by {BETWEEN.join(fields)}, with their images" + (
        f" ({some(each)})" if each else ""
    )
    yield from (f"{'':14}{line}" for line in _few_units(plan))


def _few_units(plan: Plan) -> Iterator[str]:
    """That cover will have no limits, or wide ones, for want of units."""
    design, units = plan.analysis.design, units_of(plan) or {}
    strata = [""] * len(plan.images)
    if design.strata_field is not None:
        strata = values_of(design.strata_field, plan.fields, plan.images)
    is_known = design.strata_field is None
    there = {(strata[image], unit) for image, unit in units.items() if unit and (is_known or strata[image])}
    in_each = Counter(stratum for stratum, _ in there)
    known = design.units_in_all
    in_all = known if isinstance(known, Mapping) else dict.fromkeys(in_each, known or inf)
    drawn = {stratum: n for stratum, n in in_each.items() if n < in_all.get(stratum, inf)}
    alone = tuple(f"`{stratum}`" for stratum in sorted(drawn, key=natural) if drawn[stratum] < LEAST_UNITS)
    in_all_strata = len({unit for _, unit in there})
    if alone:
        where, each = (f" in {share_list(alone)}", " in each stratum") if design.strata_field else ("", "")
        need = f"need at least {LEAST_UNITS}{each}, and are wide with fewer than {GOOD_UNITS}"
        yield f"1 unit alone{where}: no limits of cover, which {need}"
    elif drawn and in_all_strata < GOOD_UNITS:
        yield few_units(in_all_strata)


def _classification(planned: Planned) -> Iterator[str]:
    """Which points are classified by what, and how long that takes."""
    plan, cost = planned.plan, planned.estimate
    if plan.images:
        per_image = {image.points for image in plan.images}
        an_image = f" ({per_image.pop()} an image)" if len(per_image) == 1 else ""
        yield f"  points      {plan.points:,}{an_image}"
    yield from _split_images(planned)
    yield f"  classifier  {_classifier(planned)}"
    if not cost.images:
        return
    requests = "" if planned.allowed.windows is None else f"; {count(cost.api_requests, 'API request')}"
    yield f"  batches     {cost.batches:,} of at most {count(plan.batch_size, 'image')}{requests}"
    if cost.web_pages:
        of_batches = f" and {cost.batch_pages:,} for the batches" if cost.batch_pages else ""
        yield f"  pages       {count(cost.web_pages, 'image page')}{of_batches}, {_pages_rate(planned)}"
    if cost.size_reads:
        yield f"  sizes       read from the first bytes of {count(cost.size_reads, 'image')}"
    if planned.allowed.speed is None:
        yield f"  jobs        {_places(planned)}"


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


def _time(planned: Planned) -> str:
    """How long all takes: the photos are sent first."""
    cost, classifies = planned.estimate, planned.plan.classifies
    if not cost.uploads:
        return _least_time(planned)
    uploads = f"{duration(max(cost.upload_s, 1.0))} of uploads"
    if not classifies:
        return f"about {uploads}"
    in_all = "" if cost.least_s is None else f"about {duration(max(cost.least_s, 1.0))}: "
    return f"{in_all}{uploads}, then {_least_time(planned)}"


def _least_time(planned: Planned) -> str:
    """The least time that classifying takes, and what sets it."""
    cost = planned.estimate
    if cost.classify_s is None or cost.rounds is None:
        return "unknown: the service takes no job now"
    if (speed := planned.allowed.speed) is not None:
        each = f"{speed.point_s * 1000:.3g} ms a point, {speed.told}; {speed.at_once:,} at once"
        return f"some {duration(max(cost.classify_s, 1.0))}, by estimate ({each})"
    if planned.allowed.takes_all:
        return f"at least {duration(cost.classify_s)}, and more the more the service has to do: nothing tells how long"
    by = f"{count(cost.rounds, 'round')} of up to {count(cost.slots, 'job')}, {duration(cost.round_s)} each"
    if cost.classify_s == cost.web_s and cost.web_s > 0:
        by = f"image pages, {_pages_rate(planned)}"
    elif cost.classify_s == cost.window_s and cost.window_s > 0:
        windows = planned.allowed.windows or ()
        by = "requests, at most " + ", ".join(f"{window.most} {_span(window.span_s)}" for window in windows)
    return f"at least {duration(cost.classify_s)} ({by})"


def _span(seconds: float) -> str:
    return {60.0: "a minute", 3600.0: "an hour"}.get(seconds) or f"in {duration(seconds)}"


def _queue(planned: Planned) -> Iterator[str]:
    """What the service's queue shows, which is of all users' jobs, an image being one."""
    queue, cost = planned.queue, planned.estimate
    if queue is None or queue.total is None or cost.queue_s is None:
        return
    waiting = "" if queue.incomplete is None else f"; {queue.incomplete:,} images and other jobs are to do now"
    took = f"most images took {_minutes(queue.total.low_s)} to {_minutes(queue.total.high_s)} min lately{waiting}"
    with_uploads = " with the uploads" if cost.uploads else ""
    at_that_pace = "" if planned.allowed.takes_all else f". At that pace {duration(cost.queue_s)}{with_uploads}"
    yield f"  queue       {took}{at_that_pace}"


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
        yield from named_lines(listing.what, listing.names)


def _classifier(planned: Planned) -> str:
    chosen = planned.plan.classifier
    known = [f"{chosen.id}", *(["which the source uses now"] if planned.allowed.takes_all else [])]
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
