"""The commands and their options.

Rule: this module imports nothing heavy, so that `--help` is there at once; what a command does stands in `cli.commands`
and is imported when it is called. Every error of the tree ends here, as its message, its remedy and its exit code.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from coralrun import __version__
from coralrun.cli.printer import Printer, show_what_cannot_be_encoded
from coralrun.errors import EXIT_INTERRUPTED, CoralrunError

app = typer.Typer(
    help="Classify the points of a survey's photographs with CoralNet: every image ends exactly once, accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
SurveyArgument = Annotated[Path, typer.Argument(metavar="SURVEY", help="A survey, as YAML.")]
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
    from coralrun.cli.commands.check import validate as run

    _run(as_json, lambda printer: run(survey, printer))


@app.command()
def schema() -> None:
    """Print the JSON schema of surveys."""
    from coralrun.cli.commands.check import schema as run

    _run(False, run)


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
    from coralrun.cli.commands.begin import init as run

    _run(as_json, lambda printer: run(survey, name, images, classifier, points, count, unit, service, printer))


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

    _run(as_json, lambda printer: run(survey, service, printer))


@app.command()
def plan(
    survey: SurveyArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Save the plan, for `coralrun apply FILE`.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N images.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a survey would do, before anything is done."""
    from coralrun.cli.commands.carry import plan as run

    _run(as_json, lambda printer: run(survey, out, limit, printer))


@app.command()
def points(
    survey: SurveyArgument,
    out: Annotated[Path, typer.Option("--out", help="The folder that the tables are written to.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N images.")] = None,
    as_json: Json = False,
) -> None:
    """Write where the points of a survey lie, before anything is classified."""
    from coralrun.cli.commands.lay import points as run

    _run(as_json, lambda printer: run(survey, out, limit, printer))


@app.command()
def apply(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY|PLAN", help="A survey, or a plan saved by `plan --out`.")],
    run_dir: RunDirectory = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Try out the first N images, in a run of its own.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    as_json: Json = False,
) -> None:
    """Carry out a survey, or go on with it where it was left."""
    from coralrun.cli.commands.carry import apply as run

    _run(as_json, lambda printer: run(survey, run_dir, limit, yes, printer))


