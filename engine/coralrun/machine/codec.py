"""Facts and the durable state as JSON values, and back.

Rule: one place knows the short keys of the journal. Reading is strict: what was not written here raises `RunDamaged`,
never something else. Lists of images are kept as [first, last] runs, and a batch's sizes as [width, height, count].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.durable import Batch, ClosedJob, Durable, Phase, from_ranges, to_ranges
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Size, to_size_runs

Json = dict[str, Any]

MOST_IMAGES_PER_BATCH = 10_000
"""Far more than a batch has: a damaged record must not be able to fill the memory."""


def fact_to_json(fact: facts.Fact) -> Json:
    """A fact as it stands in the journal."""
    match fact:
        case facts.Opened(at, version):
            return {"t": "opened", "at": at, "version": version}
        case facts.Limited(at, max_active):
            return {"t": "limits", "at": at, "max_active": max_active}
        case facts.Ended(at, final, sizes):
            value: Json = {"t": "ended", "at": at, "final": _reasons_to_json(final)}
            return {**value, "sizes": _by_image_to_json(sizes)} if sizes else value
        case facts.Batched(batch, images):
            return {"t": "batched", "b": batch, "images": [list(run) for run in to_ranges(images)]}
        case facts.Intended():
            return {
                "t": "intent",
                "at": fact.at,
                "b": fact.batch,
                "a": fact.attempt,
                "entries": fact.entries,
                "after_job": fact.after_job,
                "done_before": list(fact.done_before),
                "sizes": _sizes_to_json(fact.sizes),
            }
        case facts.Submitted():
            how = "adopted" if fact.adopted else "replied"
            return {"t": "submitted", "at": fact.at, "b": fact.batch, "a": fact.attempt, "job": fact.job, "how": how}
        case facts.Refused():
            value = {"t": "refused", "at": fact.at, "b": fact.batch, "a": fact.attempt, "why": str(fact.why)}
            return {**value, "drop": _reasons_to_json(fact.drop)} if fact.drop else value
        case facts.Doubted():
            return {"t": "doubted", "at": fact.at, "b": fact.batch, "a": fact.attempt}
        case facts.Collected() | facts.GaveUp():
            return _closing_to_json(fact)
        case facts.Paused():
            return {"t": "paused", "at": fact.at, "why": str(fact.why), "detail": fact.detail}
        case facts.Finished(at):
            return {"t": "finished", "at": at}
        case _:
            assert_never(fact)


def _closing_to_json(fact: facts.Collected | facts.GaveUp) -> Json:
    value: Json = {"at": fact.at, "b": fact.batch, "a": fact.attempt, "job": fact.job}
    if isinstance(fact, facts.Collected):
        value |= {"t": "collected", "sha256": fact.sha256, "ok": fact.ok}
    else:
        value |= {"t": "gave_up", "why": str(fact.why)}
    if fact.final:
        value["final"] = _reasons_to_json(fact.final)
    if fact.again:
        value["again"] = _reasons_to_json(fact.again)
    return value


def fact_from_json(value: Any) -> facts.Fact:
    """The inverse of `fact_to_json`; raises RunDamaged for anything else."""
    try:
        return _fact_from_json(value)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunDamaged(f"not a record that this version knows ({type(error).__name__}: {error})") from error


def _fact_from_json(value: Json) -> facts.Fact:
    match value["t"]:
        case "opened":
            return facts.Opened(str(value["at"]), str(value["version"]))
        case "limits":
            return facts.Limited(str(value["at"]), int(value["max_active"]))
        case "ended":
            sizes = _by_image_from_json(value.get("sizes", {}))
            return facts.Ended(str(value["at"]), _reasons_from_json(value["final"]), sizes)
        case "batched":
            return facts.Batched(int(value["b"]), _images_from_json(value["images"]))
        case "paused":
            return facts.Paused(str(value["at"]), facts.PauseWhy(value["why"]), str(value["detail"]))
        case "finished":
            return facts.Finished(str(value["at"]))
        case kind:
            return _batch_fact_from_json(kind, value, str(value["at"]), int(value["b"]), int(value["a"]))


def _batch_fact_from_json(kind: str, value: Json, at: str, batch: int, attempt: int) -> facts.Fact:
    match kind:
        case "intent":
            return facts.Intended(
                at,
                batch,
                attempt,
                int(value["entries"]),
                int(value["after_job"]),
                tuple(int(job) for job in value["done_before"]),
                _sizes_from_json(value["sizes"]),
            )
        case "submitted":
            return facts.Submitted(at, batch, attempt, int(value["job"]), value["how"] == "adopted")
        case "refused":
            drop = _reasons_from_json(value.get("drop", {}))
            return facts.Refused(at, batch, attempt, facts.RefusedWhy(value["why"]), drop)
        case "doubted":
            return facts.Doubted(at, batch, attempt)
        case "collected" | "gave_up":
            final = _reasons_from_json(value.get("final", {}))
            again = _reasons_from_json(value.get("again", {}))
            job = int(value["job"])
            if kind == "gave_up":
                return facts.GaveUp(at, batch, attempt, job, Reason(value["why"]), final, again)
            return facts.Collected(at, batch, attempt, job, str(value["sha256"]), int(value["ok"]), final, again)
        case _:
            raise ValueError(f"unknown kind {kind!r}")


def durable_to_json(state: Durable) -> Json:
    """The durable state as it stands in a snapshot."""
    return {
        "total": state.total,
        "cursor": state.cursor,
        "next_batch": state.next_batch,
        "again": list(state.again),
        "tries": {str(image): count for image, count in state.tries.items()},
        "ended": _reasons_to_json(state.ended),
        "succeeded": state.succeeded,
        "open": _batch_to_json(state.open) if state.open is not None else None,
        "active": [_batch_to_json(batch) for batch in state.active.values()],
        "closed": [_closed_to_json(job) for job in state.closed],
        "doubts": [list(doubt) for doubt in state.doubts],
        "refusals": state.refusals,
        "max_active": state.max_active,
        "sessions": state.sessions,
        "paused": fact_to_json(state.paused) if state.paused is not None else None,
        "finished_at": state.finished_at,
        **({"wrong_sizes": _by_image_to_json(state.wrong_sizes)} if state.wrong_sizes else {}),
    }


def durable_from_json(value: Any) -> Durable:
    """The inverse of `durable_to_json`; raises RunDamaged for anything else."""
    try:
        paused = fact_from_json(value["paused"]) if value["paused"] is not None else None
        state = Durable(
            total=int(value["total"]),
            cursor=int(value["cursor"]),
            next_batch=int(value["next_batch"]),
            again=dict.fromkeys(int(image) for image in value["again"]),
            tries={int(image): int(count) for image, count in value["tries"].items()},
            ended=_reasons_from_json(value["ended"]),
            wrong_sizes=_by_image_from_json(value.get("wrong_sizes", {})),
            succeeded=int(value["succeeded"]),
            open=_batch_from_json(value["open"]) if value["open"] is not None else None,
            closed=[_closed_from_json(job) for job in value["closed"]],
            doubts=[(int(batch), int(attempt)) for batch, attempt in value["doubts"]],
            refusals=int(value["refusals"]),
            max_active=int(value["max_active"]),
            sessions=int(value["sessions"]),
            paused=paused if isinstance(paused, facts.Paused) else None,
            finished_at=str(value["finished_at"]),
        )
        for batch in map(_batch_from_json, value["active"]):
            state.active[batch.number] = batch
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunDamaged(f"not a snapshot that this version knows ({type(error).__name__}: {error})") from error
    state.jobs = {batch.job for batch in state.active.values()} | {job.job for job in state.closed}
    state.last_job = max(state.jobs, default=0)
    return state


def _batch_to_json(batch: Batch) -> Json:
    return {
        "b": batch.number,
        "images": [list(run) for run in to_ranges(batch.images)],
        "phase": str(batch.phase),
        "a": batch.attempt,
        "entries": batch.entries,
        "after_job": batch.after_job,
        "done_before": list(batch.done_before),
        "sizes": _sizes_to_json(batch.sizes),
        "job": batch.job,
        "submitted_at": batch.submitted_at,
        "adopted": batch.adopted,
    }


def _batch_from_json(value: Json) -> Batch:
    return Batch(
        number=int(value["b"]),
        images=_images_from_json(value["images"]),
        phase=Phase(value["phase"]),
        attempt=int(value["a"]),
        entries=int(value["entries"]),
        after_job=int(value["after_job"]),
        done_before=tuple(int(job) for job in value["done_before"]),
        sizes=_sizes_from_json(value["sizes"]),
        job=int(value["job"]),
        submitted_at=str(value["submitted_at"]),
        adopted=bool(value["adopted"]),
    )


def _closed_to_json(job: ClosedJob) -> Json:
    return {
        "b": job.batch,
        "a": job.attempt,
        "job": job.job,
        "images": [list(run) for run in job.images],
        "missed": list(job.missed),
        "sha256": job.sha256,
        "submitted_at": job.submitted_at,
        "closed_at": job.closed_at,
        "adopted": job.adopted,
        "why": str(job.why) if job.why is not None else None,
        **({"sizes": [[*size, count] for size, count in job.sizes]} if job.sizes else {}),
    }


def _closed_from_json(value: Json) -> ClosedJob:
    return ClosedJob(
        batch=int(value["b"]),
        attempt=int(value["a"]),
        job=int(value["job"]),
        images=tuple((int(first), int(last)) for first, last in value["images"]),
        missed=tuple(int(image) for image in value["missed"]),
        sha256=str(value["sha256"]),
        submitted_at=str(value["submitted_at"]),
        closed_at=str(value["closed_at"]),
        adopted=bool(value["adopted"]),
        why=Reason(value["why"]) if value["why"] is not None else None,
        sizes=tuple((Size(int(w), int(h)), int(count)) for w, h, count in value.get("sizes", ())),
    )


def _reasons_to_json(reasons: Mapping[int, Reason]) -> dict[str, str]:
    return {str(image): str(reason) for image, reason in reasons.items()}


def _reasons_from_json(value: Mapping[str, str]) -> dict[int, Reason]:
    return {int(image): Reason(reason) for image, reason in value.items()}


def _images_from_json(value: Iterable[Iterable[int]]) -> tuple[int, ...]:
    ranges = [(int(first), int(last)) for first, last in value]
    if sum(last - first for first, last in ranges) > MOST_IMAGES_PER_BATCH:
        raise ValueError("more images than a batch can have")
    return from_ranges(ranges)


def _sizes_to_json(sizes: Iterable[Size]) -> list[list[int]]:
    return [[*size, count] for size, count in to_size_runs(sizes)]


def _by_image_to_json(sizes: Mapping[int, Size]) -> dict[str, list[int]]:
    return {str(image): list(size) for image, size in sizes.items()}


def _by_image_from_json(value: Mapping[str, Iterable[int]]) -> dict[int, Size]:
    return {int(image): Size(int(width), int(height)) for image, (width, height) in value.items()}


def _sizes_from_json(value: Iterable[Iterable[int]]) -> tuple[Size, ...]:
    sizes: list[Size] = []
    for width, height, count in value:
        if not 0 <= int(count) <= MOST_IMAGES_PER_BATCH:
            raise ValueError(f"{count} images of one size in one batch")
        sizes += [Size(int(width), int(height))] * int(count)
    return tuple(sizes)
