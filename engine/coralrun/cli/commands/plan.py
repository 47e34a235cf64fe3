"""`plan`: what a survey would do, or each of several, and a look at some of its photos, which `apply` takes too."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import Limit, Names, Offline
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, AccountRefused, InvalidInput, UsageError
from coralrun.values.phrases import typed

if TYPE_CHECKING:
    from coralrun.app.beforehand.photo_check import Looked
    from coralrun.app.beforehand.planned import Planned
    from coralrun.app.beforehand.together import Together
    from coralrun.connection import Connection


def command(
    surveys: Annotated[
        list[Path], typer.Argument(metavar="SURVEY...", help="Surveys, as YAML; of a folder all surveys in it.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Save the plan, for `coralrun apply FILE`.")] = None,
    limit: Limit = None,
    names: Names = False,
    offline: Offline = False,
    as_json: Json = False,
) -> None:
    """Say what a survey would do, before anything is done.

    Example: coralrun plan survey.yaml
    """
    options = PlanOptions(out=out, limit=limit, all_names=names, offline=offline)

    def planned(printer: Printer) -> int:
        from coralrun.app.beforehand.together import Together
        from coralrun.app.beforehand.validate import is_folder_of_surveys, surveys_of
        from coralrun.cli.several import carry_out_each

        if len(surveys) == 1 and not is_folder_of_surveys(surveys[0]):
            return run(surveys[0], options, printer)
        found = surveys_of(surveys, printer.remark)
        if len(found) > 1 and out is not None:
            raise UsageError("--out is for one survey", remedy="Name the survey whose plan is to be saved.")
        together = Together.of(found)
        return carry_out_each(
            together.in_order(found), lambda survey, one: run(survey, options, one, together), printer
        )

    call(as_json, planned, begins="reading the survey")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanOptions:
    """What a person says to `plan` beside the survey; a service in `refused` is not offered the account again."""

    out: Path | None = None
    limit: int | None = None
    all_names: bool = False
    offline: bool = False
    refused: dict[str, AccountRefused] = field(default_factory=dict)


def run(path: Path, options: PlanOptions, printer: Printer, together: Together | None = None) -> int:
    """Show what a survey would do, and save it where asked; `together` has those that are planned with it."""
    from coralrun.app.applying.next_plan import foresee
    from coralrun.app.applying.where import place_of_survey
    from coralrun.app.beforehand.address_life import foreseen
    from coralrun.app.beforehand.photo_look import look_at_photos
    from coralrun.app.beforehand.plan import make_plan
    from coralrun.app.beforehand.so_far import SoFar
    from coralrun.app.beforehand.text import plan_lines
    from coralrun.app.reach import with_account_if_need_be
    from coralrun.app.run.paths import check_out
    from coralrun.app.survey.survey_file import read_survey
    from coralrun.planning import codec
    from coralrun.store.files import Disk

    def show(connection: Connection) -> tuple[Planned, tuple[Looked, ...]]:
        so_far, compares = SoFar(place, by_id=by_id), not options.offline
        made = make_plan(file, connection, printer.doing, so_far=so_far, compares=compares)
        planned = foreseen(made, connection.clock.wall_s())
        if together is not None:
            together.note(path, planned)
            planned = replace(planned, warnings=(*planned.warnings, *together.coming(path)))
        if out is not None:
            Disk().replace_private(out, codec.encode_single(planned.plan))
        planned, changes = foresee(place, file, planned, all_names=options.all_names)
        printer.lines(plan_lines(planned))
        looked = look_at_photos(planned, connection, options.offline, printer)
        printer.lines(changes)
        return planned, looked

    out = options.out
    file = read_survey(path, limit=options.limit)
    service = file.survey.service
    if service in options.refused:
        raise options.refused[service]
    by_id = file.survey.classifier.id is not None
    if out is not None:
        check_out(out)  # before the crawl, which may take long
    place = place_of_survey(file, printer)
    try:
        planned, looked = with_account_if_need_be(service, file.survey.options, printer, show)
    except AccountRefused as refused:
        if printer.ask is None:
            options.refused[service] = refused
        raise
    except InvalidInput:
        for warning in () if together is None else together.coming(path):
            printer.remark(warning)  # where nothing else is in the source, no image is left to plan
        raise
    if out is not None:
        printer.say(f"Saved as {out}; carry it out with: coralrun apply {typed(out)}")
        if planned.exports:
            printer.say(f"It holds the points and not their labels, which a run of {path} itself keeps.")
    printer.document(_document(planned, looked))
    return EXIT_COMPLETE


def _document(planned: Planned, looked: tuple[Looked, ...]) -> dict[str, Any]:
    from coralrun.app.beforehand.text import listings_of_design

    plan_made = planned.plan
    return {
        "name": plan_made.name,
        "service": plan_made.service,
        "survey_digest": plan_made.survey_digest,
        "classifier": asdict(plan_made.classifier),
        "images": len(plan_made.images),
        "points": plan_made.points,
        "funnel": [asdict(step) for step in plan_made.funnel],
        "not_found": list(plan_made.not_found),
        "without_points": list(plan_made.without_points),
        "listings": [asdict(listing) for listing in (*plan_made.listings, *listings_of_design(plan_made))],
        "warnings": [
            *plan_made.warnings,
            *planned.warnings,
            *(warning for host in looked for warning in host.warnings),
        ],
        "looked": [{**asdict(host), "came": dict(host.came)} for host in looked],
        "estimate": asdict(planned.estimate),
        "queue": None if planned.queue is None else asdict(planned.queue),
        "slots_free": planned.estimate.free_slots,
        "max_active_jobs": None if planned.jobs is None else planned.jobs.max_active,
    }
