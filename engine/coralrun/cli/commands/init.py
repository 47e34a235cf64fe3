"""`init`: a first survey, from options and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer, at_terminal
from coralrun.errors import EXIT_COMPLETE, CoralrunError, InvalidInput, UsageError
from coralrun.values.phrases import typed

if TYPE_CHECKING:
    from coralrun.spec.model import Source
    from coralrun.spec.starter import Answers

T = TypeVar("T")

WHERE = "the number or address of a CoralNet source, a folder of photos, a table of images, or a bucket (s3://...)"
WHOSE = "the number or address of a CoralNet source, or the folder of one of your own"

OWN_POINTS = ", or `coralnet` for those that have labels in the source, as where people annotated it"


def command(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY", help="The file to write.")] = Path("survey.yaml"),
    name: Annotated[str | None, typer.Option("--name", help="Default: the file's, or its folder's.")] = None,
    images: Annotated[
        str | None, typer.Option("--images", metavar="WHERE", help=f"{WHERE[0].upper()}{WHERE[1:]}.")
    ] = None,
    classifier: Annotated[
        str | None, typer.Option("--classifier", metavar="WHOSE", help=f"Whose labels the points: {WHOSE}.")
    ] = None,
    upload_to: Annotated[
        str | None, typer.Option("--upload-to", metavar="SOURCE", help="Of a folder: the CoralNet source it goes to.")
    ] = None,
    exif: Annotated[str | None, typer.Option("--exif", help="Of what is uploaded: keep, or strip-private.")] = None,
    points: Annotated[
        str | None,
        typer.Option("--points", metavar="N", help="Points an image, or coralnet for the source's own; default: 200."),
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="Draw so many images; default: all.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="FIELD", help="The design unit, such as site.")] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option("--metadata", metavar="WHERE", help="A table of metadata, names as {site}/{_}.jpg, or several."),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option("--service", help="An address, emulator, or local; default: your account's, or CoralNet's."),
    ] = None,
    no_schema: Annotated[bool, typer.Option("--no-schema", help="Lay no schema for editors beside it.")] = False,
    as_json: Json = False,
) -> None:
    """Write a first survey, with notes; at a terminal it asks for what is not given.

    Example: coralrun init survey.yaml --images photos --classifier models/reef
    """
    known = tuple(metadata or ())
    given = Given(name, images, classifier, upload_to, exif, points, count, unit, known, service, not no_schema)
    call(as_json, lambda printer: run(survey, given, printer))


@dataclass(frozen=True, slots=True)
class Given:
    """What the options say; None is asked for."""

    name: str | None = None
    images: str | None = None
    classifier: str | None = None
    upload_to: str | None = None
    exif: str | None = None
    points: str | None = None
    count: int | None = None
    unit: str | None = None
    metadata: tuple[str, ...] = ()
    service: str | None = None
    schema: bool = True


def run(target: Path, given: Given, printer: Printer) -> int:
    """Write a first survey, of what the options say and, at a terminal, of what a person answers."""
    from coralrun.app.run.paths import reaching
    from coralrun.app.survey.init import SCHEMA_FILE, check_free, write_survey
    from coralrun.services import named_service

    with reaching(target):
        check_free(target)
        answers = _answers(target, given, asking=at_terminal() and not printer.as_json)
        write_survey(target, answers)
    printer.say(f"Written: {target}")
    if answers.schema is not None:
        printer.say(f"  and {target.parent / SCHEMA_FILE}, by which editors know its keys")
    at_hand, said_in = named_service()
    if given.service is None and answers.service == at_hand:
        printer.say(f"  its service is {answers.service}, which {said_in} names; --service names another")
    if answers.unit is not None and not answers.unit_is_known:
        printer.say(f"  the unit `{answers.unit}` is a note in it: nothing says yet which one each image is of")
        printer.say("  give --metadata a table or a template of names, or say it there under `metadata`")
    printer.say(f"  check it:      coralrun validate {typed(target)}")
    printer.say(f"  what it costs: coralrun plan {typed(target)}")
    printer.say(f"  carry it out:  coralrun apply {typed(target)}")
    printer.document({"written": str(target), "name": answers.name})
    return EXIT_COMPLETE


def _answers(target: Path, given: Given, *, asking: bool) -> Answers:
    from coralrun.app.survey import init, init_metadata
    from coralrun.spec.model import CoralNetSource
    from coralrun.spec.starter import Answers

    name = _answer(given.name, "A short name for the survey", init.name_of, asking, default=init.name_beside(target))
    images, named = _answer(
        given.images,
        f"Where are the images: {WHERE}",
        lambda answer: init.images_of(answer, target),
        asking,
        missing=UsageError("it is not said where the images are", remedy=f"Give --images: {WHERE}."),
    )
    images, uploaded_at = _uploaded(given, images, asking)
    own = _own_source(images)
    classifier = _answer(
        given.classifier,
        f"Whose classifier labels the points: {WHOSE}",
        lambda answer: init.classifier_of(answer, images, target),
        asking,
        default=own,
        missing=UsageError("it is not said whose classifier labels the points", remedy=f"Give --classifier: {WHOSE}."),
    )
    points = _answer(
        given.points,
        f"Points on each image{OWN_POINTS if isinstance(images, CoralNetSource) else ''}",
        lambda answer: init.points_of(answer, images),
        asking,
        default=str(init.DEFAULT_POINTS),
    )
    unit = _answer(
        given.unit,
        "The metadata field of what was chosen independently, such as site (Enter: not known yet)",
        lambda answer: init.unit_of(answer, images, target),
        asking,
        default="",
    )
    needs = unit is not None and not init_metadata.is_told(unit, images)
    table, names = _known(given.metadata, unit, images, target, asking=asking and needs)
    return Answers(
        name=name,
        images=images,
        classifier=classifier,
        points=points,
        count=given.count,
        unit=unit,
        unit_is_known=not needs or table is not None or bool(names),
        table=table,
        names=names,
        service=given.service or init.service_of(named or uploaded_at, classifier),
        schema=init.SCHEMA_FILE if given.schema else None,
    )


def _known(
    given: tuple[str, ...], unit: str | None, images: Source, target: Path, *, asking: bool
) -> tuple[str | None, tuple[str, ...]]:
    """The table of metadata and the templates of names."""
    from coralrun.app.survey.init_metadata import known_by

    if given:
        return known_by(given, unit, images, target)
    return _answer(
        None,
        f"What says the {unit} of each image: a table, or names such as {{{unit}}}/{{_}}.jpg (Enter: not known yet)",
        lambda answer: known_by([answer], unit, images, target),
        asking,
        default="",
    )


def _uploaded(given: Given, images: Source, asking: bool) -> tuple[Source, str | None]:
    from coralrun.app.survey import init
    from coralrun.spec.model import FolderSource

    def exif() -> str:
        return _answer(
            given.exif, "Places, names and serial numbers in the photos: keep, or strip-private", init.exif_of, asking
        )

    if given.upload_to is None and not (asking and isinstance(images, FolderSource)):
        return images, None
    return _answer(
        given.upload_to,
        "To which CoralNet source are they uploaded, its number or address (Enter: they stay on this computer)",
        lambda answer: init.upload_of(answer, exif, images),
        asking,
        default="",
    )


def _own_source(images: Source) -> str | None:
    """The source whose classifier is meant if no other is named."""
    from coralrun.spec.model import CoralNetSource, FolderSource

    if isinstance(images, CoralNetSource):
        return str(images.source)
    return str(images.upload_to.source) if isinstance(images, FolderSource) and images.upload_to else None


def _answer(
    given: str | None,
    question: str,
    read: Callable[[str], T],
    asking: bool,
    *,
    default: str | None = None,
    missing: CoralrunError | None = None,
) -> T:
    """What an option says, or a person, who is asked again until it can be read; or the default."""
    if given is not None:
        return read(given)
    while asking:
        try:
            return read(str(typer.prompt(question, default=default, err=True)))
        except (UsageError, InvalidInput) as error:
            typer.echo(f"{error.message}\n-> {error.remedy}", err=True)
    if default is None and missing is not None:
        raise missing
    return read(default or "")
