"""The commands that read a run, and their options.

Rule: as in `cli.main`: nothing heavy is imported until a command is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.printer import Printer

LabelledBy = Annotated[
    str,
    typer.Option("--labelled-by", metavar="people", help="Of a table without a column that says who: people did."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program, in the order of its help."""
    for command in (cover, review, accuracy, report, show, export, verify, runs):
        app.command()(command)


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

    call(as_json, lambda printer: run(run_dir, by or [], printer))


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
    seed: Annotated[int, typer.Option("--seed", help="Of the draw; another one draws further images.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Default: NAME-review.csv here.")] = None,
    labelled_by: LabelledBy = "",
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept-labels", metavar="LABEL", help="A label that the run does not know; may repeat."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Have people check a sample of a run: draw it, or `import` what they filled in."""
    from coralrun.cli.commands.review import review as run
    from coralrun.review.drawing import SampleRequest

    request = SampleRequest(sample=sample, by=by, seed=seed, blind=blind, per_image=points)
    call(as_json, lambda printer: run(words, request, to, out, labelled_by, accept or (), printer))


def accuracy(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.")],
    truth: Annotated[Path, typer.Option("--truth", help="Points that people labelled: Name,Row,Column,Label.")],
    allow_in_sample: Annotated[
        bool, typer.Option("--allow-in-sample", help="Also use labels that the classifier was trained on, stamped so.")
    ] = False,
    labelled_by: LabelledBy = "",
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the figures as tables.")] = None,
    as_json: Json = False,
) -> None:
    """Judge a run against labels that people gave: bias of cover first, kappa last."""
    from coralrun.cli.commands.accuracy import accuracy as run

    call(as_json, lambda printer: run(run_dir, truth, allow_in_sample, labelled_by, out, printer))


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

    call(as_json, lambda printer: run(run_dir, out, thumbnails, show_it, printer))


def show(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.")],
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="The name of one of its images.")],
    out: Annotated[Path | None, typer.Option("--out", help="A .jpg or .png; default: in report/ of the run.")] = None,
    as_json: Json = False,
) -> None:
    """Draw the points and labels of one photo on it."""
    from coralrun.cli.commands.report import show as run

    call(as_json, lambda printer: run(run_dir, image, out, printer))


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
    label_display: Annotated[
        str, typer.Option("--label-display", metavar="code|name", help="percent-covers: what the columns are called.")
    ] = "code",
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
    from coralrun.cli.commands.export import options_of, pairs

    def command(printer: Printer) -> int:
        options = options_of(
            by=by or (),
            fields=pairs("--field", fields or ()),
            values=pairs("--set", values or ()),
            label_display=label_display,
            rates=rates,
            existing=existing,
            replace_existing=replace,
            with_labels=labels,
            unreviewed=unreviewed,
        )
        return run(run_dir, format_name, options, printer, out=out, source=source, partial=partial, overwrite=overwrite)

    call(as_json, command)


def verify(
    run_dir: Annotated[
        Path | None, typer.Argument(metavar="RUN_DIR", help="Default: the newest run under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that a run is what it was: every checksum, the accounting, and the tables made once more."""
    from coralrun.cli.commands.verify import verify as run

    call(as_json, lambda printer: run(run_dir, printer))


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

    call(as_json, lambda printer: run(folder, removed, yes, printer))