@app.command()
def resume(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest unfinished run under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that was interrupted, paused, or killed."""
    from coralrun.cli.commands.carry import resume as run

    _run(as_json, lambda printer: run(run_dir, printer))


@app.command()
def status(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how a run stands; also while it is going on."""
    from coralrun.cli.commands.look import status as run

    _run(as_json, lambda printer: run(run_dir, printer))


@app.command()
def cover(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="FIELD", help="For each value of a metadata field; may repeat.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what share of the reef each label and group has, and how certain that is."""
    from coralrun.cli.commands.cover import cover as run

    _run(as_json, lambda printer: run(run_dir, by or [], printer))


@app.command()
def review(
    words: Annotated[
        list[str], typer.Argument(metavar="RUN | import RUN FILE", help="A run to review; or `import`, a run, a file.")
    ],
    sample: Annotated[str, typer.Option("--sample", help="How much: `5%`, or a number of images.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="FIELD", help="Spread the audit over a metadata field.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="Do not show what the machine said.")] = False,
    to: Annotated[str, typer.Option("--to", help="csv or html.")] = "csv",
    points: Annotated[
        int | None, typer.Option("--points", min=1, help="At most N points of each audited image; default: all.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Default: NAME-review.csv here.")] = None,
    as_json: Json = False,
) -> None:
    """Have people check a sample of a run: draw it, or `import` what they filled in."""
    from coralrun.app.reviews import Wish
    from coralrun.cli.commands.review import review as run

    wish = Wish(sample=sample, by=by, seed=seed, blind=blind, per_image=points)
    _run(as_json, lambda printer: run(words, wish, to, out, printer))


@app.command()
def accuracy(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.")],
    truth: Annotated[Path, typer.Option("--truth", help="Points that people labelled: Name,Row,Column,Label.")],
    allow_in_sample: Annotated[
        bool, typer.Option("--allow-in-sample", help="Also use labels that the classifier was trained on, stamped so.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the figures as tables.")] = None,
    as_json: Json = False,
) -> None:
    """Judge a run against labels that people gave: bias of cover first, kappa last."""
    from coralrun.cli.commands.judge import accuracy as run

    _run(as_json, lambda printer: run(run_dir, truth, allow_in_sample, out, printer))


@app.command()
def report(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="Default: the newest run under runs/.")
    ] = None,
    show_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Default: report/index.html of the run.")] = None,
    thumbnails: Annotated[
        int | None,
        typer.Option("--thumbnails", min=0, max=200, help="Fetch and show N photos; default: as the survey says."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a run's report: its answer, as one HTML file that opens without a network."""
    from coralrun.cli.commands.report import report as run

    _run(as_json, lambda printer: run(run_dir, out, thumbnails, show_it, printer))


@app.command()
def show(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.")],
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="The name of one of its images.")],
    out: Annotated[Path | None, typer.Option("--out", help="A .jpg or .png; default: in report/ of the run.")] = None,
    as_json: Json = False,
) -> None:
    """Draw the points and labels of one photo on it."""
    from coralrun.cli.commands.report import show as run

    _run(as_json, lambda printer: run(run_dir, image, out, printer))


@app.command()
def export(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    format_name: Annotated[str, typer.Option("--format", help="Which format; without it they are listed.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where to; default: NAME-FORMAT.csv here.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="What is there so far of a run that goes on.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over what is there.")] = False,
    source: Annotated[str | None, typer.Option("--source", help="One source alone, such as coralnet:1.")] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help="cover, matrix: metadata fields to sum up by.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--field", metavar="COLUMN=FIELD", help="Which metadata fills a column.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="COLUMN=VALUE", help="gcrmn, mermaid: one value for a column.")
    ] = None,
    rates: Annotated[Path | None, typer.Option("--rates", help="carbonate: the table of rates.")] = None,
    existing: Annotated[
        Path | None, typer.Option("--existing", help="coralnet-upload: CoralNet's export of the annotations there.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace-existing-annotations", help="coralnet-upload: accept that they are deleted.")
    ] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="coralnet-upload: with labels, which become training data.")
    ] = False,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="mermaid: points that nobody reviewed too.")] = False,
    as_json: Json = False,
) -> None:
    """Write a run as a file that another program reads: CoralNet, MERMAID, GCRMN, vegan and others."""
    from coralrun.cli.commands.export import export as run
    from coralrun.cli.commands.export import pairs, read_input
    from coralrun.results.exports.model import Wishes

    def command(printer: Printer) -> int:
        wishes = Wishes(
            by=tuple(by or ()),
            fields=pairs("--field", fields or ()),
            values=pairs("--set", values or ()),
            rates=read_input(rates),
            existing=read_input(existing),
            replace_existing=replace,
            with_labels=labels,
            unreviewed=unreviewed,
        )
        return run(run_dir, format_name, wishes, printer, out=out, source=source, partial=partial, overwrite=overwrite)

    _run(as_json, command)


@app.command()
def verify(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that a run is what it was: every checksum, the accounting, and the tables made once more."""
    from coralrun.cli.commands.verify import verify as run

    _run(as_json, lambda printer: run(run_dir, printer))


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the runs are.")] = Path("runs"),
    removed: Annotated[
        Path | None, typer.Option("--remove", metavar="RUN_DIR", help="Delete a finished run instead.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting.")] = False,
    as_json: Json = False,
) -> None:
    """List the runs of a folder, or delete a finished one."""
    from coralrun.cli.commands.runs import runs as run

    _run(as_json, lambda printer: run(folder, removed, yes, printer))


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
    faults: Annotated[bool, typer.Option("--faults", hidden=True)] = False,
) -> None:
    """Serve a CoralNet on this machine, to rehearse with: a demo reef, or your own photos."""
    from coralrun.cli.commands.serve import emulator as run

    _run(
        False,
        lambda printer: run(
            images, annotations, port, seconds_per_image, url_lifetime, max_active, seed, faults, printer
        ),
    )


def main() -> NoReturn:
    """The console script."""
    show_what_cannot_be_encoded()
    app()
    sys.exit(0)


def _run(as_json: bool, command: Callable[[Printer], int]) -> NoReturn:
    """Run a command; it returns its exit code."""
    printer = Printer(as_json)
    try:
        code = command(printer)
    except CoralrunError as error:
        printer.error(error)
        code = error.exit_code
    except typer.Abort:  # Ctrl-C at a question: all questions are asked before a run is made
        printer.interrupted("nothing had been started.")
        code = EXIT_INTERRUPTED
    except (KeyboardInterrupt, BrokenPipeError):  # the pipe of a question; the printer sees to its own
        printer.interrupted("a run that had begun goes on with `coralrun resume`.")
        code = EXIT_INTERRUPTED
    except Exception as error:  # a program that called waits for its document
        defect = CoralrunError(f"a defect in coralrun: {type(error).__name__}: {error}")
        printer.error(defect, traceback.format_exc())
        code = defect.exit_code
    raise typer.Exit(code)
