"""The formats that a run can be exported to.

Rule: this module imports none of them, so that naming the formats costs nothing. A format is a module with `make` and
`TABLE`, and a line here. A format that goes into a database of others is never made from a part of a run
(`whole_runs_only`). What stands among the tables of a run needs nothing that a person would have to say when it is
made, for the end of a run is no time to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, cast

from coralrun.errors import UsageError
from coralrun.spec.suggest import suggestion

if TYPE_CHECKING:
    from coralrun.exports.model import Export, ExportOptions, FolderExport, Results
    from coralrun.files.written import Csv


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `folder`: it is many files. `by_source`: it can be made from the images of one source.

    `output`: where it stands under `outputs` when a survey asks for it there; "" for one that needs more than a survey
    says. `suffix`: how the name of its file ends. `is_table`: it is one of the run's own tables, which are written
    whether it is asked for or not.
    """

    name: str
    summary: str
    folder: bool = False
    whole_runs_only: bool = False
    by_source: bool = True
    output: str = ""
    is_table: bool = False
    suffix: str = ".csv"

    def make(self, results: Results, options: ExportOptions) -> Export | FolderExport:
        """Make the export; raises UsageError for what the format cannot do without."""
        return cast("Callable[[Results, ExportOptions], Export | FolderExport]", self._module.make)(results, options)

    @property
    def ending(self) -> str:
        """How the name of what is written ends if nobody names it: a suffix that says the format says it alone."""
        if self.folder:
            return f"-{self.name}"
        return self.suffix if self.suffix == f".{self.name}" else f"-{self.name}{self.suffix}"

    @property
    def is_csv(self) -> bool:
        """Whether it is written by a table of comma-separated values."""
        return self.suffix == ".csv"

    @property
    def table(self) -> Csv:
        """The table that it is written by, where it is one of comma-separated values."""
        return cast("Csv", self._module.TABLE)

    @property
    def _module(self) -> ModuleType:
        return import_module(f"coralrun.exports.{self.name.replace('-', '_')}")


FORMATS = (
    Format("predictions", "the predictions, as in the run's own table"),
    Format(
        "coralnet-annotations",
        "CoralNet's export of annotations, for all that reads it",
        output="coralnet-annotations.csv",
    ),
    Format(
        "percent-covers",
        "CoralNet's export of percent covers, with ALL IMAGES",
        by_source=False,
        output="percent-covers.csv",
    ),
    Format(
        "cover",
        "cover by design unit and group, one row for each",
        by_source=False,
        output="cover_units.csv",
        is_table=True,
    ),
    Format("xlsx", "a workbook for Excel: cover, units, images, failures, notes", by_source=False, suffix=".xlsx"),
    Format("matrix", "a table of unit by label, for vegan and its like", by_source=False, output="matrix.csv"),
    Format("coralnet-upload", "points for CoralNet's upload form", whole_runs_only=True),
    Format("mermaid", "for MERMAID's import of CoralNet annotations", whole_runs_only=True),
    Format("gcrmn", "GCRMN's 27 columns, with its checks", whole_runs_only=True, by_source=False),
    Format("carbonate", "carbonate production by image, from a table of rates", by_source=False),
    Format("notebook", "a CSV an image, as the older notebook wrote them", folder=True, output="notebook"),
)

_OTHER_NAMES: Final = {
    "excel": "xlsx",
    "xls": "xlsx",
    "vegan": "matrix",
    "csv": "predictions",
    "parquet": "predictions",
}
"""What people call a format who think of a program, or of how its files end."""


def format_named(name: str, out: Path | None = None) -> Format:
    """A format by its name; without one, that which alone has the ending of the file `out`.

    Raises UsageError with all of them, and with the one that may be meant first.
    """
    if not name and out is not None:
        of_ending = [format_ for format_ in FORMATS if format_.suffix == out.suffix.lower()]
        if len(of_ending) == 1:
            return of_ending[0]
    for format_ in FORMATS:
        if format_.name == name:
            return format_
    near = _OTHER_NAMES.get(name.lower()) or suggestion(name, [format_.name for format_ in FORMATS])
    meant = f": did you mean `{near}`?" if near else ""
    known = "\n".join(f"  {format_.name:<22}{format_.summary}" for format_ in FORMATS)
    raise UsageError(
        f"`{name}` is no format of exports{meant}" if name else "which format?",
        remedy=f"Say --format and one of:\n{known}",
    )
