"""Classifiers of one's own: trained from labelled points and their photos, as `coralrun train` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from coralrun.api.arguments import texts
from coralrun.api.in_python import in_python
from coralrun.app.survey.label_files import reading_of
from coralrun.console.notebook import telling
from coralrun.review.whose_labels import Word


@in_python
def train(
    labels: str | Path,
    photos: str | Path,
    out: str | Path,
    *,
    labelled_by: str = "",
    site: str | Sequence[str] = (),
    licence: str = "",
    extractor: str | Path | None = None,
    preset: str = "",
    encoding: str = "",
    sheet: str = "",
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Path:
    """Train a classifier of your own, from points that people labelled and the photos that these are on.

    What it learnt, and what it did not learn from, is printed. Photos are looked at once, so training again takes less.

    Parameters
    ----------
    labels
        A table with name, row, column and label, a file of CPCe, a folder of them, a pattern.
    photos
        The folder of their photos, with those below it.
    out
        The folder that becomes the classifier; it holds nothing yet.
    labelled_by
        `"people"` says who gave the labels of a table without a column that does.
    site
        Where the photos were taken: a site or several, which the classifier tells whoever takes it.
    licence
        By which others may use the classifier.
    extractor
        An ONNX file instead of EfficientNet-Lite0.
    preset
        How such a file takes crops: `"coralnet"`, `"imagenet"` or `"efficientnet-lite"`.
    encoding
        Of a table that is not in UTF-8, as in a survey.
    sheet
        The sheet of a workbook that has several.
    columns
        Columns that have headings of their own, by our names, such as `{"label": "Taxon"}`.
    seed
        What is drawn follows from it.

    Returns
    -------
    Path
        The folder, for `coralrun.plan(..., service="local", classifier={"folder": ...})`.

    Raises
    ------
    UsageError
        Something named is not there, nobody says who gave the labels, or nothing can be learnt; all of it at once.
    InvalidInput
        The table cannot be read.
    DiskError
        The folder cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> Path("photos").mkdir()
    >>> for colour in ("red", "blue"):  # as if these were photos of a reef
    ...     Image.new("RGB", (300, 300), colour).save(f"photos/{colour}.png")
    >>> points = [(f"{colour}.png", at, at, colour) for colour in ("red", "blue") for at in range(5)]
    >>> pd.DataFrame(points, columns=["name", "row", "column", "label"]).to_csv("points.csv", index=False)
    >>> model = coralrun.train("points.csv", "photos", "models/colours", labelled_by="people", site="nowhere")
    colours
      trained on 10 points of 2 photos, ...
      training sites: nowhere
      ...
    >>> sources = [{"folder": "photos"}]
    >>> coralrun.plan(sources=sources, points=4, service="local", classifier={"folder": model}).images["name"].tolist()
    ['blue.png', 'red.png']
    """
    from coralrun.app.applying.train import TrainOptions
    from coralrun.app.applying.train import train as learn
    from coralrun.classifiers.extractors import cache_root

    options = TrainOptions(
        labels=Path(labels),
        photos=Path(photos),
        out=Path(out),
        sites=texts(site),
        licence=licence,
        extractor=None if extractor is None else Path(extractor),
        preset=preset,
        seed=int(seed),
        reading=reading_of(encoding, sheet, columns),
    )
    with telling() as reporter:
        found = learn(options, Word(labelled_by), reporter, cache_root())
        reporter.lines(found.lines())
    return options.out
