"""Facts and states survive the journal: whatever is written is read back equal, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.errors import RunDamaged
from coralrun.files.sealed import seal
from coralrun.machine import facts
from coralrun.machine.batches import Batch, ClosedJob, Phase
from coralrun.machine.codec import decode_fact, encode_fact
from coralrun.machine.durable import CommittedPlan, Durable
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import Runs, to_ranges, to_size_runs
from coralrun.machine.stored_photos import MissedPhoto, OpenUpload, StoredPhoto
from coralrun.planning.images import Size
from coralrun.store import journal, snapshot
from coralrun.store.journal import Position

numbers = st.integers(min_value=1, max_value=2**40)
small = st.integers(min_value=0, max_value=300)
tries = st.integers(min_value=1, max_value=9)
times = st.sampled_from(["2026-01-01T00:00:00Z", "2031-12-31T23:59:59Z"])
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
reasons = st.dictionaries(small, st.sampled_from(Reason), max_size=4)
images = st.lists(small, unique=True, min_size=1, max_size=6).map(tuple)
sizes = st.lists(st.builds(Size, small, small), max_size=4).map(tuple)
sizes_by_image = st.dictionaries(small, st.builds(Size, small, small), max_size=3)
texts = st.text(max_size=20)

runs = st.lists(small, unique=True, max_size=6).map(lambda found: to_ranges(sorted(found)))

jobs = st.text(min_size=1, max_size=9)

any_fact: st.SearchStrategy[facts.Fact] = st.one_of(
    st.builds(facts.Planned, times, numbers, digests, st.integers(301, 400), runs, runs),
    st.builds(facts.Opened, times, texts),
    st.builds(facts.Limited, times, numbers),
    st.builds(facts.Ended, times, reasons, sizes_by_image),
    st.builds(facts.Batched.of, numbers, images),
    st.builds(facts.Intended.of, times, numbers, numbers, numbers, texts, st.lists(jobs).map(tuple), sizes),
    st.builds(facts.Submitted, times, numbers, numbers, jobs, st.booleans()),
    st.builds(facts.Refused, times, numbers, numbers, st.sampled_from(RefusedWhy), reasons),
    st.builds(facts.Doubted, times, numbers, numbers),
    st.builds(facts.Collected, times, numbers, numbers, jobs, digests, numbers, reasons, reasons),
    st.builds(facts.GaveUp, times, numbers, numbers, jobs, st.sampled_from(Reason), reasons, reasons),
    st.builds(facts.UploadIntended, times, jobs, digests),
    st.builds(facts.Uploaded, times, jobs, jobs, digests, st.booleans()),
    st.builds(facts.UploadMissed, times, jobs),
    st.builds(facts.UploadRefused, times, jobs, st.sampled_from(Reason)),
    st.builds(facts.UploadGone, times, jobs),
    st.builds(facts.AlreadyThere, times, jobs, jobs, digests),
    st.builds(facts.Paused, times, st.sampled_from(PauseWhy), texts),
    st.builds(facts.Finished, times),
)
batches = st.builds(
    Batch,
    number=numbers,
    units=images,
    phase=st.sampled_from(Phase),
    attempt=tries,
    entries=small,
    marker=texts,
    done_before=st.lists(jobs, max_size=3).map(tuple),
    sizes=sizes,
    job=jobs,
    submitted_at=times,
    adopted=st.booleans(),
)
closed_jobs = st.builds(
    ClosedJob,
    batch=numbers,
    attempt=tries,
    job=jobs,
    units=st.lists(st.tuples(small, small), max_size=3).map(tuple),
    missed=images,
    sha256=st.just("") | digests,
    submitted_at=times,
    closed_at=times,
    adopted=st.booleans(),
    why=st.none() | st.sampled_from(Reason),
    sizes=sizes.map(to_size_runs),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(any_fact, max_size=5))
def test_a_journal_is_read_as_it_was_written(happened: list[facts.Fact]) -> None:
    data, end = journal.encode(happened, Position())
    read = journal.decode(data, after=Position(), name="journal-0.jsonl")
    assert list(read.facts) == happened
    assert (read.end, read.good_bytes, read.torn) == (end, len(data), b"")


@given(
    st.builds(
        Durable,
        plans=st.lists(st.builds(CommittedPlan, digests, st.integers(301, 400)), min_size=1, max_size=2),
        cursor=numbers,
        next_batch=numbers,
        again=images.map(dict.fromkeys),
        tries=st.dictionaries(small, tries, max_size=4),
        ended=reasons,
        ended_before=reasons,
        wrong_sizes=sizes_by_image,
        succeeded=numbers,
        open=st.none() | batches,
        active=st.lists(batches, max_size=3).map(lambda some: {batch.number: batch for batch in some}),
        upload=st.none() | st.builds(OpenUpload, jobs, digests),
        stored=st.dictionaries(jobs, st.builds(StoredPhoto, jobs, digests, st.booleans(), st.booleans()), max_size=3),
        missed=st.dictionaries(jobs, st.builds(MissedPhoto, digests, st.booleans()), max_size=3),
        closed=st.lists(closed_jobs, max_size=3),
        doubts=st.lists(st.tuples(numbers, numbers), max_size=3),
        refusals=numbers,
        max_active=numbers,
        sessions=numbers,
        paused=st.none() | st.builds(facts.Paused, times, st.sampled_from(PauseWhy), texts),
        finished_at=times,
    ),
    runs,
)
def test_a_state_is_read_as_it_was_written(state: Durable, named: Runs) -> None:
    state.name_units(named, state.plans[-1].units)
    state.jobs = {batch.job for batch in state.active.values()} | {job.job for job in state.closed}
    again, _ = snapshot.decode(snapshot.encode(state, Position(1, 1)), name="snapshot-1.json")
    assert again == state
    assert list(again.again) == list(state.again)
    assert list(again.active) == list(state.active)


@settings(max_examples=300)
@given(any_fact, st.data())
def test_a_fact_with_one_value_replaced_is_read_as_another_fact_or_refused(fact: facts.Fact, data: Any) -> None:
    value = json.loads(encode_fact(fact))
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(json_values)
    try:
        other = decode_fact(json.dumps(value).encode())
    except RunDamaged:
        return
    assert json.loads(encode_fact(other)).keys() <= value.keys()


@given(json_values)
def test_what_is_no_state_is_refused(value: object) -> None:
    head = b'{"format":"coralrun.snapshot","version":1,"n":1,"c":"00000000",'
    with pytest.raises(RunDamaged, match=r"at `\$.state|malformed|out of range"):
        snapshot.decode(seal(head + b'"state":%s}' % json.dumps(value).encode()), name="snapshot-1.json")
