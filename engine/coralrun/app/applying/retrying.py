"""Images that ended without success, tried again: which, as a person says, and how.

Rule: what succeeded is never asked for again. Trying again is a further plan, of the same images, which the run becomes
as it becomes what a changed survey says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from coralrun.app.applying.apply import go_on
from coralrun.app.applying.next_plan import bring_again
from coralrun.app.beforehand.so_far import history
from coralrun.app.reach import reach
from coralrun.app.reporter import Reporter
from coralrun.app.run.copies import check_only_copy, other_host_lines
from coralrun.app.run.paths import reaching
from coralrun.app.run.run_directory import check_exists, holding, open_run
from coralrun.errors import UsageError
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import reconcile
from coralrun.machine.runs import count as count_units
from coralrun.store.layout import Layout
from coralrun.values.phrases import count


def retry_of(all_failed: bool, reasons: Sequence[str]) -> Callable[[Reason], bool]:
    """Whether an image that ended with a reason is tried again. Raises UsageError for a reason that there is not."""
    if reasons and not all_failed:
        raise UsageError("--reason goes with --retry-failed", remedy="Add --retry-failed, or leave --reason out.")
    known = {str(reason): reason for reason in Reason}
    for text in reasons:
        if text not in known:
            raise UsageError(f"there is no reason `{text}`", remedy=f"Name one of: {', '.join(known)}.")
    asked = {known[text] for text in reasons} or (set(Reason) if all_failed else set())
    return asked.__contains__


def retry(directory: Path, which: Callable[[Reason], bool], reporter: Reporter) -> int:
    """Try the images of a run again that ended with a reason for which `which` holds, and carry the run on."""
    with reaching(directory):
        check_exists(Layout(directory))
    with holding(Layout(directory)) as earlier:
        reporter.lines(other_host_lines(earlier))
        opened = open_run(directory)
        difference = reconcile(history(opened), opened.state, opened.plan, which)
        if not difference.anew:
            reporter.say("No image is to be tried again.")
            return go_on(opened, None, reporter)
        connection = reach(opened.plan.service, opened.plan.options, reporter, must_have_account=True)
        try:
            connection.check_account(opened.identity.account)
            if connection.limits.is_shared:
                service = connection.service(opened.plan.classifier.id)
                check_only_copy(directory, opened.identity.run, opened.state, service)
            reporter.say(f"{count(count_units(difference.anew), 'image')} to be tried again.")
            bring_again(opened, difference, connection.clock.utc())
            return go_on(open_run(directory), connection, reporter)
        finally:
            connection.close()
