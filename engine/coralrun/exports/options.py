"""The options of exports, a line each: the command, Python and the documents have them from here.

Rule: an option that a format does not read is refused, since whoever gives it expects something of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coralrun.errors import UsageError
from coralrun.values.phrases import share_list

if TYPE_CHECKING:
    from coralrun.exports.model import ExportOptions


@dataclass(frozen=True, slots=True)
class Option:
    """An option by its `name` in Python and in `ExportOptions`, with the command's `flag`, the `formats` that read it,
    and `what` it is; `value` is what the command calls its value, "" for a file or none."""

    name: str
    flag: str
    formats: tuple[str, ...]
    what: str
    value: str = ""

    @property
    def help(self) -> str:
        """What the command's help says of it."""
        return f"{', '.join(self.formats)}: {self.what}."


OPTIONS: Final = {
    option.name: option
    for option in (
        Option("by", "--by", ("cover", "matrix"), "sum up by a metadata field; may repeat", "FIELD"),
        Option("fields", "--field", ("mermaid", "gcrmn"), "which metadata fills a column; may repeat", "COLUMN=FIELD"),
        Option("values", "--set", ("mermaid", "gcrmn"), "one value for a column; may repeat", "COLUMN=VALUE"),
        Option("label_display", "--label-display", ("percent-covers",), "what the columns are called", "code|name"),
        Option("groups", "--groups", ("gcrmn",), "the file of label groups, if not the survey's"),
        Option("rates", "--rates", ("carbonate",), "the table of rates"),
        Option("existing", "--existing", ("coralnet-upload",), "CoralNet's export of the annotations there"),
        Option(
            "replace_existing",
            "--replace-existing-annotations",
            ("coralnet-upload",),
            "accept that they are deleted",
        ),
        Option("with_labels", "--labels", ("coralnet-upload",), "with labels, which become training data"),
        Option("unreviewed", "--unreviewed", ("mermaid",), "points that nobody reviewed too"),
    )
}


def check_read(format_name: str, asked: ExportOptions, usual: ExportOptions) -> None:
    """Raise UsageError for an option that is not as `usual` and that the format does not read."""
    for option in OPTIONS.values():
        if format_name not in option.formats and getattr(asked, option.name) != getattr(usual, option.name):
            raise UsageError(
                f"{option.flag} is for {share_list(option.formats)}, and `{format_name}` would not read it",
                remedy=f"Leave it out (in Python {option.name}=).",
            )
