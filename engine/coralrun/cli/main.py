"""The commands and their options.

Rule: this module imports nothing heavy, so that `--help` is there at once; what a command does stands in `cli.commands`
and is imported when it is called. The commands that read a run stand in `cli.reading`; how each is called, in
`cli.calling`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from coralrun import __version__
from coralrun.cli import reading
from coralrun.cli.calling import Json, call
from coralrun.cli.printer import Printer, show_what_cannot_be_encoded

app = typer.Typer(
    help="Classify the points of a survey's photographs with CoralNet: every image ends exactly once, accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SurveyArgument = Annotated[Path, typer.Argument(metavar="SURVEY", help="A survey, as YAML.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Do not look at the photos of a manifest, three of each host.")
]
RunDirectory = Annotated[Path | None, typer.Option("--run-dir", help="Where the run's files go.")]


def _version(wanted: bool) -> None:
    if wanted:
        Printer().say(f"coralrun {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def validate(survey: SurveyArgument, as_json: Json = False) -> None:
    """Check a survey, and say everything that is wrong with it at once."""
    from coralrun.cli.commands.validate import validate as run

    call(as_json, lambda printer: run(survey, printer))


@app.command()
def schema() -> None:
    """Print the JSON schema of surveys."""
    from coralrun.cli.commands.validate import schema as run

    call(False, run)


@app.command()
def init(
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
    from coralrun.cli.commands.init import init as run

    call(as_json, lambda printer: run(survey, name, images, classifier, points, count, unit, service, printer))


@app.command()
def doctor(
    survey: Annotated[
        Path | None, typer.Argument(metavar="SURVEY", help="Default: the service and the account alone.")
    ] = None,
    service: Annotated[str | None, typer.Option("--service", help="An address; default: CoralNet's.")] = None,
    as_json: Json = False,
) -> None:
    """Check what a survey needs: credentials, permissions, classifier, free jobs, clock, disk. Each with its remedy."""
    from coralrun.cli.commands.doctor import doctor as run

    call(as_json, lambda printer: run(survey, service, printer))


@app.command()
def plan(
    survey: SurveyArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Save the plan, for `coralrun apply FILE`.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N images.")] = None,
    offline: Offline = False,
    as_json: Json = False,
) -> None:
    """Say what a survey would do, before anything is done."""
    from coralrun.cli.commands.plan import plan as run

    call(as_json, lambda printer: run(survey, out, limit, offline, printer))


@app.command()
def points(
    survey: SurveyArgument,
    out: Annotated[Path, typer.Option("--out", help="The folder that the tables are written to.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N images.")] = None,
    preview: Annotated[int, typer.Option("--preview", min=0, metavar="N", help="Draw N of the photos.")] = 0,
    measure: Annotated[
        bool, typer.Option("--measure", help="Read the size of every image, also where a manifest gives it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write where the points of a survey lie, before anything is classified."""
    from coralrun.cli.commands.points import points as run

    call(as_json, lambda printer: run(survey, out, limit, preview, measure, printer))


@app.command()
def apply(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY|PLAN", help="A survey, or a plan saved by `plan --out`.")],
    run_dir: RunDirectory = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Try out the first N images, in a run of its own.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    offline: Offline = False,
    as_json: Json = False,
) -> None:
    """Carry out a survey, or go on with it where it was left."""
    from coralrun.cli.commands.carry import apply as run

    call(as_json, lambda printer: run(survey, run_dir, limit, yes, offline, printer))


@app.command()
def resume(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest unfinished run under runs/.")
    ] = None,
    only_copy: Annotated[
        bool, typer.Option("--only-copy", help="Go on although another copy of the run was carried on: it is lost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Go on with a run that was interrupted, paused, or killed."""
    from coralrun.cli.commands.carry import resume as run

    call(as_json, lambda printer: run(run_dir, printer, only_copy=only_copy))


@app.command()
def status(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how a run stands; also while it is going on."""
    from coralrun.cli.commands.status import status as run

    call(as_json, lambda printer: run(run_dir, printer))


reading.register(app)


@app.command()
def emulator(
    images: Annotated[
        Path | None, typer.Option("--images", help="A folder of your own photos; default: a demo reef.")
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option("--annotations", help="Their points: Name,Row,Column,Label.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 0,
    seconds_per_image: Annotated[float, typer.Option("--seconds-per-image", min=0.0)] = 0.2,
    url_lifetime: Annotated[
        float, typer.Option("--url-lifetime", min=1.0, metavar="S", help="Life of an image's URL.")
    ] = 3600.0,
    max_active: Annotated[int, typer.Option("--max-active", min=0, help="Active jobs an account.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Of the demo reef and the classifier.")] = 0,
) -> None:
    """Serve a CoralNet on this machine, to rehearse with: a demo reef, or your own photos."""
    from coralrun.cli.commands.emulator import emulator as run

    call(
        False,
        lambda printer: run(images, annotations, port, seconds_per_image, url_lifetime, max_active, seed, printer),
    )


def main() -> NoReturn:
    """The console script."""
    show_what_cannot_be_encoded()
    app()
    sys.exit(0)
