"""`export`: a run as a file that another program reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from coralrun.app.default_run import newest_run
from coralrun.app.export import export as write
from coralrun.app.run_directory import open_run
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.exports.model import CODE, ExportOptions, InputFile
from coralrun.exports.registry import format_named
from coralrun.given import read_given

RUNS = Path("runs")


class GivenOptions(TypedDict, total=False):
    """The fields of `ExportOptions` as the command and Python take them: files by path."""

    by: str | Sequence[str]
    fields: Mapping[str, str]
    values: Mapping[str, object]
    label_display: str
    rates: str | Path | None
    existing: str | Path | None
    replace_existing: bool
    with_labels: bool
    unreviewed: bool


def options_of(**options: Unpack[GivenOptions]) -> ExportOptions:
    """Check the options of an export, and read the files that they name; raises UsageError for what is wrong."""
    unknown = sorted(options.keys() - GivenOptions.__annotations__.keys())
    if unknown:
        raise TypeError(
            f"an export has no option {', '.join(unknown)}; it has {', '.join(GivenOptions.__annotations__)}"
        )
    by = options.get("by", ())
    return ExportOptions(
        by=(by,) if isinstance(by, str) else tuple(by),
        fields=dict(options.get("fields", {})),
        values={column: str(value) for column, value in options.get("values", {}).items()},
        label_display=options.get("label_display", CODE),
        rates=read_input(options.get("rates")),
        existing=read_input(options.get("existing")),
        replace_existing=options.get("replace_existing", False),
        with_labels=options.get("with_labels", False),
        unreviewed=options.get("unreviewed", False),
    )


def export(
    run_dir: Path | None,
    name: str,
    options: ExportOptions,
    printer: Printer,
    *,
    out: Path | None,
    source: str | None,
    partial: bool,
    overwrite: bool,
) -> int:
    """Write a run in a format, and say what must be known of the file."""
    wanted = format_named(name)
    with reaching(RUNS):
        chosen = run_dir or newest_run(RUNS)
    if chosen is None:
        raise UsageError("there is no run under runs/", remedy="Name a run directory, or start with `coralrun apply`.")
    with reaching(chosen):
        opened = open_run(chosen)
    with reaching(out or Path()):
        done = write(opened, wanted, options, out=out, source=source, partial=partial, overwrite=overwrite)
    printer.say(f"{done.path}: {wanted.name} of {opened.layout.root}{' as it stands: PARTIAL' if done.partial else ''}")
    printer.lines(f"  {note}" for note in done.notes)
    printer.document(
        {
            "file": str(done.path),
            "format": wanted.name,
            "run_dir": str(opened.layout.root),
            "partial": done.partial,
            "notes": list(done.notes),
            "left_out": list(done.left_out),
            "left_out_file": str(done.left_out_file) if done.left_out_file is not None else "",
        }
    )
    return EXIT_COMPLETE


def pairs(option: str, words: Sequence[str]) -> dict[str, str]:
    """COLUMN=VALUE words as a mapping; raises UsageError for one that is not of this form."""
    found: dict[str, str] = {}
    for word in words:
        column, equals, value = word.partition("=")
        if not equals or not column.strip():
            raise UsageError(f"{option} {word}: not of the form COLUMN=...", remedy=f"Write {option} COLUMN=...")
        found[column.strip()] = value.strip()
    return found


def read_input(name: str | Path | None) -> InputFile | None:
    """A file that an option names; raises UsageError when it cannot be read."""
    if name is None:
        return None
    path = Path(name)
    with reaching(path):
        return InputFile(path.as_posix(), read_given(path))
