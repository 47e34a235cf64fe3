"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli import completing

SurveyArgument = Annotated[Path, typer.Argument(metavar="SURVEY", help="A survey, as YAML.")]
LastRun = Annotated[
    Path | None,
    typer.Argument(
        metavar="RUN_DIR", help="Default: the run under runs/ that was worked on last.", autocompletion=completing.runs
    ),
]
RunOrLabels = Annotated[
    Path | None,
    typer.Argument(
        metavar="RUN_DIR | LABELS",
        help="Default: the run under runs/ that was worked on last. Or points that people labelled.",
        autocompletion=completing.runs,
    ),
]
SurveyOfLabels = Annotated[
    Path | None,
    typer.Option("--survey", help="Of labels: a survey with their metadata, design and cover; it need say no more."),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N images.")]
Names = Annotated[bool, typer.Option("--names", help="Name all images that differ from the run.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Do not look at photos elsewhere, such as three of each host of a manifest.")
]
Encoding = Annotated[
    str, typer.Option("--encoding", help="Of a table's text: utf-8 (the usual), utf-16, windows-1252, mac-roman.")
]
Sheet = Annotated[str, typer.Option("--sheet", help="The sheet of a workbook; default: its only one.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="NAME=HEADING", help="A column's own heading, such as label=Taxon; may repeat."),
]
LabelledBy = Annotated[
    str,
    typer.Option("--labelled-by", metavar="people", help="Of a table without a column that says who: people did."),
]
