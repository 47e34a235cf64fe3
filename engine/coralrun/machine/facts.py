"""What happened: past participles, as data. Facts are all that a run's durable state is made of.

Rule: a fact names a batch, and only those of its units that did not simply succeed. A fact is valid by construction,
written to the journal before it is applied, and never changed afterwards. `at` is UTC, ISO 8601. The types below are
the format: what they do not allow is not read, and schemas/journal.v1.json is made from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from coralrun.files.field_types import Count, Digest, Time
from coralrun.machine.fact_fields import (
    Attempt,
    BatchNumber,
    PauseWhy,
    PhotoPlace,
    PlanDigest,
    PlanNumber,
    Reasons,
    RefusedWhy,
    SizesByUnit,
    StoredId,
)
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import (
    Runs,
    SizeRuns,
    UnitCount,
    check_ascends,
    check_lengths,
    from_ranges,
    from_size_runs,
    to_ranges,
    to_size_runs,
)
from coralrun.planning.images import Size


class _Fact(Struct, frozen=True, tag_field="t", forbid_unknown_fields=True, omit_defaults=True):
    """What all facts have in common: how they are written."""


class Planned(_Fact, frozen=True, tag="planned"):
    """A plan, whole on disk, is in force: this alone commits it. Units that it does not name are withdrawn."""

    at: Time
    plan: PlanNumber
    digest: PlanDigest
    units: Annotated[UnitCount, Meta(description="Units of work that the run knows from now on.")]
    named: Annotated[Runs, Meta(description="The units that the plan names, as ascending runs.")]
    anew: Annotated[Runs, Meta(description="Units that had ended and are tried again, as ascending runs.")] = ()

    def __post_init__(self) -> None:
        check_ascends(self.named, self.units)
        check_ascends(self.anew, self.units)


class Opened(_Fact, frozen=True, tag="opened"):
    """A process began to work on the run."""

    at: Time
    version: Annotated[str, Meta(description="Of coralrun.")]


class Limited(_Fact, frozen=True, tag="limits"):
    """The account's limit of active jobs is this now."""

    at: Time
    max_active: Count


class Ended(_Fact, frozen=True, tag="ended"):
    """Units ended before they were submitted. `sizes` are those of the units that ended because of their size."""

    at: Time
    final: Reasons
    sizes: SizesByUnit = field(default_factory=dict)


class Batched(_Fact, frozen=True, tag="batched"):
    """A batch was cut."""

    batch: BatchNumber
    unit_runs: Runs

    def __post_init__(self) -> None:
        check_lengths(last - first + 1 for first, last in self.unit_runs)

    @classmethod
    def of(cls, batch: int, units: Iterable[int]) -> Batched:
        """A batch of these units."""
        return cls(batch, to_ranges(units))

    @property
    def units(self) -> tuple[int, ...]:
        """Its units, in their order."""
        return from_ranges(self.unit_runs)


class Intended(_Fact, frozen=True, tag="intent"):
    """A batch is about to be sent. Its points follow from the plan and the raw sizes of its units."""

    at: Time
    batch: BatchNumber
    attempt: Attempt
    entries: Count
    marker: Marker
    done_before: Annotated[tuple[JobId, ...], Meta(description="Jobs of the run that had finished by then.")]
    size_runs: SizeRuns

    def __post_init__(self) -> None:
        check_lengths(count for _, count in self.size_runs)

    @classmethod
    def of(
        cls,
        at: str,
        batch: int,
        attempt: int,
        entries: int,
        marker: Marker,
        done_before: tuple[JobId, ...],
        sizes: Iterable[Size],
    ) -> Intended:
        """The intent to send a batch whose units have these sizes, in their order."""
        return cls(at, batch, attempt, entries, marker, done_before, to_size_runs(sizes))

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The size of each of its units, in their order."""
        return from_size_runs(self.size_runs)


class Submitted(_Fact, frozen=True, tag="submitted"):
    """The service has the batch as this job; `adopted` when the reply was lost and the job found later."""

    at: Time
    batch: BatchNumber
    attempt: Attempt
    job: JobId
    adopted: bool = False


class Refused(_Fact, frozen=True, tag="refused"):
    """The submission left no job. `drop` are units that the service named as the cause: they end."""

    at: Time
    batch: BatchNumber
    attempt: Attempt
    why: RefusedWhy
    drop: Reasons = field(default_factory=dict)


class Doubted(_Fact, frozen=True, tag="doubted"):
    """It cannot be known whether the submission left a job: a possible duplicate, counted and reported."""

    at: Time
    batch: BatchNumber
    attempt: Attempt


class Collected(_Fact, frozen=True, tag="collected"):
    """The job's result is on disk. Units in neither map succeeded."""

    at: Time
    batch: BatchNumber
    attempt: Attempt
    job: JobId
    sha256: Digest
    ok: Count
    final: Reasons = field(default_factory=dict)
    again: Reasons = field(default_factory=dict)


class GaveUp(_Fact, frozen=True, tag="gave_up"):
    """The job will never give its result (`why`: lost, stuck, or not the answer to what was asked)."""

    at: Time
    batch: BatchNumber
    attempt: Attempt
    job: JobId
    why: Reason
    final: Reasons = field(default_factory=dict)
    again: Reasons = field(default_factory=dict)


class UploadIntended(_Fact, frozen=True, tag="upload_intent"):
    """A photo is about to be sent, whose name was free. `sha256` is that of the bytes that are sent."""

    at: Time
    image: PhotoPlace
    sha256: Digest


class Uploaded(_Fact, frozen=True, tag="uploaded"):
    """The service has the photo; `adopted` when the reply was lost and the same bytes were found there later.

    It is `unclaimed` when nothing of the plan waited for it by then.
    """

    at: Time
    image: PhotoPlace
    id: StoredId
    sha256: Digest
    adopted: bool = False
    unclaimed: bool = False


class UploadMissed(_Fact, frozen=True, tag="upload_missed"):
    """The photo has not arrived: its name is free as before, or another's. It may be on its way yet where the reply was
    `lost`: somebody may take the other one out."""

    at: Time
    image: PhotoPlace
    lost: bool = False


class UploadRefused(_Fact, frozen=True, tag="upload_refused"):
    """The photo is not there and will not be sent again."""

    at: Time
    image: PhotoPlace
    why: Reason


class UploadGone(_Fact, frozen=True, tag="upload_gone"):
    """The photo was at the service, and is not there any more: somebody took it out. It may be sent again."""

    at: Time
    image: PhotoPlace


class AlreadyThere(_Fact, frozen=True, tag="already_there"):
    """The service had a photo of that name before it was sent, with the same bytes: it is not ours."""

    at: Time
    image: PhotoPlace
    id: StoredId
    sha256: Digest


class Paused(_Fact, frozen=True, tag="paused"):
    """The run stopped and can be resumed."""

    at: Time
    why: PauseWhy
    detail: str

    def __post_init__(self) -> None:
        # A service's text may hold half a character, which no file of UTF-8 can.
        force_setattr(self, "detail", self.detail.encode("utf-8", errors="replace").decode("utf-8"))


class Finished(_Fact, frozen=True, tag="finished"):
    """Every unit has ended."""

    at: Time


Fact = (
    Planned
    | Opened
    | Limited
    | Ended
    | Batched
    | Intended
    | Submitted
    | Refused
    | Doubted
    | Collected
    | GaveUp
    | UploadIntended
    | Uploaded
    | UploadMissed
    | UploadRefused
    | UploadGone
    | AlreadyThere
    | Paused
    | Finished
)
