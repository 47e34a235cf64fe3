"""Every byte of every file of a real run, flipped: the damage is named, or it changes nothing that is known.

`make test` flips one bit of each byte, another one from byte to byte, or all bits of every ninth; with
CORALRUN_CRASH=all every bit by itself is flipped. The record of requests stands elsewhere, and `test_limiter` flips
every bit of it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.answers import scored
from tests.exhaustive.harness import plan_of

from coralrun.app.run.run_directory import make_run, open_run
from coralrun.app.survey.kept_survey import kept_survey
from coralrun.app.survey.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.errors import CoralrunError, LockedError
from coralrun.files import segment
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.codec import encode_state
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point, Size
from coralrun.planning.model import Plan
from coralrun.spec.compare import run_part
from coralrun.store import lock, run
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal
from coralrun.values.classified import StoredEntry

ALL = os.environ.get("CORALRUN_CRASH") == "all"
AT = "2026-01-01T00:00:00Z"
SIZES = (Size(90, 60), Size(90, 60))
SURVEY = """\
version: 1
name: exhaustive
service: http://127.0.0.1:1
classifier: {id: 1}
sources: [{manifest: images.csv}]
sampling: {points: {from: points.csv}}
run: {batch_size: 2}
"""
RESULT = (
    StoredEntry(0, "r.1.1.0", scored([Point(1, 2), Point(3, 4)])),
    StoredEntry(1, "r.1.1.1", (), Reason.DOWNLOAD_BROKEN),
)


def before_the_snapshot(sha256: str) -> tuple[facts.Fact, ...]:
    return (
        facts.Opened(AT, "0.1.0"),
        facts.Limited(AT, 5),
        facts.Batched.of(1, (0, 1)),
        facts.Intended.of(AT, 1, 1, 2, "41", ("40", "41"), SIZES),
        facts.Submitted(AT, 1, 1, "42"),
        facts.Collected(AT, 1, 1, "42", sha256, 1, {}, {1: Reason.DOWNLOAD_BROKEN}),
    )


AFTER_IT: tuple[facts.Fact, ...] = (
    facts.Batched.of(2, (2, 1)),
    facts.Intended.of(AT, 2, 1, 2, "42", ("42",), SIZES),
    facts.Refused(AT, 2, 1, RefusedWhy.NO_SLOT),
    facts.Intended.of(AT, 2, 2, 2, "42", ("42",), SIZES),
    facts.Submitted(AT, 2, 2, "43", adopted=True),
)
STATE_FILES = (
    "run.json",
    "plans/001/plan.json",
    "plans/001/images.jsonl",
    "plans/001/points.jsonl",
    "plans/001/units.json",
    "plans/001/analysis.json",
    "plans/001/survey.json",
    "results/b00001.a1.json.gz",
    "results/b00001.a1.reply.gz",
    "state/snapshot-7.json",
    "state/journal-7.jsonl",
)


NOBODY_READS = ("plans/001/inputs/01-survey.yaml", "plans/001/inputs/02-points.csv")
"""The user's own files, kept for people. What was made of them is in the files above."""
MADE_AGAIN = ("points/b00001.a1.points",)
"""What follows from another file is made again where it is not whole."""
FOR_PEOPLE = ("run.owner",)


def everything_known(directory: Path) -> tuple[Any, ...]:
    opened = open_run(directory)
    survey = run_part(kept_survey(opened.folder, opened.plan.survey_digest))
    blobs = BlobStore(opened.layout, Disk())
    jobs = [job for job in opened.state.closed if job.sha256]
    results = [blobs.read(job.batch, job.attempt, job.sha256) for job in jobs]
    replies = [blobs.reply(job.batch, job.attempt, result) for job, result in zip(jobs, results, strict=True)]
    points = [segment.encode(blobs.points(job.batch, job.attempt, job.sha256), job.sha256) for job in jobs]
    return opened.identity, opened.plan, encode_state(opened.state), survey, results, replies, points


def plan_with_points(survey_digest: str) -> Plan:
    plan = plan_of(3, 2)
    points = {image.key: (Point(10 + number, 20), Point(30, 40)) for number, image in enumerate(plan.images)}
    return replace(plan, design=None, file_points=points, survey_digest=survey_digest)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A run with a snapshot and facts after it, made of a survey whose points come from a file."""
    (tmp_path / "survey.yaml").write_text(SURVEY)
    (tmp_path / "images.csv").write_text("name,url\na.jpg,https://a.test/a.jpg\n")
    (tmp_path / "points.csv").write_text("Name,Row,Column\na.jpg,1,2\n")
    file = read_survey(tmp_path / "survey.yaml")
    layout, disk = Layout(tmp_path / "run"), Disk()
    make_run(layout, plan_with_points(file.digest), file, account="ann", clock=SystemClock())
    with lock.hold(layout, disk, since=AT):
        pass
    loaded = run.load(layout, disk)
    first = before_the_snapshot(BlobStore(layout, disk).write(1, 1, RESULT, b"the reply"))
    journal = RunJournal(layout, disk, loaded, snapshot_every=1 + len(first))
    for fact in (*first, *AFTER_IT):
        journal.append((fact,))
        apply(loaded.state, fact)
    journal.close()
    return layout.root


def masks(place: int) -> tuple[int, ...]:
    if ALL:
        return tuple(1 << bit for bit in range(8))
    return (0xFF,) if place % 9 == 8 else (1 << place % 9,)


@pytest.mark.parametrize("name", [*STATE_FILES, *MADE_AGAIN, *NOBODY_READS])
def test_a_flipped_byte_is_named_or_harmless(directory: Path, name: str) -> None:
    path = directory / name
    good, known = path.read_bytes(), everything_known(directory)
    named = harmless = 0
    for place in range(len(good)):
        for mask in masks(place):
            path.write_bytes(good[:place] + bytes([good[place] ^ mask]) + good[place + 1 :])
            try:
                found = everything_known(directory)
            except CoralrunError as error:
                assert error.exit_code != 1
                named += 1
            else:
                assert found == known, f"{name}: byte {place} of {good!r} with {mask:#x} changes what is known"
                harmless += 1
    print(f"{name}: {named} flips named, {harmless} harmless")
    assert named == 0 if name in (*MADE_AGAIN, *NOBODY_READS) else named > 0.8 * (named + harmless)
    path.write_bytes(good)
    assert everything_known(directory) == known


def test_whatever_is_flipped_in_the_note_of_who_works_on_a_run_nobody_else_may(directory: Path) -> None:
    layout, disk = Layout(directory), Disk()
    with lock.hold(layout, disk, since=AT):
        good = layout.owner.read_bytes()
        for place in range(len(good)):
            for mask in masks(place):
                layout.owner.write_bytes(good[:place] + bytes([good[place] ^ mask]) + good[place + 1 :])
                with pytest.raises(LockedError, match="is working on this run"), lock.hold(layout, disk, since=AT):
                    pass


def test_the_run_that_is_flipped_has_every_file_that_a_run_has(directory: Path) -> None:
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert files - {"run.lock"} == {*STATE_FILES, *MADE_AGAIN, *NOBODY_READS, *FOR_PEOPLE}
