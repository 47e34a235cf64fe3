"""A run begun or gone on with, and told of while it goes on: what `apply`, `resume` and Python share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from coralrun.app.answers.cover import said_of_groups
from coralrun.app.answers.outputs import write_tables
from coralrun.app.answers.own_confusion import confusion_for
from coralrun.app.applying.carry_out import carry_out
from coralrun.app.applying.difference_text import survey_lines, told_afterwards
from coralrun.app.applying.ending import illustrate, show
from coralrun.app.applying.interruption import listening
from coralrun.app.applying.next_plan import (
    asks_nothing,
    bring_into_force,
    changes_lines,
    check_same_run,
    check_withdraws_none,
    is_same,
)
from coralrun.app.applying.pausing import pause_error
from coralrun.app.applying.where import place_of_plan, place_of_survey
from coralrun.app.beforehand.address_life import foreseen
from coralrun.app.beforehand.photo_look import look_at_photos
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.beforehand.planned import Planned, priced
from coralrun.app.beforehand.so_far import SoFar, history, never, with_pinned
from coralrun.app.beforehand.text import listing_lines, listings_of_design, plan_lines
from coralrun.app.beforehand.uploads import cost_of_saved
from coralrun.app.chosen_run import run_or_last
from coralrun.app.reach import reach, say_wait
from coralrun.app.reporter import Reporter
from coralrun.app.run.copies import check_only_copy, other_host_lines
from coralrun.app.run.failed import failed_lines
from coralrun.app.run.notice import noticing
from coralrun.app.run.paths import is_saved_plan, reaching
from coralrun.app.run.places import check_disk, check_place
from coralrun.app.run.remembered import remember
from coralrun.app.run.run_directory import (
    OpenRun,
    check_exists,
    holding,
    make_run,
    open_run,
    reanalyse,
    tables_stand,
)
from coralrun.app.run.status import summarise
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.connection import Connection
from coralrun.driver import Ending
from coralrun.errors import EXIT_COMPLETE, AccountRefused, UsageError
from coralrun.files.given import read_given
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import reconcile
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.store import notice
from coralrun.store import run as run_store
from coralrun.store.files import Disk
from coralrun.store.layout import Layout


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplyOptions:
    """What a person says to `apply` beside the survey.

    `limit` names the first images of a try-out. Where a run goes on with a changed survey, `retry` says of a reason
    whether images that ended with it are tried again, `upgrade` that a newer classifier takes the place of the run's,
    and `all_names` that all images are named that differ; `take_over` lets the survey take the place of another one.
    `yes` asks nothing; `unseen` says that nobody looks on, and that a survey that had a run shall begin no other.
    `offline` fetches no photo to look at. A service in `refused` is not offered the account again.
    """

    limit: int | None = None
    yes: bool = False
    unseen: bool = False
    offline: bool = False
    retry: Callable[[Reason], bool] = never
    upgrade: bool = False
    all_names: bool = False
    take_over: bool = False
    refused: dict[str, AccountRefused] = field(default_factory=dict)


def apply(path: Path, run_dir: Path | None, options: ApplyOptions, reporter: Reporter) -> int:
    """Carry out a survey or a saved plan: start its run, or let the run become what it says now, and carry it on."""
    if is_saved_plan(path):
        if options.limit is not None:
            raise UsageError("--limit goes with a survey", remedy="Plan with --limit instead.")
        saved = codec.decode_single(str(path), read_given(path))
        return _apply(run_dir or place_of_plan(saved, reporter), None, saved, options, reporter)
    file = read_survey(path, limit=options.limit)
    return _apply(place_of_survey(file, reporter, run_dir, unseen=options.unseen), file, None, options, reporter)


def resume(run_dir: Path | None, reporter: Reporter, *, only_copy: bool = False) -> int:
    """Go on with a run; with `only_copy` also where another copy of it was carried on and is lost."""
    chosen = run_or_last(run_dir, reporter, unfinished=True, changes=True)
    with reaching(chosen):
        check_exists(Layout(chosen))  # before the lock, which makes the directory: a mistyped path shall leave nothing
    with holding(Layout(chosen)) as earlier:
        reporter.lines(other_host_lines(earlier))
        return go_on(open_run(chosen), None, reporter, only_copy=only_copy)


def _apply(
    directory: Path, file: SurveyFile | None, saved: Plan | None, options: ApplyOptions, reporter: Reporter
) -> int:
    layout = Layout(directory)
    with reaching(directory):
        started = run_store.exists(layout)
        if not started:
            check_place(layout)
    if started and file is not None and not any(map(options.retry, Reason)) and asks_nothing(layout, Disk(), file):
        return resume(directory, reporter)
    where = saved if file is None else file.survey
    assert where is not None  # noqa: S101 - a survey or a saved plan was given
    if where.service in options.refused:
        raise options.refused[where.service]
    connection = reach(where.service, where.options, reporter, must_have_account=True)
    try:
        say_wait(connection, reporter)
        planned = _planned(directory, file, saved, connection, options, reporter)
        if started:
            return change(directory, planned, file, connection, options, reporter)
        reporter.lines(plan_lines(planned))
        look_at_photos(planned, connection, options.offline, reporter)
        return start(directory, planned, file, connection, options.yes, reporter)
    except AccountRefused as refused:
        if reporter.ask is None:
            options.refused[where.service] = refused
        raise
    finally:
        connection.close()


def _planned(
    directory: Path,
    file: SurveyFile | None,
    saved: Plan | None,
    connection: Connection,
    options: ApplyOptions,
    reporter: Reporter,
) -> Planned:
    if file is not None:
        by_id = options.upgrade or file.survey.classifier.id is not None
        planned = make_plan(file, connection, reporter.doing, so_far=SoFar(directory, options.retry, by_id))
    else:
        assert saved is not None  # noqa: S101 - a survey or a saved plan was given
        uploads = cost_of_saved(saved, connection, SoFar(directory).uploaded(), reporter.doing)
        planned = priced(saved, connection.limits, connection.jobs(), connection.queue(), uploads)
        reporter.lines([f"note: {line}" for line in connection.drift(saved.classifier)])
    return foreseen(planned, connection.clock.wall_s())


def change(
    directory: Path,
    planned: Planned,
    file: SurveyFile | None,
    connection: Connection,
    options: ApplyOptions,
    reporter: Reporter,
) -> int:
    """Let a run become what a plan says, and carry it on: only what differs is sent.

    The difference is shown, and asked about where there is somebody to ask. Raises SurveyChanged for what would be
    another run, UsageError for a try-out of fewer images than the run has.
    """
    layout = Layout(directory)
    with holding(layout) as earlier:
        reporter.lines(other_host_lines(earlier))
        opened = open_run(directory)
        check_same_run(opened, planned.plan, file, take_over=options.take_over)
        connection.check_account(opened.identity.account)
        by_id = options.upgrade or file is None or file.survey.classifier.id is not None
        planned = replace(planned, plan=with_pinned(planned.plan, opened.plan.classifier, by_id=by_id))
        difference = reconcile(history(opened), opened.state, planned.plan, options.retry)
        check_withdraws_none(difference, file)
        remember(opened.layout, file, len(planned.plan.images))
        if is_same(opened, planned.plan, difference):
            # What is read and computed with may have been moved with the survey: digests say whether it is the same.
            moved = replace(opened.plan, folders=planned.plan.folders, options=planned.plan.options)
            as_now = _read_anew(replace(opened, plan=moved), planned.plan, file, reporter)
            return go_on(as_now, connection, reporter, already=True)
        reporter.say(f"Changes to {directory}, at {planned.plan.service}")
        reporter.lines(changes_lines(opened, difference, planned, file, all_names=options.all_names))
        reporter.lines(listing_lines((*planned.plan.listings, *listings_of_design(planned.plan))))
        reporter.lines([f"  warning: {warning}" for warning in (*planned.plan.warnings, *planned.warnings)])
        if not options.yes and not reporter.agrees("Carry it out?"):
            reporter.say("Nothing was changed.")
            return EXIT_COMPLETE
        if connection.limits.is_shared:
            check_only_copy(directory, opened.identity.run, opened.state, connection.service(opened.plan.classifier.id))
        kept = file if file is None else replace(file, exports=planned.exports)
        confusion = confusion_for(planned.plan, connection, reporter, opened)
        told = told_afterwards(difference, opened, planned.plan, file, unseen=options.unseen)
        reporter.changing(layout, opened.state.plan + 1, *told)
        bring_into_force(opened, planned.plan, difference, kept, connection.clock.utc(), confusion)
        del planned, kept, opened  # images as objects take three times the memory of the run's own
        return go_on(open_run(directory), connection, reporter)


def _read_anew(opened: OpenRun, plan: Plan, file: SurveyFile | None, reporter: Reporter) -> OpenRun:
    """A run whose survey changed in nothing but how it is read, read so."""
    anew = replace(opened.plan, analysis=plan.analysis, formats=plan.formats)
    changed = survey_lines(opened, file)
    if not reanalyse(opened, anew, file):
        return opened
    reporter.say(f"Re-analysing {opened.layout.root}: its design, label groups or formats changed.")
    reporter.lines(changed)
    reporter.lines(listing_lines(listings_of_design(anew)))
    return replace(opened, plan=anew)


def start(
    directory: Path, planned: Planned, file: SurveyFile | None, connection: Connection, yes: bool, reporter: Reporter
) -> int:
    """Start the run of a plan, and carry it out; asks first, where there is somebody to ask and `yes` is not said."""
    layout = Layout(directory)
    check_disk(layout, planned.estimate.disk_bytes, lambda place: shutil.disk_usage(place).free)
    if not yes and not reporter.agrees("Carry it out?"):
        reporter.say("Nothing was started.")
        return EXIT_COMPLETE
    confusion = confusion_for(planned.plan, connection, reporter)
    with holding(layout):
        if run_store.exists(layout):
            raise UsageError(f"{directory}: another process has just started a run here")
        check_place(layout)  # the crawl and the question may have taken hours since
        kept = file if file is None else replace(file, exports=planned.exports)
        account, clock = connection.account, connection.clock
        make_run(layout, planned.plan, kept, account=account, clock=clock, confusion=confusion)
        remember(layout, file, len(planned.plan.images))
        del planned, kept  # its images as objects take three times the memory of the run's own
        return go_on(open_run(directory), connection, reporter)


def go_on(
    opened: OpenRun,
    connection: Connection | None,
    reporter: Reporter,
    *,
    already: bool = False,
    only_copy: bool = False,
) -> int:
    """Carry a run on to its end, or say that it is over. The caller holds the lock.

    Without a `connection` the service is reached as the plan says. There may be a copy of a run that was made before.
    """
    layout = opened.layout
    reporter.going_on(opened)
    if opened.state.finished_at:
        if not tables_stand(layout):  # read anew, or the process ended between the last fact and its tables
            write_tables(opened, reporter.doing)
            reporter.beware(said_of_groups(opened))
        notice.drop(layout.now)
        reporter.say(f"{layout.root} is finished; there is nothing to do.")
        return show(summarise(opened), reporter)
    if already:
        reporter.say(f"{layout.root} is not finished: going on with it.")
    own = connection or reach(opened.plan.service, opened.plan.options, reporter, must_have_account=True)
    try:
        own.check_account(opened.identity.account)
        say_wait(own, reporter)
        was_made_before = already or connection is None
        if was_made_before:
            reporter.lines([f"note: {line}" for line in own.drift(opened.plan.classifier)])
        if was_made_before and not only_copy and own.limits.is_shared:
            check_only_copy(layout.root, opened.identity.run, opened.state, own.service(opened.plan.classifier.id))
        own.sign_in(reporter.doing)  # while Ctrl-C still ends the process: once it is a flag, only the loop looks at it
        with (
            listening(reporter.is_cancelled) as flag,
            reporter.watching(opened) as watcher,
            noticing(watcher, opened.layout.now, own.clock) as noted,
        ):
            ending = carry_out(opened, own, noted, flag, reporter.doing)
        if ending is Ending.FINISHED and opened.plan.classifies:
            illustrate(opened, own, reporter)
    finally:
        if connection is None:
            own.close()
    summary = replace(summarise(opened), done_in_jobs=0 if ending is Ending.FINISHED else noted.in_jobs)
    code = show(summary, reporter)
    if ending is Ending.FINISHED:
        reporter.lines(failed_lines(opened))
        reporter.beware(said_of_groups(opened))
    if ending is Ending.INTERRUPTED:
        return flag.exit_code
    if ending is Ending.PAUSED:
        error = pause_error(summary, opened.plan)
        reporter.paused(error)
        return error.exit_code
    return code
