"""`init`: a first survey, from options and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer, at_terminal
from coralrun.errors import EXIT_COMPLETE, UsageError


def command(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY", help="The file to write.")] = Path("survey.yaml"),
    name: Annotated[str | None, typer.Option("--name", help="Default: the name of the folder.")] = None,
    images: Annotated[
        str | None, typer.Option("--images", metavar="N|FILE", help="A CoralNet source, or a table of images.")
    ] = None,
    classifier: Annotated[
        int | None, typer.Option("--classifier", min=1, metavar="N", help="The source whose classifier is used.")
    ] = None,
    points: Annotated[int | None, typer.Option("--points", min=1, help="Points an image; default: 200.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="Draw so many images; default: all.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="FIELD", help="The design unit, such as site.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="An address, or emulator.")] = None,
    as_json: Json = False,
) -> None:
    """Write a first survey, with notes; at a terminal it asks for what is not given."""
    call(as_json, lambda printer: run(survey, name, images, classifier, points, count, unit, service, printer))


def run(
    target: Path,
    name: str | None,
    images: str | None,
    classifier: int | None,
    points: int | None,
    count: int | None,
    unit: str | None,
    service: str | None,
    printer: Printer,
) -> int:
    """Write a first survey, of what the options say and, at a terminal, of what a person answers."""
    from coralrun.app.init import DEFAULT_POINTS, check_free, images_of, name_for, write_survey
    from coralrun.app.paths import reaching
    from coralrun.spec.model import PRODUCTION
    from coralrun.spec.starter import Answers

    with reaching(target):
        check_free(target)
        asking = at_terminal() and not printer.as_json
        name = name or (_ask("A short name for the survey", name_for(target.parent)) if asking else None)
        name = name or name_for(target.parent)
        if images is None and asking:
            images = _ask("Where are the images: the number of a CoralNet source, or the path of a table of images")
        if images is None:
            raise UsageError(
                "it is not said where the images are",
                remedy="Give --images: the number of a CoralNet source, or the path of a table of images.",
            )
        place = images_of(images, target)
        own = place if isinstance(place, int) else None
        if classifier is None and asking:
            classifier = _ask_number("Whose classifier labels the points: the number of a CoralNet source", own)
        if classifier is None and own is None:
            raise UsageError(
                "it is not said whose classifier labels the points",
                remedy="Give --classifier: the number of a CoralNet source.",
            )
        if points is None:
            points = _ask_number("Points on each image", DEFAULT_POINTS) if asking else DEFAULT_POINTS
        if unit is None and asking:
            unit = _ask("The metadata field of what was chosen independently, such as site (Enter: not known yet)", "")
        answers = Answers(
            name=name,
            images=place,
            classifier=classifier or own or 0,
            points=points,
            count=count,
            unit=unit or None,
            service=service or PRODUCTION,
        )
        write_survey(target, answers)
    printer.say(f"Written: {target}")
    printer.say(f"  check it:      coralrun validate {target}")
    printer.say(f"  what it costs: coralrun plan {target}")
    printer.say(f"  carry it out:  coralrun apply {target}")
    printer.document({"written": str(target), "name": answers.name})
    return EXIT_COMPLETE


def _ask(question: str, default: str | None = None) -> str:
    return str(typer.prompt(question, default=default, err=True))


def _ask_number(question: str, default: int | None) -> int:
    """A number from 1; whoever answers something else is asked again."""
    while (number := int(typer.prompt(question, default=default, type=int, err=True))) < 1:
        pass
    return number
