"""Whether coralrun can work here, with this account and this survey: one check after the other, each with its remedy.

Rule: a check that fails says what is wrong and what to do, and ends no other check that does not need it. Nothing is
submitted and nothing is written; one listing and a few pages are asked for, of the survey's own service: a survey that
is not valid names none, and no other stands in for it. No check shows a secret.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from coralrun import __version__
from coralrun.app.connection import Connection, connect
from coralrun.app.inputs import read_inputs
from coralrun.app.survey_file import SurveyFile, read_survey
from coralrun.coralnet.classifier import drift, pick_classifier
from coralrun.coralnet.crawl import search_of
from coralrun.coralnet.search import bounds, parts
from coralrun.errors import CoralrunError, CredentialsError, DiskError, TooManyRequests, UsageError
from coralrun.limits import DEFAULT_WEB_RATE
from coralrun.plan.estimate import DISK_BYTES_PER_POINT
from coralrun.plan.filters import IMAGE_ENDINGS
from coralrun.results import parquet
from coralrun.sources.bucket import Storage, bucket_of
from coralrun.spec.model import BucketSource, CoralNetSource, ManifestSource, Survey

SKEW_MOST_S = 120.0
"""Ours: the life of an image's address is counted without this clock, so it takes more than this to mislead anyone."""

FREE_LEAST_BYTES = 1_000_000_000
"""Ours: some 12,000 images at 200 points; `coralrun plan` knows how much a survey needs."""

REACH_REMEDY = "Look at your network, at a proxy, and at the address; CoralNet itself is sometimes down for a while."
_EXTRAS = {
    "boto3": "bucket",
    "pyarrow": "parquet",
    "python_calamine": "excel",
    "keyring": "keyring",
    "sklearn": "emulator",
}


