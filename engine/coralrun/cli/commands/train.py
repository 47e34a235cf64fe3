"""`train`: a classifier of one's own, from points that people labelled and their photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import Columns, Encoding, LabelledBy, Sheet
from coralrun.cli.reading import reading_by
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE
from coralrun.values.phrases import typed

if TYPE_CHECKING:
    from coralrun.app.applying.train import TrainOptions

_KEPT: Final = "no classifier was written. What was computed of photos is kept: the same command goes on from there."


def command(
    labels: Annotated[Path, typer.Option("--labels", help="Points that people labelled: a file, a folder, a pattern.")],
    photos: Annotated[Path, typer.Option("--photos", help="The folder of their photos, with those below it.")],
    out: Annotated[Path, typer.Option("--out", help="The folder that becomes the classifier.")],
    site: Annotated[
        list[str] | None, typer.Option("--site", help="Where the photos were taken; once for each site.")
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="By which others may use the classifier.")] = "",
    labelled_by: LabelledBy = "",
    extractor: Annotated[
        Path | None, typer.Option("--extractor", metavar="FILE", help="An ONNX file instead of EfficientNet-Lite0.")
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", help="How it takes crops: coralnet, imagenet or efficientnet-lite.")
    ] = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    columns: Columns = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="What is drawn follows from it.")] = 0,
    as_json: Json = False,
) -> None:
    """Train a classifier of your own, from labelled points and their photos: a folder for `service: local`.

    Example: coralrun train --labels labels.csv --photos photos --labelled-by people --out models/reef
    """

    def go(printer: Printer) -> int:
        from coralrun.app.applying.train import TrainOptions

        options = TrainOptions(
            labels=labels,
            photos=photos,
            out=out,
            sites=tuple(site or ()),
            licence=licence,
            extractor=extractor,
            preset=preset,
            seed=seed,
            reading=reading_by(encoding, sheet, columns),
        )
        return run(options, labelled_by, printer)

    call(as_json, go, begins="reading the labels", left_at_once=_KEPT)


def run(options: TrainOptions, labelled_by: str, printer: Printer) -> int:
    """Train a classifier of your own."""
    from coralrun.app.applying.train import train
    from coralrun.classifiers.extractors import cache_root
    from coralrun.cli.whose_labels import word_of

    found = train(options, word_of(labelled_by, printer), printer, cache_root())
    printer.lines(found.lines())
    printer.lines(how_to_use(options.out))
    printer.document(found.document())
    return EXIT_COMPLETE


def how_to_use(out: Path) -> Iterator[str]:
    """What a survey says: its paths begin where it stands, which is here or somewhere below as a rule."""
    is_here = not out.is_absolute() and ".." not in out.parts
    path, where = (out.as_posix(), "a survey in this folder") if is_here else (out.resolve().as_posix(), "any survey")
    yield f"wrote {out}; {where} uses it as `classifier: {{folder: {path}}}` with `service: local`"
    yield f"to begin one: coralrun init survey.yaml --images FOLDER --classifier {typed(path)}"
    yield f"to leave the photos out that trained it: `filters: {{not_trained_on: {path}}}` of their folder"
