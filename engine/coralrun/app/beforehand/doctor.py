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
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from coralrun import __version__
from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import SurveyFile, read_survey
from coralrun.connection import Connection
from coralrun.errors import AccountMissing, CoralrunError, CredentialsError, DiskError, UsageError
from coralrun.planning.estimate import DISK_BYTES_PER_POINT
from coralrun.planning.filters import IMAGE_ENDINGS
from coralrun.reaching import Ask
from coralrun.results import parquet
from coralrun.service.checks import Check, NoAnswer, Verdict, counted_images, failed, tried
from coralrun.service.terms import Options
from coralrun.services import connect
from coralrun.sources.bucket import Storage, bucket_of
from coralrun.sources.folder import count_files, folder_refused
from coralrun.spec.model import BucketSource, CoralNetSource, FolderSource, ManifestSource, Survey
from coralrun.values.phrases import count

FREE_LEAST_BYTES = 1_000_000_000
"""Ours: some 12,000 images at 200 points; `coralrun plan` knows how much a survey needs."""

_NEEDS_ACCOUNT = "cannot be looked at before the account is right: see above"
PUBLIC_REMEDY = "Anybody can see photos that are uploaded there; a source's owner can make it private at CoralNet."
_EXTRAS = {
    "boto3": "bucket",
    "pyarrow": "parquet",
    "python_calamine": "excel",
    "keyring": "keyring",
    "sklearn": "emulator",
    "onnxruntime": "local",
}


def examine(path: Path | None, service: str, ask: Ask | None = None) -> Iterator[Check]:
    """Check this machine, the service and the account, and, where there is a survey, all that it needs.

    Where no account is at hand, whoever is there is asked for one: what they type is checked too.
    """
    yield _versions()
    file: SurveyFile | None = None
    if path is not None:
        try:
            file = read_survey(path)
        except CoralrunError as error:
            yield failed("survey", error)
            yield from tried("disk", partial(_disk, Path("runs")))
            yield Check("service", Verdict.NOTE, "not asked: only a valid survey says which it is", "Mend the survey.")
            return
        else:
            yield Check("survey", Verdict.OK, f"{path}: valid")
            if file.read:
                yield from tried("files", partial(_files, file))
            yield from tried("formats", partial(_extras, file.survey))
    yield from tried("disk", partial(_disk, Path("runs" if file is None else file.directory)))
    where = service if file is None else file.survey.service
    try:
        connection = _reached(where, {} if file is None else file.survey.options, ask)
    except CoralrunError as error:
        yield failed("service" if isinstance(error, UsageError) else "credentials", error)
        return
    has_account = True
    try:
        for check in connection.checks():
            has_account &= check.exit_code != CredentialsError.exit_code
            yield check
        if file is not None:
            buckets = {source.label for source in file.survey.sources if isinstance(source, BucketSource)}
            for check in _of_survey(file, connection):
                is_refused = check.exit_code == CredentialsError.exit_code and check.what not in buckets
                needs = is_refused and not has_account
                yield replace(check, said=_NEEDS_ACCOUNT, remedy="") if needs else check
    except NoAnswer:
        return
    finally:
        connection.close()


def _reached(service: str, options: Options, ask: Ask | None) -> Connection:
    if ask is not None:
        with suppress(AccountMissing):  # nobody said: that there is none is a check of its own
            return connect(service, options, ask=ask, must_have_account=True)
    return connect(service, options)


def _of_survey(file: SurveyFile, connection: Connection) -> Iterator[Check]:
    """What a survey needs of the service, and of where its photos are."""
    for source in file.survey.sources:
        if isinstance(source, FolderSource):
            yield from tried(source.label, partial(_folder, source.label, file.folders[source.label]))
            if source.upload_to is not None:
                label = f"upload to {source.upload_to.source}"
                yield from tried(label, partial(_upload, label, connection, source.upload_to.source))
        elif not isinstance(source, ManifestSource):
            yield from tried(source.label, partial(_source, connection, source))
    yield from tried("classifier", partial(_classifier, connection, file))


def _upload(label: str, connection: Connection, to: int) -> Check:
    """Whether the account may put photos into a source, and who can see them there."""
    place = connection.upload_place(to)
    if place.is_public is False:
        return Check(label, Verdict.OK, f"{place.named} takes photos of this account")
    seen = "PUBLIC" if place.is_public else "perhaps public"
    return Check(label, Verdict.NOTE, f"{place.named} takes photos of this account, and is {seen}", PUBLIC_REMEDY)


def _versions() -> Check:
    parts = [extra for module, extra in _EXTRAS.items() if importlib.util.find_spec(module) is not None]
    said = f"coralrun {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return Check("versions", Verdict.OK, f"{said}; extras: {', '.join(parts) or 'none'}")


def _files(file: SurveyFile) -> Check:
    """Whether every file that the survey names can be read, to its last line."""
    inputs = read_inputs(file)
    counted = {path: f" ({counted_images(len(manifest.images))})" for path, manifest in inputs.manifests.items()}
    if inputs.warnings:
        of_images = any(manifest.warnings for manifest in inputs.manifests.values())
        remedy = "Look at these images: the service needs their files." if of_images else ""
        return Check("files", Verdict.NOTE, "; ".join(inputs.warnings), remedy)
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
    points = float(f"{free / DISK_BYTES_PER_POINT:.2g}")  # more digits would be of no use to anybody
    said = f"{free / 1e9:,.1f} GB are free for {directory}: results of some {points:,.0f} points"
    if free < FREE_LEAST_BYTES:
        return Check("disk", Verdict.NOTE, said, "Make room: `coralrun plan` says how much a survey needs.")
    return Check("disk", Verdict.OK, said)


def _source(connection: Connection, source: CoralNetSource | BucketSource) -> Check:
    if isinstance(source, BucketSource):
        return _bucket(source)
    return connection.sources.check(source)


def _bucket(source: BucketSource) -> Check:
    """Whether a bucket can be listed: its first thousand objects are."""
    page = Storage(bucket_of(source)).page()
    if not page.objects:
        said = "it can be listed, and there is nothing in it"
        return Check(source.label, Verdict.NOTE, said, "Is the folder of `bucket` called otherwise?")
    more = " and more" if page.next is not None else ""
    found = sum(name.lower().endswith(IMAGE_ENDINGS) for name in page.objects)
    return Check(source.label, Verdict.OK, f"it can be listed: {counted_images(found)}{more}")


def _folder(label: str, folder: Path) -> Check:
    """Whether a folder of photos can be read; what its files are, `plan` says."""
    try:
        found = count_files(folder)
    except OSError as error:
        raise folder_refused(folder, error) from error
    said = f"it can be read: {count(found, 'file')}"
    if found:
        return Check(label, Verdict.OK, f"{said}; which of them are photos, `coralrun plan` says")
    return Check(label, Verdict.NOTE, said, "Is `folder` called otherwise?")


def _classifier(connection: Connection, file: SurveyFile) -> Check:
    crawled = [source for source in file.survey.sources if isinstance(source, CoralNetSource)]
    earlier = {directory: run.classifier for directory, run in file.runs.items()}
    return connection.check_classifier(file.survey.classifier, crawled, earlier)
