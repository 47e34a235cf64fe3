"""How far the machine is from people, as it shows itself in Python and notebooks: as `coralrun accuracy` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coralrun.accuracy.judgement import JudgedBeside, Judgement, beside_table, tables
from coralrun.accuracy.text import beside_lines, judgement_lines
from coralrun.console.as_calls import as_calls
from coralrun.console.notebook import as_html
from coralrun.files.written import Table

if TYPE_CHECKING:
    import pandas as pd


_WHERE: Final = {
    "(all of them: --out, --json)": "(all of them: `units`)",
    "(each image: --out, --json)": "(each image: `images`)",
    "(the whole matrix: --out, --json)": "(the whole matrix: `confusion`)",
    "(the whole matrix: --json)": "(the whole matrix: coralrun accuracy --json)",
}
"""Where the command says that the rest of something is, and where it is here."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Accuracy:
    """The machine judged by people's labels: a table each, and `text`, which is what is shown.

    `cover` is the bias, `units` the same at each design unit, `points` recall and precision by class, `confusion` which
    class is taken for which, `images` which of them may have trained the classifier. `beside` compares two classifiers,
    None where one run alone was judged.

    What is estimated is a share from 0 to 1, as in the tables of the command, and not in percent as `run.cover()` is:
    cover, bias, difference, agreement, recall, precision and `share`, with `se`, `lo` and `hi`; a bias of 0.05 is 5
    percentage points. `points`, `units`, `judged`, and the `people`, `machine` and `both` of `points` are counts. In
    `beside`, `people`, `run` and `other` are shares. `text` says all of it in percent.
    """

    cover: pd.DataFrame
    units: pd.DataFrame
    points: pd.DataFrame
    confusion: pd.DataFrame
    images: pd.DataFrame
    beside: pd.DataFrame | None
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return as_html(self.text)


def judged(run: str, found: Judgement, compared: JudgedBeside | None) -> Accuracy:
    """What is shown of a run that was judged."""
    import pandas as pd

    made = (*tables(found), *(() if compared is None else (beside_table(compared),)))
    frames = {table: pd.DataFrame(rows, columns=list(columns)) for table, columns, rows in made}
    return Accuracy(
        cover=frames[Table.ACCURACY_COVER],
        units=frames[Table.ACCURACY_UNITS],
        points=frames[Table.ACCURACY_POINTS],
        confusion=frames[Table.ACCURACY_CONFUSION],
        images=frames[Table.ACCURACY_IMAGES],
        beside=frames.get(Table.ACCURACY_BESIDE),
        text="\n".join(_in_python(line) for line in _lines(run, found, compared)),
    )


def _in_python(line: str) -> str:
    for said, here in _WHERE.items():
        line = line.replace(said, here)
    return as_calls(line)


def _lines(run: str, found: Judgement, compared: JudgedBeside | None) -> Iterator[str]:
    yield from judgement_lines(run, found)
    if compared is not None:
        yield ""
        yield from beside_lines(compared)
