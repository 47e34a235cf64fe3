"""Photos in S3-compatible storage: addresses are signed late, again for each try, and leave no trace."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.rehearsal import Desk
from tests.storage import ACCESS_KEY, BUCKET, NAMES, SECRET_KEY, Storage, storage

LABEL = f"bucket:s3://{BUCKET}/2024/"
KEYS = [f"s3://{BUCKET}/2024/{name}" for name in NAMES]
SIGNATURE_PARTS = ("X-Amz-", "AWSAccessKeyId", "Signature=")


@pytest.fixture
def bucket(desk: Desk) -> Iterator[Storage]:
    """Storage on this machine, with credentials for it in the environment of the desk."""
    with storage() as held:
        desk.extra = held.variables()
        yield held


def survey_of(desk: Desk, bucket: Storage, more: str = "") -> Path:
    return desk.survey(source=f"{{bucket: s3://{BUCKET}/2024, endpoint: '{bucket.url}'{more}}}", batch_size=3)


def predicted(desk: Desk, directory: str = "run") -> list[str]:
    rows = csv.DictReader(io.StringIO(desk.table("predictions.csv", directory).decode(), newline=""))
    return list(dict.fromkeys(row["name"] for row in rows))


def images_of(plan: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in plan.splitlines()[1:]]


def test_the_photos_of_a_bucket_are_classified_and_what_else_lies_there_is_counted(desk: Desk, bucket: Storage) -> None:
    printed, _ = desk.run("apply", survey_of(desk, bucket))

    assert predicted(desk) == list(NAMES)
    assert f"{LABEL}: found: 6" in printed
    assert f"{LABEL}: image files: removes 2, leaves 4" in printed
    assert "sizes       read from the first bytes of 4 images" in printed
    assert set(bucket.read) == set(bucket.downloaded) == {f"2024/{name}" for name in NAMES}


def test_no_signature_and_no_credentials_of_a_bucket_are_written_or_printed(desk: Desk, bucket: Storage) -> None:
    bucket.runs_out_once = True  # so that everybody has a refusal to quote
    survey = survey_of(desk, bucket)
    printed = "".join(desk.run("plan", survey, "--out", "saved.plan"))
    printed += "".join(desk.run("apply", survey))
    for arguments in (("status", "run"), ("show", "run", NAMES[1]), ("report", "run", "--thumbnails", "4")):
        printed += "".join(desk.run(*arguments))
    printed += "".join(desk.run("export", "run", "--format", "coralnet-annotations", "--out", "table.csv"))
    bucket.refuses = "ExpiredToken"
    printed += "".join(desk.run("show", "run", NAMES[2], code=3))
    printed += "".join(desk.run("plan", survey, code=3))

    signatures = [
        signature for kind in (bucket.read, bucket.downloaded) for signed in kind.values() for signature in signed
    ]
    assert len(signatures) > 2 * len(NAMES)
    left = dict(desk.everything())
    blobs = {path: gzip.decompress(data) for path, data in left.items() if path.suffix == ".gz"}
    assert blobs
    assert any(bucket.url.encode() in blob for blob in blobs.values())
    for secret in (*signatures, ACCESS_KEY, SECRET_KEY, *SIGNATURE_PARTS):
        assert secret not in printed, secret
        for path, data in [*left.items(), *blobs.items()]:
            assert secret.encode() not in data, (secret, path)


def test_an_address_that_has_run_out_is_signed_again_for_the_next_try(desk: Desk, bucket: Storage) -> None:
    bucket.runs_out_once = True

    summary = desk.report("apply", survey_of(desk, bucket))

    assert summary["succeeded"] == len(NAMES)
    for signatures in bucket.downloaded.values():
        assert len(set(signatures)) == 2


def test_a_saved_plan_holds_no_address_and_is_carried_out_without_a_second_listing(desk: Desk, bucket: Storage) -> None:
    survey = survey_of(desk, bucket, ", filters: {exclude: ['south/*']}")
    desk.run("plan", survey, "--out", "saved.plan")
    saved = (desk.folder / "saved.plan").read_bytes()
    desk.run("plan", survey, "--out", "again.plan")
    assert (desk.folder / "again.plan").read_bytes() == saved
    assert [image["key"] for image in images_of(saved)] == KEYS[:3]
    assert not any("url" in image for image in images_of(saved))
    where = {"name": BUCKET, "prefix": "2024/", "endpoint": bucket.url, "region": "us-east-1"}
    assert json.loads(saved.splitlines()[0])["buckets"] == {LABEL: where}
    survey.unlink()
    listings = bucket.listings

    desk.run("apply", "saved.plan", "--run-dir", "run")

    assert predicted(desk) == list(NAMES[:3])
    assert bucket.listings == listings


def test_a_run_whose_credentials_end_pauses_and_goes_on_with_others(desk: Desk, bucket: Storage) -> None:
    desk.run("plan", survey_of(desk, bucket), "--out", "saved.plan")
    bucket.refuses = "ExpiredToken"
    _, told = desk.run("apply", "saved.plan", "--run-dir", "run", code=3)
    assert "s3://reef/2024/: the storage does not accept the credentials (ExpiredToken)" in told
    assert "AWS_PROFILE" in told
    bucket.refuses = ""
    desk.extra = {"AWS_EC2_METADATA_DISABLED": "true"}
    _, told = desk.run("resume", "run", code=3)
    assert "s3://reef/2024/: there are no credentials for it\n-> Set AWS_ACCESS_KEY_ID" in told
    desk.extra = bucket.variables()

    desk.run("resume", "run")

    assert predicted(desk) == list(NAMES)


def test_the_points_of_a_bucket_s_images_are_laid_drawn_and_left_to_another_survey(desk: Desk, bucket: Storage) -> None:
    survey = survey_of(desk, bucket, ", filters: {limit: 2}")
    laid = desk.report("points", survey, "--out", "points", "--preview", "1")
    assert (laid["images"], laid["left_out"]) == (2, {})
    assert Path(laid["files"][-1]).suffix == ".jpg"
    desk.run("apply", survey)

    source = f"{{bucket: s3://{BUCKET}, endpoint: '{bucket.url}', filters: {{include: ['2024/*'], not_in: run}}}}"
    desk.run("apply", desk.survey(source=source, directory="rest", name="rest.yaml"))

    assert predicted(desk, "rest") == [f"2024/{name}" for name in NAMES[2:]]


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("s3://nowhere", 2, "s3://nowhere/: there is no such bucket\n-> Correct `bucket`, or `endpoint`,"),
        ("s3://reef/2042", 2, "no image is left to plan: bucket:s3://reef/2042/ has 0 images"),
    ],
)
def test_a_bucket_that_is_not_there_is_told(desk: Desk, bucket: Storage, place: str, code: int, said: str) -> None:
    survey = desk.survey(source=f"{{bucket: '{place}', endpoint: '{bucket.url}'}}")
    assert said in desk.run("plan", survey, code=code)[1]


def test_the_doctor_lists_a_bucket_and_says_what_is_wrong_with_it(desk: Desk, bucket: Storage) -> None:
    survey = survey_of(desk, bucket)
    assert f"ok    {LABEL}: it can be listed: 4 images" in desk.run("doctor", survey)[0]
    bucket.refuses = "AccessDenied"
    told, _ = desk.run("doctor", survey, code=3)
    assert f"{LABEL}: s3://reef/2024/: these credentials may not list it" in told
    assert "AWS_ACCESS_KEY_ID" in told
