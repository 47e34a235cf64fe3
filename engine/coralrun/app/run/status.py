"""What can be said of a run: the one record behind `status`, the end of `apply`, and their `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from coralrun.app.run.next_review import LabelsThere, NextReview, Review, next_review
from coralrun.app.run.standing import Process, Standing, seen, standing_of
from coralrun.app.survey.survey_place import file_of, from_here, kept_form
from coralrun.exports.registry import FORMATS
from coralrun.files.written import Table
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import FOR_GOOD, MENDED_BY, PLANNED_ANEW, TEXTS, WORTH_RETRYING, Reason
from coralrun.planning.model import NO_CLASSIFIER
from coralrun.results.tables import Account, account_for, reason_text
from coralrun.review.reach import USUAL_SHARE
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import Identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """A run in numbers. `jobs_done` gave a result, `jobs_given_up` never did, `given_up_because` of so many reasons.

    `reasons` counts the images without predictions by reason, most frequent first; `retriable` counts those of them
    that another try may help, and `mendable` those that it may help once somebody has mended what is wrong:
    `planned_anew` of these a new plan sees by itself. `survey_file` is its survey, as it is typed here.

    Photos of the plan in force were sent (`uploaded`), or were `already_there`; those of the source that only earlier
    plans have are `of_earlier_plans`, and those for which nothing waited when they were found are `unclaimed`.
    `in_doubt` are those whose replies were lost and that were not there when they were asked for, by where they go.

    `process` works on it, or was killed while it did. Images of the survey are `left_for_later` by `--limit`;
    `planned_directory` is where the run would go if nobody said otherwise. `done_in_jobs` are images that jobs have
    done which are not over, as far as the service tells: they are to do until their job is over. `review` says how far
    the newest draw for people has come; what may be drawn is `review_share` percent of the images, by `review_seed`, or
    where an audit lacks them `review_images`, `review_blind` where an earlier one was, `not_corrected` says why; of
    review `review_outdated`, which is handed out, hardly any point is there still. `review_file` was handed out.
    `labels_there` says whether people labelled points of the run in its source already.
    """

    run_dir: str
    name: str
    service: str
    account: str
    classifier: str
    standing: Standing
    paused_why: str
    paused_detail: str
    images: int
    succeeded: int
    failed: int
    skipped: int
    points: Account
    jobs_active: tuple[str, ...]
    images_active: int
    jobs_done: int
    jobs_given_up: int
    possible_duplicates: int
    sessions: int
    reasons: tuple[tuple[str, int], ...]
    retriable: int
    mendable: int
    planned_anew: int
    survey_file: str
    files: tuple[str, ...]
    uploaded: int = 0
    already_there: int = 0
    of_earlier_plans: tuple[str, ...] = ()
    unclaimed: tuple[str, ...] = ()
    in_doubt: tuple[str, ...] = ()
    process: Process | None = None
    left_for_later: int = 0
    planned_directory: str = ""
    done_in_jobs: int = 0
    given_up_because: tuple[tuple[str, int], ...] = ()
    review: Review = Review.NOT_DRAWN
    review_share: int = USUAL_SHARE
    review_seed: int = 0
    review_blind: bool = False
    review_images: int = 0
    review_file: str = ""
    not_corrected: str = ""
    review_outdated: int = 0
    labels_there: LabelsThere = LabelsThere.NONE

    @property
    def classifies(self) -> bool:
        """Whether its photos are classified, and not uploaded alone."""
        return self.classifier != NO_CLASSIFIER

    @property
    def images_over(self) -> int:
        """Images that have ended, in whatever way."""
        return self.succeeded + self.failed + self.skipped

    def as_json(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        value = asdict(self)
        value["reasons"] = dict(self.reasons)
        return value


class Seen(Protocol):
    """A run that was read, with its plan or without; `point_counts` are those of its images."""

    @property
    def layout(self) -> Layout: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def state(self) -> Durable: ...
    @property
    def plan_state(self) -> PlanState: ...
    @property
    def classifier(self) -> str: ...
    @property
    def formats(self) -> tuple[str, ...]: ...
    @property
    def point_counts(self) -> Sequence[int]: ...
    @property
    def uploads(self) -> Mapping[str, str]: ...
    @property
    def planned_directory(self) -> str: ...
    @property
    def left_for_later(self) -> int: ...


def summarise(opened: Seen, *, look: bool = False) -> Summary:
    """Say how a run stands; with `look` also whether a process works on it, which is not the caller's own."""
    state, identity, images = opened.state, opened.identity, opened.plan_state.counts()
    standing, process = seen(opened.layout, state) if look else (standing_of(state), None)
    outputs, done = opened.layout.outputs, sum(1 for job in state.closed if job.sha256)
    names = (Table.PREDICTIONS.file, "predictions.parquet", Table.FAILURES.file, Table.COVER.file, "cover_notes.txt")
    asked_for = (format_.output for format_ in FORMATS if format_.output and format_.name in opened.formats)
    of_luck = (Table.TRIES.file, Table.JOBS.file)
    written = (*(outputs / name for name in (*names, *asked_for, *of_luck)), opened.layout.report_page)
    files = [str(path) for path in written if state.finished_at and path.exists()]
    reasons, uploads = opened.plan_state.reasons(), opened.uploads
    reviewing = next_review(opened.layout, Disk(), state.plan) if state.finished_at else NextReview(Review.NOT_DRAWN)
    claimed = {image: photo for image, photo in state.stored.items() if not photo.unclaimed}
    of_plan = [photo.ours for image, photo in claimed.items() if uploads.get(image) == photo.sha256]
    return Summary(
        run_dir=str(opened.layout.root),
        name=identity.name,
        service=identity.service,
        account=identity.account,
        classifier=opened.classifier,
        standing=standing,
        process=process,
        done_in_jobs=0 if process is None else process.done_in_jobs,
        paused_why=str(state.paused.why) if state.paused is not None else "",
        paused_detail=state.paused.detail if state.paused is not None else "",
        images=len(opened.plan_state.units),
        succeeded=images.succeeded,
        failed=images.failed,
        skipped=images.skipped,
        points=account_for(opened.point_counts, opened.plan_state),
        jobs_active=tuple(batch.job for batch in state.active.values()),
        images_active=sum(len(batch.units) for batch in state.active.values()),
        jobs_done=done,
        jobs_given_up=len(state.closed) - done,
        possible_duplicates=len(state.doubts),
        sessions=state.sessions,
        reasons=_by_number({_advised(reason): times for reason, times in reasons.items()}),
        retriable=sum(times for reason, times in reasons.items() if reason in WORTH_RETRYING),
        mendable=sum(times for reason, times in reasons.items() if reason not in WORTH_RETRYING | FOR_GOOD),
        planned_anew=sum(times for reason, times in reasons.items() if reason in PLANNED_ANEW),
        survey_file=_survey_file(opened),
        files=tuple(files),
        uploaded=sum(of_plan),
        already_there=len(of_plan) - sum(of_plan),
        of_earlier_plans=tuple(image for image, photo in claimed.items() if uploads.get(image) != photo.sha256),
        unclaimed=tuple(image for image, photo in state.stored.items() if photo.unclaimed),
        in_doubt=tuple(image for image, photo in state.missed.items() if photo.lost),
        given_up_because=_by_number(Counter(TEXTS[job.why] for job in state.closed if job.why is not None)),
        left_for_later=opened.left_for_later,
        planned_directory=opened.planned_directory,
        review=reviewing.review,
        review_share=reviewing.share,
        review_seed=reviewing.seed,
        review_blind=reviewing.blind,
        review_images=reviewing.images,
        review_file=reviewing.file,
        not_corrected=reviewing.why,
        review_outdated=reviewing.outdated,
        labels_there=reviewing.labels_there,
    )


def _survey_file(opened: Seen) -> str:
    """The survey of a run, as it is typed here; as it was named where it is no longer where its plan knows it."""
    file = file_of(opened.layout, kept_form(opened.layout.plan(opened.state.plan), Disk()))
    return opened.identity.survey_file if file is None or not file.is_file() else from_here(file).as_posix()


def _advised(reason: Reason) -> str:
    """A reason in words, with what can be done."""
    advice = MENDED_BY.get(reason)
    return reason_text(reason) + (f": {advice}" if advice else "")


def _by_number(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