class _NoAnswer(Exception):
    """The service does not answer, so nothing else is asked of it."""


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, what was found, what to do about it, and how a command shall end for it."""

    what: str
    verdict: Verdict
    said: str
    remedy: str = ""
    exit_code: int = 0


def examine(path: Path | None, service: str) -> Iterator[Check]:
    """Check this machine, the service and the account, and, where there is a survey, all that it needs."""
    yield _versions()
    file: SurveyFile | None = None
    if path is not None:
        try:
            file = read_survey(path)
        except CoralrunError as error:
            yield _failed("survey", error)
            yield from _tried("disk", partial(_disk, Path("runs")))
            yield Check("service", Verdict.NOTE, "not asked: only a valid survey says which it is", "Mend the survey.")
            return
        else:
            yield Check("survey", Verdict.OK, f"{path}: valid")
            if file.read:
                yield from _tried("files", partial(_files, file))
            yield from _tried("formats", partial(_extras, file.survey))
    yield from _tried("disk", partial(_disk, Path("runs" if file is None else file.directory)))
    where = service if file is None else file.survey.service
    try:
        connection = connect(where, web_rate=DEFAULT_WEB_RATE, ask=None, must_have_account=False)
    except CoralrunError as error:
        yield _failed("credentials", error)
        return
    try:
        yield from _of_service(connection)
        if file is not None:
            for source in file.survey.sources:
                if not isinstance(source, ManifestSource):
                    yield from _tried(source.label, partial(_source, connection, source))
            yield from _tried("classifier", partial(_classifier, connection, file))
    except _NoAnswer:
        return
    finally:
        connection.close()


def _tried(what: str, check: Callable[[], Check]) -> Iterator[Check]:
    try:
        yield check()
    except CoralrunError as error:
        yield _failed(what, error)


def _failed(what: str, error: CoralrunError) -> Check:
    return Check(what, Verdict.WRONG, error.message, error.remedy, error.exit_code)


def _versions() -> Check:
    parts = [extra for module, extra in _EXTRAS.items() if importlib.util.find_spec(module) is not None]
    said = f"coralrun {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return Check("versions", Verdict.OK, f"{said}; extras: {', '.join(parts) or 'none'}")


def _files(file: SurveyFile) -> Check:
    """Whether every file that the survey names can be read, to its last line."""
    inputs = read_inputs(file)
    counted = {path: f" ({_images(len(manifest.images))})" for path, manifest in inputs.manifests.items()}
    warnings = list(inputs.warnings)
    if warnings:
        return Check("files", Verdict.NOTE, "; ".join(warnings), "Look at these images: the service needs their files.")
    return Check("files", Verdict.OK, ", ".join(f"{path}{counted.get(path, '')}" for path in file.read))


def _extras(survey: Survey) -> Check:
    if "parquet" in survey.outputs.formats:
        parquet.require()
    return Check("formats", Verdict.OK, ", ".join(survey.outputs.formats))


def _disk(directory: Path) -> Check:
    place = directory
    while not place.exists() and place != place.parent:
        place = place.parent
    if not os.access(place, os.W_OK | os.X_OK):
        raise DiskError(f"{place}: you may not write there, and runs go to {directory}", remedy=DiskError.remedy)
    free = shutil.disk_usage(place).free
    points = free // DISK_BYTES_PER_POINT
    said = f"{free / 1e9:,.1f} GB are free for {directory}: results of some {points:,} points"
    if free < FREE_LEAST_BYTES:
        return Check("disk", Verdict.NOTE, said, "Make room: `coralrun plan` says how much a survey needs.")
    return Check("disk", Verdict.OK, said)


def _of_service(connection: Connection) -> Iterator[Check]:
    """The account as this machine knows it, then the service; one that does not answer is asked nothing more."""
    where, credentials = connection.http.base_url, connection.credentials
    if credentials is None:
        error = CredentialsError(f"there are no credentials for {where}")
        yield _failed("credentials", error)
    else:
        kinds = {"password": credentials.password, "token": credentials.token}
        means = " and ".join(kind for kind, value in kinds.items() if value)
        yield Check("credentials", Verdict.OK, f"the account {credentials.named}, with its {means}")
        if not credentials.password:
            said = "with a token alone, pages that only members may see stay closed"
            yield Check("pages", Verdict.NOTE, said, "Set CORALNET_PASSWORD too, for private sources.")
    try:
        date = connection.site.date()
    except CoralrunError as error:
        remedy = error.remedy if isinstance(error, TooManyRequests) else REACH_REMEDY
        yield Check("service", Verdict.WRONG, error.message, remedy, error.exit_code)
        raise _NoAnswer from error
    yield Check("service", Verdict.OK, f"{where} answers")
    if date is not None:
        yield _clock(date, connection.clock.wall_s())
    if credentials is not None:
        yield from _account(connection)


def _clock(date: str, now_s: float) -> Check:
    try:
        skew_s = now_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Check("clock", Verdict.NOTE, "the service's time of day cannot be read")
    if abs(skew_s) <= SKEW_MOST_S:
        return Check("clock", Verdict.OK, f"within {SKEW_MOST_S:.0f} s of the service's")
    side = "ahead of" if skew_s > 0 else "behind"
    said = f"{abs(skew_s):,.0f} s {side} the service's: times in logs will be off, and nothing else"
    return Check("clock", Verdict.NOTE, said, "Have this computer set its clock by the network.")


def _account(connection: Connection) -> Iterator[Check]:
    wait_s = connection.limiter.wait_s()
    if wait_s > 0:
        said = f"the hour's requests are used up: the next may be sent in {wait_s:,.0f} s"
        yield Check("requests", Verdict.NOTE, said, "Wait, or let coralrun wait.")
        return
    yield from _tried("account", partial(_slots, connection))


def _slots(connection: Connection) -> Check:
    jobs = connection.jobs()
    free = max(0, jobs.max_active - len(jobs.active))
    said = f"{free} of {jobs.max_active} jobs are free"
    if jobs.active:
        said += f"; active: {', '.join(map(str, jobs.active))}"
    if free:
        return Check("account", Verdict.OK, said)
    return Check("account", Verdict.NOTE, said, "A run waits until one is done; jobs cannot be cancelled.")


def _source(connection: Connection, source: CoralNetSource | BucketSource) -> Check:
    if isinstance(source, BucketSource):
        return _bucket(source)
    return _crawled(connection, source)


def _bucket(source: BucketSource) -> Check:
    """Whether a bucket can be listed: its first thousand objects are."""
    page = Storage(bucket_of(source)).page()
    if not page.objects:
        said = "it can be listed, and there is nothing in it"
        return Check(source.label, Verdict.NOTE, said, "Is the folder of `bucket` called otherwise?")
    more = " and more" if page.next is not None else ""
    found = sum(name.lower().endswith(IMAGE_ENDINGS) for name in page.objects)
    return Check(source.label, Verdict.OK, f"it can be listed: {_images(found)}{more}")


def _crawled(connection: Connection, source: CoralNetSource) -> Check:
    page = connection.site.source(source.source)
    asked = parts(search_of(connection.site, source))
    found = [connection.site.browse(source.source, part, bounds(part)) for part in asked]
    if not all(each.valid for each in found):
        raise UsageError(
            f"CoralNet refuses the search of source {source.source}", remedy="Correct `search` in the survey."
        )
    total = sum(each.total for each in found)
    said = f"{page.name}: the search finds {_images(total)}"
    if not total:
        return Check(source.label, Verdict.NOTE, said, "Look at `search` in the survey: is it too narrow?")
    return Check(source.label, Verdict.OK, said)


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _classifier(connection: Connection, file: SurveyFile) -> Check:
    survey = file.survey
    earlier = survey.classifier.same_as
    if earlier is not None:
        pinned = file.runs[earlier].classifier
        changed = drift(connection.site, pinned)
        if changed:
            return Check("classifier", Verdict.NOTE, f"{pinned.id}, that of {earlier}; {changed[0]}")
        return Check("classifier", Verdict.OK, f"{pinned.id}, that of {earlier}")
    ids = [source.source for source in survey.sources if isinstance(source, CoralNetSource)]
    picked = pick_classifier(connection.site, survey.classifier, ids)
    chosen = picked.classifier
    if picked.warnings:
        return Check("classifier", Verdict.NOTE, picked.warnings[0], "")
    if survey.classifier.id is not None and chosen.source is None:
        said = f"{chosen.id}: whether it may be used shows with the first job"
        return Check("classifier", Verdict.NOTE, said, "Name it by its source to have it looked up.")
    known = f", accuracy {chosen.accuracy} % on its source's own test" if chosen.accuracy is not None else ""
    return Check("classifier", Verdict.OK, f"{chosen.id} of source {chosen.source}{known}")
