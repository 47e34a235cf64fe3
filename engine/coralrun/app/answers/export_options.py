"""The options of an export as a command and Python take them, with files by path.

Rule: nothing heavy is loaded before an option is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

if TYPE_CHECKING:
    from coralrun.exports.model import ExportOptions, InputFile
    from coralrun.spec.groups import LabelGroups


class GivenOptions(TypedDict, total=False):
    """The fields of `ExportOptions` as the command and Python take them: files by path."""

    by: str | Sequence[str]
    fields: Mapping[str, str]
    values: Mapping[str, object]
    label_display: str
    groups: str | Path | None
    rates: str | Path | None
    existing: str | Path | None
    replace_existing: bool
    with_labels: bool
    unreviewed: bool


def options_of(**options: Unpack[GivenOptions]) -> ExportOptions:
    """Check the options of an export, and read the files that they name; raises UsageError for what is wrong."""
    from coralrun.exports.model import CODE, ExportOptions

    by = options.get("by", ())
    return ExportOptions(
        by=(by,) if isinstance(by, str) else tuple(by),
        fields=dict(options.get("fields", {})),
        values={column: str(value) for column, value in options.get("values", {}).items()},
        label_display=options.get("label_display", CODE),
        groups=_groups(options.get("groups")),
        rates=read_input(options.get("rates")),
        existing=read_input(options.get("existing")),
        replace_existing=options.get("replace_existing", False),
        with_labels=options.get("with_labels", False),
        unreviewed=options.get("unreviewed", False),
    )


def _groups(name: str | Path | None) -> LabelGroups | None:
    """The label groups of a file; raises UsageError where it cannot be read, InvalidInput where it is wrong."""
    given = read_input(name)
    if given is None:
        return None
    from coralrun.app.survey.analysis import groups_in

    return groups_in(given.label, given.data)


def read_input(name: str | Path | None) -> InputFile | None:
    """A file that an option names; raises UsageError when it cannot be read."""
    from coralrun.app.run.paths import reaching
    from coralrun.exports.model import InputFile
    from coralrun.files.given import read_given

    if name is None:
        return None
    path = Path(name)
    with reaching(path):
        return InputFile(path.as_posix(), read_given(path))
