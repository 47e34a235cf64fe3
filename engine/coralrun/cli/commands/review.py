"""`review`: hand out what people are to look at, and take back what they said."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from coralrun.app import review as reviews
from coralrun.app import review_import
from coralrun.app.corrected_cover import correction_by_label_if_need_be
from coralrun.app.review import Drawing, Wish
from coralrun.app.review_import import Taken
from coralrun.app.run_directory import OpenRun, open_run
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.cli.whose_labels import word_of
from coralrun.clock import SystemClock
from coralrun.errors import EXIT_COMPLETE, EXIT_ROWS_HELD_BACK, UsageError
from coralrun.phrases import count
from coralrun.review.reviewed import FileOutcome, Held, ReviewedPoint, Reviews
from coralrun.review.whose_labels import OPTION
from coralrun.store.files import Disk
from coralrun.written import Table

IMPORT = "import"
FORMATS = ("csv", "html")
_SHOWN = 20


def review(
    words: Sequence[str],
    wish: Wish,
    to: str,
    out: Path | None,
    labelled_by: str,
    accept: Sequence[str],
    printer: Printer,
) -> int:
    """Draw a review of a run, or with `import` as the first word take one back."""
    if words and words[0] == IMPORT:
        if len(words) != 3:
            raise UsageError(
                "`coralrun review import` needs a run and a file", remedy="coralrun review import RUN FILE"
            )
        return _take(Path(words[1]), Path(words[2]), labelled_by, accept, printer)
    if labelled_by or accept:
        raise UsageError("--labelled-by and --accept-labels are for `coralrun review import`")
    if len(words) != 1:
        raise UsageError("`coralrun review` needs one run", remedy="Write: coralrun review RUN --sample 5%")
    return _draw(Path(words[0]), wish, to, out, printer)


def _draw(directory: Path, wish: Wish, to: str, out: Path | None, printer: Printer) -> int:
    if to not in FORMATS:
        raise UsageError(f"--to {to}: not a format of reviews", remedy=f"Choose one of: {', '.join(FORMATS)}.")
    if not wish.sample:
        raise UsageError("how much is to be reviewed?", remedy="Say --sample 5%, or --sample 60 for 60 images.")
    with reaching(directory):
        opened = open_run(directory)
    target = out or Path(f"{opened.identity.name}-review.{to}")
    with reaching(target):
        if target.exists():
            raise UsageError(
                f"{target}: there already; a review that somebody filled in is never written over",
                remedy="Choose another file with --out.",
            )
        if not target.absolute().parent.is_dir():
            raise UsageError(f"{target.parent}: no such folder", remedy="Choose another file with --out.")
    drawing = reviews.draw(opened, wish, SystemClock())
    if to == "html":
        from coralrun.app.review_page import page  # with Pillow and the templates, which a table does not need
        from coralrun.cli.commands.report import fetching

        with fetching(opened, printer) as fetch:
            Disk().replace_from(
                target, page(opened, drawing.drawn, drawing.number, blind=wish.blind, out=target, fetch=fetch)
            )
    else:
        Disk().replace(target, drawing.table)
    printer.lines(_drawn_lines(opened, wish, drawing, target, to))
    printer.document(
        {
            "draw": drawing.number,
            "again": drawing.is_again,
            "earlier_audit_images": drawing.earlier_images,
            "file": str(target),
            "audit_images": drawing.audit_images,
            "audit_points": drawing.audit_points,
            "triage_points": drawing.triage_points,
            "unit": drawing.unit,
            "without_unit": list(drawing.without_unit),
        }
    )
    return EXIT_COMPLETE


def _drawn_lines(opened: OpenRun, wish: Wish, drawing: Drawing, target: Path, to: str) -> Iterator[str]:
    yield f"{target}: review {drawing.number} of {opened.layout.root}, seed {wish.seed}"
    if drawing.is_again:
        yield "  handed out before: the wish is the same. For further images, give another --seed"
    yield (
        f"  audit   {drawing.audit_points:,} points on {drawing.audit_images:,} images, drawn at random: "
        "these may correct cover"
    )
    if drawing.earlier_images:
        earlier = f"{drawing.earlier_images:,} image{'s' if drawing.earlier_images > 1 else ''}"
        yield f"          one audit with the {earlier} of earlier reviews"
    yield (
        f"  triage  {drawing.triage_points:,} points that the machine is least sure of: these correct themselves alone"
    )
    if not drawing.unit:
        yield "  warning: the survey names no `design: {unit: ...}`, so an audit gives no interval"
    if drawing.without_unit:
        yield f"  {len(drawing.without_unit):,} images have no unit or stratum and cannot be drawn"
    do = "fill in `label_code`" if to == "csv" else "open it, label the points, save the table"
    yield f"  {do}, then: coralrun review import {opened.layout.root} {target.with_suffix('.csv')}"


def _take(directory: Path, file: Path, labelled_by: str, accept: Sequence[str], printer: Printer) -> int:
    with reaching(directory):
        opened = open_run(directory)
    taken = review_import.take(opened, file, SystemClock(), word=word_of(labelled_by, printer), accept=accept)
    outcome, found = taken.outcome, taken.reviews
    printer.lines(_taken_lines(opened, taken))
    printer.lines(_corrected_lines(opened, found))
    printer.lines(_held_lines(directory, file, outcome.held))
    printer.document(
        {
            "import": outcome.number,
            "rows": outcome.rows,
            "labelled": outcome.labelled,
            "empty": outcome.empty,
            "machines": outcome.machines,
            "unsaid": outcome.unsaid,
            "taken_as_peoples": taken.said,
            "held_back": [
                {
                    "line": held.row.line,
                    "name": held.row.name,
                    "label": held.code,
                    "meant": held.meant,
                    "label_of_id": held.other,
                }
                for held in outcome.held
            ],
            "unmatched": [
                {
                    "line": each.human.line,
                    "name": each.human.name,
                    "row": each.human.row,
                    "column": each.human.column,
                    "why": each.why,
                }
                for each in outcome.unmatched
            ],
            "names": list(outcome.names),
            "reviewed_points": len(found.points),
            "audited_images": found.audited_images,
            "audited_points": len(found.audited),
            "audited_agree": _agreed(found.audited),
            "audit_left": found.audit_left,
            "audit_waiting": found.waiting,
            "changed": found.changed,
            "accepted_labels": _accepted(found),
        }
    )
    return EXIT_ROWS_HELD_BACK if outcome.held else EXIT_COMPLETE


def _taken_lines(opened: OpenRun, taken: Taken) -> Iterator[str]:
    outcome, found = taken.outcome, taken.reviews
    held = f", {len(outcome.held):,} HELD BACK: see below" if outcome.held else ""
    yield f"{opened.layout.root}: import {outcome.number}: {outcome.labelled:,} of {outcome.rows:,} rows taken{held}"
    if taken.said:
        yield f"  {taken.said}"
    yield from _left_lines(outcome)
    yield from _standing_lines(found)


def _left_lines(outcome: FileOutcome) -> Iterator[str]:
    """What is not taken of a file, and is no mistake in a label."""
    yield f"  without a label yet: {outcome.empty:,}"
    if outcome.machines:
        yield f"  labelled by a machine, and no review: {outcome.machines:,}"
    if outcome.unsaid:
        yield f"  of which nobody says who labelled them: {outcome.unsaid:,} ({OPTION}, if people did)"
    yield f"  not matched: {len(outcome.unmatched):,}"
    for each in outcome.unmatched[:_SHOWN]:
        yield (
            f"    line {each.human.line}: {each.human.name}, row {each.human.row}, column {each.human.column}: "
            f"{each.why}"
        )
    if len(outcome.unmatched) > _SHOWN:
        yield f"    and {len(outcome.unmatched) - _SHOWN:,} more"
    yield from (f"  names: {line}" for line in outcome.names)


def _standing_lines(found: Reviews) -> Iterator[str]:
    """How the reviews of the run stand, this file among them."""
    if found.changed:
        yield f"  labelled otherwise before, and the newest label counts: {found.changed:,}"
    accepted = _accepted(found)
    if accepted:
        named = ", ".join(f"`{code}` ({count:,})" for code, count in list(accepted.items())[:_SHOWN])
        yield f"  accepted, though the classifier never gave them: {named}"
    yield f"  reviewed in all: {len(found.points):,} points"
    audited, others = found.audited, found.others
    agreed = ""
    if audited:
        agreed = f"; person and machine agree on {_agreed(audited):,} of {len(audited):,} points"
    yield f"  audit: {found.audited_images:,} images reviewed, {found.audit_left:,} points left{agreed}"
    if found.waiting:
        yield f"  a later draw waits for its first label, and takes no part yet: {found.waiting:,} points"
    if others:
        yield (
            f"  triage and others: {len(others):,} points, {len(others) - _agreed(others):,} with another label now; "
            "no figure of accuracy"
        )


def _held_lines(directory: Path, file: Path, held: Sequence[Held]) -> Iterator[str]:
    """The rows whose label the run does not know, and what to do about them; last, where nobody overlooks it."""
    if not held:
        return
    yield f"  HELD BACK, for the run does not know their labels: {count(len(held), 'row')}"
    for row in held[:_SHOWN]:
        meant = f": did you mean `{row.meant}`?" if row.meant else ""
        meant = f", but its label id is `{row.other}`" if row.other else meant
        yield f"    {file}:{row.row.line}: {row.row.name}: `{row.code}`{meant}"
    if len(held) > _SHOWN:
        yield f"    and {len(held) - _SHOWN:,} more"
    codes = list(dict.fromkeys(row.code for row in held if not row.other))[:_SHOWN]
    options = " ".join(f"--accept-labels {shlex.quote(code)}" for code in codes)
    yield "  Correct them and import the corrected file." + (" Or, if these are labels:" if codes else "")
    if codes:
        yield f"  coralrun review import {directory} {file} {options}"


def _accepted(found: Reviews) -> dict[str, int]:
    """People's labels that have no id in this run, with the number of their points."""
    return dict(sorted(Counter(each.human.code for each in found.points if each.human.id is None).items()))


