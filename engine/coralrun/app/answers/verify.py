"""Whether a run is what it was: every checksum, the loss accounting, and the tables made once more.

Rule: nothing of the run is changed. Everything that is wrong is found and named, not the first alone. What is not wrong
but worth knowing (other software than that which wrote the tables) is a note. The journal, the snapshot and `run.json`
check themselves when a run is opened: what they find ends the verification, for nothing else can be said without them.

A file that the program ships and puts beside the tables is of the program, not of the run: it is what it was if its
checksum says so, and that a later coralrun ships another one is no damage. So it is with the words of the notes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.app.answers.kept_reviews import load
from coralrun.app.answers.outputs import write_outputs
from coralrun.app.answers.provenance import crate_of, sha256_of, software
from coralrun.app.run.run_directory import LAST_TABLE, OpenRun, tables_stand
from coralrun.cover.tables import NOTES, R_SCRIPT
from coralrun.errors import CoralrunError, RunDamaged
from coralrun.provenance.crate import Stated, read_crate
from coralrun.results import tables
from coralrun.results.tables import Account, account_of
from coralrun.store import plans
from coralrun.values.phrases import typed

_PARQUET = ".parquet"
_PROGRAM = "coralrun"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What a verification found. `files` counts those whose bytes were compared with a checksum or made once more."""

    finished: bool
    account: Account
    replies: int
    files: int
    rebuilt: int
    damage: tuple[str, ...]
    notes: tuple[str, ...]


def verify(opened: OpenRun) -> Verified:
    """Check a run, changing nothing; a run that goes on is checked as far as it is."""
    damage: list[str] = []
    notes: list[str] = []
    account = account_of(opened.plan, opened.plan_state)
    finished = bool(opened.state.finished_at)
    if finished and not account.balances:
        damage.append(f"{opened.layout.root}: the points do not add up: {account}")
    _check_plans(opened, damage)
    replies = _check_replies(opened, damage)
    _check_reviews(opened, damage)
    files = rebuilt = 0
    if not finished:
        notes.append("the run is not finished: it has no tables yet")
    elif not opened.plan.classifies:
        notes.append("photos were uploaded alone: there are no predictions to check")
    elif not tables_stand(opened.layout):
        notes.append(f"the tables are not written yet: coralrun resume {typed(opened.layout.root)} writes them")
    else:
        stated = _stated(opened, damage)
        files = _check_files(opened, stated, damage)
        rebuilt = _check_rebuilt(opened, stated, damage, notes) if not damage else 0
    return Verified(
        finished=finished,
        account=account,
        replies=replies,
        files=files,
        rebuilt=rebuilt,
        damage=tuple(damage),
        notes=tuple(notes),
    )


def _check_plans(opened: OpenRun, damage: list[str]) -> None:
    """Read every plan that the run has had; the digest that committed each is in the facts."""
    try:
        plans.check(opened.layout, opened.disk, opened.state)
    except RunDamaged as error:
        damage.append(error.message)


def _check_replies(opened: OpenRun, damage: list[str]) -> int:
    """Read every stored result, with its reply and its points; returns how many are sound."""
    blobs, sound = opened.blobs, 0
    for job in opened.state.closed:
        if not job.sha256:
            continue
        try:
            result = blobs.read(job.batch, job.attempt, job.sha256)
            blobs.reply(job.batch, job.attempt, result)
            blobs.check_points(job.batch, job.attempt, job.sha256, result)
        except RunDamaged as error:
            damage.append(error.message)
        else:
            sound += 1
    return sound


def _check_reviews(opened: OpenRun, damage: list[str]) -> None:
    """Read what was drawn for people and what they handed in; the index has their checksums."""
    try:
        load(opened)
        for undone in opened.reviews.index().undone:
            opened.reviews.drawn(undone.draw)
    except CoralrunError as error:
        damage.append(error.message)


def _stated(opened: OpenRun, damage: list[str]) -> Stated:
    try:
        return read_crate(opened.disk.read(opened.layout.crate))
    except FileNotFoundError:
        damage.append(f"{opened.layout.crate}: missing")
    except ValueError as error:
        damage.append(f"{opened.layout.crate}: damaged: {error}")
    return Stated({}, {})


def _check_files(opened: OpenRun, stated: Stated, damage: list[str]) -> int:
    """Compare every file with the checksum that the provenance states; returns how many are the same."""
    layout, same = opened.layout, 0
    for name, sha256 in stated.checksums.items():
        path = layout.root / name
        if not path.resolve().is_relative_to(layout.root.resolve()):
            damage.append(f"{layout.crate}: names a file outside the run: {name}")
        elif not path.is_file():
            damage.append(f"{path}: missing")
        elif sha256_of(path) != sha256:
            damage.append(f"{path}: it is not the file that was written")
        else:
            same += 1
    return same


def _check_rebuilt(opened: OpenRun, stated: Stated, damage: list[str], notes: list[str]) -> int:
    """Make every table once more in another folder, and compare; returns how many are the same."""
    layout, written_by, here = opened.layout, stated.software, software()
    others = [f"{name} {written_by.get(name, 'none')}" for name in here if written_by.get(name) != here[name]]
    if others:
        notes.append(f"the tables were written with other software: {', '.join(others)}")
    with tempfile.TemporaryDirectory(prefix="coralrun-verify-") as folder:
        again = replace(opened, layout=replace(layout, derived=Path(folder)))
        try:
            write_outputs(again)
        except CoralrunError as error:
            damage.append(f"the tables cannot be made again: {error.message}")
            return 0
        last = b"".join(tables.jobs(opened.state))
        again.disk.replace(again.layout.outputs / LAST_TABLE, last)
        same = 0
        for name in sorted({*_names(layout.outputs), *_names(again.layout.outputs)}):
            if not _differs(layout.outputs / name, again.layout.outputs / name):
                same += 1
            elif why := _why_another(name, written_by, here):
                notes.append(f"{layout.outputs / name}: {why}")
            else:
                damage.append(f"{layout.outputs / name}: made once more, it is another file")
    remade = crate_of(opened, {LAST_TABLE: last}, written_by)
    if remade != opened.disk.read(layout.crate):
        damage.append(f"{layout.crate}: made once more, it is another file")
    return same


def _why_another(name: str, written_by: Mapping[str, str], here: Mapping[str, str]) -> str:
    """Why a file that is as it was written is another one when it is made now; "" where that is damage."""
    if name == R_SCRIPT:
        return "as it was written; this coralrun ships another one"
    if name == NOTES and written_by.get(_PROGRAM) != here[_PROGRAM]:
        return "other words, as other versions of coralrun write them"
    if name.endswith(_PARQUET) and written_by != here:
        return "other bytes, as other versions of pyarrow write them"
    return ""


def _names(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _differs(one: Path, other: Path) -> bool:
    return not (one.is_file() and other.is_file()) or sha256_of(one) != sha256_of(other)
