"""The schemas of what coralrun writes: each is a sound schema, and is made of the types that read and write or agrees.

Real files of a real run are held to them in tests/docs/test_run_directory.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from coralrun import formats
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size
from coralrun.store import journal, snapshot
from coralrun.store.journal import Position

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
AT = "2026-11-22T18:22:35Z"
DIGEST = "0f" * 32

EVERY_FACT: tuple[facts.Fact, ...] = (
    facts.Planned(AT, 1, DIGEST, 10, ((0, 9),)),
    facts.Opened(AT, "0.1.0"),
    facts.Limited(AT, 5),
    facts.Ended(AT, {9: Reason.ANOTHER_SIZE}, {9: Size(480, 361)}),
    facts.Batched.of(1, (0, 1, 2)),
    facts.Intended.of(AT, 1, 1, 3, "41", ("40", "41"), (Size(480, 360), Size(480, 360), Size(1, 1))),
    facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {2: Reason.REJECTED}),
    facts.Intended.of(AT, 1, 2, 2, "41", (), (Size(480, 360), Size(480, 360))),
    facts.Refused(AT, 1, 2, RefusedWhy.THROTTLED),
    facts.Intended.of(AT, 1, 3, 2, "41", (), (Size(480, 360), Size(480, 360))),
    facts.Submitted(AT, 1, 3, "42", adopted=True),
    facts.Batched.of(2, (3, 4)),
    facts.Intended.of(AT, 2, 1, 2, "42", (), (Size(480, 360), Size(480, 360))),
    facts.Doubted(AT, 2, 1),
    facts.Intended.of(AT, 2, 2, 2, "42", (), (Size(480, 360), Size(480, 360))),
    facts.Submitted(AT, 2, 2, "43"),
    facts.Collected(AT, 1, 3, "42", DIGEST, 0, {0: Reason.NOT_FOUND}, {1: Reason.URL_EXPIRED}),
    facts.GaveUp(AT, 2, 2, "43", Reason.JOB_LOST, again={3: Reason.JOB_LOST, 4: Reason.JOB_LOST}),
    facts.Batched.of(3, (5, 6)),
    facts.Intended.of(AT, 3, 1, 2, "43", ("43",), (Size(480, 360), Size(480, 360))),
    facts.Submitted(AT, 3, 1, "44"),
    facts.Batched.of(4, (7, 8)),
    facts.UploadIntended(AT, "3420/a.jpg", DIGEST),
    facts.Uploaded(AT, "3420/a.jpg", "7", DIGEST, adopted=True),
    facts.UploadIntended(AT, "3420/b.jpg", DIGEST),
    facts.UploadRefused(AT, "3420/b.jpg", Reason.NAME_TAKEN),
    facts.AlreadyThere(AT, "3420/c.jpg", "8", DIGEST),
    facts.UploadGone(AT, "3420/a.jpg"),
    facts.UploadIntended(AT, "3420/d.jpg", DIGEST),
    facts.UploadMissed(AT, "3420/d.jpg"),
    facts.UploadIntended(AT, "3420/d.jpg", DIGEST),
    facts.Paused(AT, PauseWhy.UNREACHABLE, "connection refused"),
)
"""A life with every kind of fact but the last, after which a run has one open batch, one active, two closed."""

FINISHED = facts.Finished(AT)


def schema(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SCHEMAS / f"{name}.v1.json").read_text(encoding="utf-8"))
    return value


def accepts(name: str, value: object) -> bool:
    return bool(Draft202012Validator(schema(name)).is_valid(value))


def lines_of(happened: tuple[facts.Fact, ...]) -> list[dict[str, Any]]:
    data, _ = journal.encode(happened, Position())
    return [json.loads(line) for line in data.splitlines()]


def lived(happened: tuple[facts.Fact, ...]) -> Durable:
    state = Durable()
    for fact in happened:
        apply(state, fact)
    return state


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_sound_and_named_after_its_file(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(value)
    name, version, _ = path.name.split(".")
    assert value["$id"] == f"urn:coralrun:schema:{name}:{version}"
    assert value["description"]


@pytest.mark.parametrize("name", formats.files())
def test_a_schema_that_is_made_of_the_types_is_as_they_are_now(name: str) -> None:
    made = formats.files()[name]
    assert (SCHEMAS / name).read_text(encoding="utf-8") == made, "write it again with: make schemas"


def test_the_journal_schema_accepts_every_kind_of_fact() -> None:
    happened = (*EVERY_FACT, FINISHED)
    assert {type(fact) for fact in happened} == set(get_args(facts.Fact))
    for line in lines_of(happened):
        Draft202012Validator(schema("journal")).validate(line)


def test_the_snapshot_schema_accepts_the_state_after_every_fact_of_a_life() -> None:
    validator = Draft202012Validator(schema("snapshot"))
    for count in range(1, len(EVERY_FACT) + 1):
        state = lived(EVERY_FACT[:count])
        validator.validate(json.loads(snapshot.encode(state, Position(count, 1))))
    assert state.open and state.active and state.closed and state.doubts and state.paused and state.again


@pytest.mark.parametrize("name", ["run", "journal", "snapshot", "owner", "log"])
def test_no_schema_of_a_file_that_we_write_lets_an_unknown_key_pass(name: str) -> None:
    def open_objects(value: object) -> Iterator[object]:
        if isinstance(value, dict):
            if "properties" in value and value.get("additionalProperties") is not False:
                yield value
            for part in value.values():
                yield from open_objects(part)
        elif isinstance(value, list):
            for part in value:
                yield from open_objects(part)

    assert list(open_objects(schema(name))) == []