def _agreed(points: Iterable[ReviewedPoint]) -> int:
    return sum(each.agrees for each in points)


def _corrected_lines(opened: OpenRun, found: Reviews) -> Iterator[str]:
    """The corrected cover of the survey, by the coarsest classes that there are, and where the tables stand."""
    if not opened.state.finished_at:
        return
    from coralrun.accuracy.corrected import warnings_of

    frame = correction_by_label_if_need_be(opened, found)
    if frame.empty:
        yield "  no point of an audit is reviewed: cover stays as the machine has it"
    else:
        groupings = list(dict.fromkeys(frame["grouping"]))
        chosen = groupings[min(1, len(groupings) - 1)]  # labels come first, then the levels of the groups
        rows = frame[(frame["grouping"] == chosen) & (frame["stratum"] == "")].to_dict("records")
        yield f"  cover by {chosen}, machine and corrected (95 % interval)"
        for row in sorted(rows, key=lambda row: -float(row["cover_machine"])):
            limits = "" if row["lo"] != row["lo"] else f"  ({row['lo']:.1f} to {row['hi']:.1f})"
            yield f"    {row['group']:<24} {row['cover_machine']:5.1f} %  {row['cover_corrected']:5.1f} %{limits}"
        yield from (f"  warning: {warning}" for warning in warnings_of(rows))
        for why in dict.fromkeys(str(row["method"]) for row in rows if row["lo"] != row["lo"]):
            yield f"  {why}"
    written = [Table.REVIEWED] if frame.empty else [Table.REVIEWED, Table.COVER_CORRECTED]
    yield from (f"  wrote {opened.layout.outputs / table.file}" for table in written)
