"""Buckets: what is listed, what an address is signed for, and what each refusal of the storage means."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore import exceptions
from moto import mock_aws
from PIL import Image
from tests.storage import ACCESS_KEY, SECRET_KEY

from coralrun import limits
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.http.fetched import Fetched
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Bucket
from coralrun.ports import Located
from coralrun.sources import bucket
from coralrun.sources.bucket import BucketImages, ListedBucket, Storage, bucket_of, list_bucket
from coralrun.sources.patience import Patience
from coralrun.spec.model import BucketSource

SOURCE = BucketSource(address="s3://reef/2024/", endpoint="https://storage.example.org", region="eu-1")
AMAZON = BucketSource(address="s3://reef/2024/")
QUOTED = "https://storage.example.org/reef?X-Amz-Signature=5ecret"
CREDENTIALS_REMEDY = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, where they are temporary), or AWS_PROFILE "
    "to a profile in ~/.aws, to credentials that may list the bucket and read its objects."
)
REACH_REMEDY = "Look at your network, at a proxy, and at `endpoint` in the survey."
ASK_REMEDY = "Correct `bucket`, `endpoint` and `region` in the survey, or the settings in ~/.aws."
IMAGE = PlannedImage(key="s3://reef/2024/a b.jpg", source=SOURCE.label, name="a b.jpg", points=1)


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48)).save(data, "PNG")
    return data.getvalue()


PNG = png()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in the environment, a home without any, and settings that lead elsewhere."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://elsewhere.example",
        "AWS_ENDPOINT_URL_S3": "http://elsewhere.example",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


class Client:
    """A client that answers a listing with one page after the other, or raises what stands in a page's place."""

    def __init__(self, *pages: list[str] | Exception, endless: bool = False) -> None:
        self.pages = pages
        self.endless = endless
        self.asked: list[dict[str, Any]] = []

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        page = self.pages[min(len(self.asked), len(self.pages) - 1)]
        self.asked.append(asked)
        if isinstance(page, Exception):
            raise page
        more = self.endless or len(self.asked) < len(self.pages)
        token = {"NextContinuationToken": "on" if self.endless else f"after {page[-1]}"} if more else {}
        return {"IsTruncated": more, "Contents": [{"Key": key} for key in page], **token}


def listed_of(
    source: BucketSource, progress: Callable[[int], None] | None = None, patience: Patience | None = None
) -> ListedBucket:
    return list_bucket(source, Storage(bucket_of(source)), progress, patience)


Answering = Callable[..., Client]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Put a client in the place of boto3's."""

    def put(*pages: list[str] | Exception, endless: bool = False) -> Client:
        client = Client(*pages, endless=endless)
        monkeypatch.setattr(bucket, "_client", lambda _: client)
        return client

    return put


def refusal(code: str, status: int = 400) -> exceptions.ClientError:
    response = {"Error": {"Code": code, "Message": QUOTED}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(response, "ListObjectsV2")


def test_a_bucket_is_listed_page_by_page_in_the_order_of_its_keys(answering: Answering) -> None:
    client = answering(["2024/", "2024/b.jpg", "2024/north/a.jpg"], ["2024/a.jpg", "2024/b.jpg"])
    told: list[int] = []

    listed = listed_of(SOURCE, told.append)

    assert [image.name for image in listed.images] == ["a.jpg", "b.jpg", "north/a.jpg"]
    assert listed.bucket == bucket_of(SOURCE)
    assert listed.warnings == ()
    assert told == [2, 3]
    first, second = client.asked
    assert first == {"Bucket": "reef", "Prefix": "2024/"}
    assert second == {**first, "ContinuationToken": "after 2024/north/a.jpg"}


def test_an_object_that_no_address_can_lead_to_is_left_out_and_told(answering: Answering) -> None:
    answering(["2024/../up.jpg", "2024/a..b.jpg", "2024/./c.jpg"])

    listed = listed_of(SOURCE)

    assert [image.name for image in listed.images] == ["a..b.jpg"]
    assert listed.warnings == (
        f"{SOURCE.label}: 2 left out with `.` or `..` as a part of the key, which no address can hold: `../up.jpg`",
    )


def test_a_listing_that_goes_round_in_circles_ends(answering: Answering) -> None:
    answering(["2024/a.jpg"], endless=True)
    with pytest.raises(ServiceError) as caught:
        listed_of(SOURCE)
    assert caught.value.message == "s3://reef/2024/: the listing does not go on"
    assert caught.value.remedy == REACH_REMEDY


def test_a_storage_that_fails_is_asked_again_and_one_that_refuses_is_not(answering: Answering) -> None:
    waited: list[float] = []
    client = answering(refusal("SlowDown", 503), ["2024/a.jpg"])
    assert len(listed_of(SOURCE, None, Patience(waited.append, lambda _: None)).images) == 1
    assert len(waited) == 1
    client = answering(refusal("AccessDenied", 403), ["2024/a.jpg"])
    with pytest.raises(CredentialsError):
        listed_of(SOURCE, None, Patience(waited.append, lambda _: None))
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("raised", "kind", "said", "remedy"),
    [
        (
            refusal("NoSuchBucket", 404),
            UsageError,
            "there is no such bucket",
            "Correct `bucket`, or `endpoint`, in the survey.",
        ),
        (refusal("AccessDenied", 403), CredentialsError, "these credentials may not list it", CREDENTIALS_REMEDY),
        (
            refusal("InvalidAccessKeyId", 403),
            CredentialsError,
            "the storage does not accept the credentials (InvalidAccessKeyId)",
            CREDENTIALS_REMEDY,
        ),
        (
            refusal("ExpiredToken"),
            CredentialsError,
            "the storage does not accept the credentials (ExpiredToken)",
            CREDENTIALS_REMEDY,
        ),
        (
            refusal("RequestTimeTooSkewed", 403),
            CredentialsError,
            "the storage takes no signature by this computer's clock",
            "Have this computer set its clock by the network.",
        ),
        (
            refusal("PermanentRedirect", 301),
            UsageError,
            "the bucket is in another region",
            "Give its `region` in the survey.",
        ),
        (
            refusal("AuthorizationHeaderMalformed"),
            UsageError,
            "the bucket is in another region",
            "Give its `region` in the survey.",
        ),
        (refusal("SlowDown", 503), ServiceError, "the storage answers 503 (SlowDown)", REACH_REMEDY),
        (refusal(QUOTED, 500), ServiceError, "the storage answers 500", REACH_REMEDY),
        (
            exceptions.NoCredentialsError(),
            CredentialsError,
            "the credentials for it cannot be had (NoCredentialsError)",
            CREDENTIALS_REMEDY,
        ),
        (
            exceptions.SSOTokenLoadError(error_msg=QUOTED),
            CredentialsError,
            "the credentials for it cannot be had (SSOTokenLoadError)",
            CREDENTIALS_REMEDY,
        ),
        (
            exceptions.CredentialRetrievalError(provider="sso", error_msg=QUOTED),
            CredentialsError,
            "the credentials for it cannot be had (CredentialRetrievalError)",
            CREDENTIALS_REMEDY,
        ),
        (
            exceptions.ProfileNotFound(profile=QUOTED),
            CredentialsError,
            "the credentials for it cannot be had (ProfileNotFound)",
            CREDENTIALS_REMEDY,
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url=QUOTED),
            ServiceError,
            "the storage could not be reached (EndpointConnectionError)",
            REACH_REMEDY,
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url=QUOTED),
            ServiceError,
            "the storage could not be reached (ReadTimeoutError)",
            REACH_REMEDY,
        ),
        (
            exceptions.SSLError(endpoint_url=QUOTED, error="bad"),
            ServiceError,
            "the storage could not be reached (SSLError)",
            REACH_REMEDY,
        ),
        (ValueError(f"Invalid endpoint: {QUOTED}"), UsageError, "it cannot be asked for (ValueError)", ASK_REMEDY),
        (
            exceptions.ParamValidationError(report=QUOTED),
            UsageError,
            "it cannot be asked for (ParamValidationError)",
            ASK_REMEDY,
        ),
    ],
    ids=lambda value: (
        getattr(value, "__name__", None) or (type(value).__name__ if isinstance(value, Exception) else None)
    ),
)
def test_each_refusal_is_an_error_with_its_remedy_and_quotes_nothing(
    answering: Answering, raised: Exception, kind: type[Exception], said: str, remedy: str
) -> None:
    answering(raised)
    with pytest.raises((CredentialsError, ServiceError, UsageError)) as caught:
        listed_of(SOURCE)
    assert type(caught.value) is kind
    assert caught.value.message == f"s3://reef/2024/: {said}"
    assert caught.value.remedy == remedy


def test_what_answers_and_is_no_storage_is_told(answering: Answering) -> None:
    from botocore.parsers import ResponseParserError

    answering(ResponseParserError(f"not XML: {QUOTED}"))
    with pytest.raises(ServiceError) as caught:
        listed_of(SOURCE)
    assert caught.value.message == ("s3://reef/2024/: what answers is no S3-compatible storage (ResponseParserError)")
    assert caught.value.remedy == REACH_REMEDY


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        Storage(bucket_of(SOURCE))
    assert caught.value.message == "s3://reef/2024/: reaching a bucket needs boto3, which is not installed"
    assert caught.value.remedy == (
        'Install it with: pip install "coralrun[bucket]" (in a checkout: pip install ".[bucket]")'
    )
    BucketImages({}, lambda *_: Trouble(TroubleKind.UNREACHABLE))  # nobody else needs it


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (None, "there are no credentials for it"),
        ("nobody", "the credentials for it cannot be had (ProfileNotFound)"),
    ],
)
def test_without_credentials_it_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, profile: str | None, said: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    with pytest.raises(CredentialsError) as caught:
        Storage(bucket_of(SOURCE))
    assert (caught.value.message, caught.value.remedy) == (f"s3://reef/2024/: {said}", CREDENTIALS_REMEDY)


@pytest.mark.parametrize(
    ("source", "where"),
    [
        (AMAZON, "https://reef.s3.us-east-1.amazonaws.com/2024/a%20b%23%3F.jpg"),
        (
            BucketSource(address="s3://reef/", region="eu-central-1"),
            "https://reef.s3.eu-central-1.amazonaws.com/a%20b%23%3F.jpg",
        ),
        (
            BucketSource(address="s3://reef.archive/", region="eu-central-1"),
            "https://s3.eu-central-1.amazonaws.com/reef.archive/a%20b%23%3F.jpg",
        ),
        (SOURCE, "https://storage.example.org/reef/2024/a%20b%23%3F.jpg"),
        (
            BucketSource(address="s3://reef/", endpoint="http://127.0.0.1:9000/s3"),
            "http://127.0.0.1:9000/s3/reef/a%20b%23%3F.jpg",
        ),
    ],
)
def test_an_address_leads_where_the_survey_says_and_not_where_the_environment_does(
    source: BucketSource, where: str
) -> None:
    address = urlsplit(Storage(bucket_of(source)).signed("a b#?.jpg"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == where
    asked = {key: value for key, (value,) in parse_qs(address.query).items()}
    assert asked["X-Amz-Expires"] == str(limits.BUCKET_URL_LIFE_S)
    assert asked["X-Amz-SignedHeaders"] == "host"
    assert asked["X-Amz-Credential"].split("/")[2] == (source.region or "us-east-1")
    assert set(asked) == {
        *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"),
        "X-Amz-Signature",
    }


def test_a_buckets_region_is_asked_for_once_and_stands_in_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mock_aws():
        there = boto3.client("s3", region_name="eu-central-1", endpoint_url="https://s3.eu-central-1.amazonaws.com")
        there.create_bucket(Bucket="reef", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        there.put_object(Bucket="reef", Key="2024/a.jpg", Body=PNG)

        listed = listed_of(AMAZON)

    assert listed.bucket == Bucket(name="reef", prefix="2024/", endpoint=None, region="eu-central-1")
    assert [image.name for image in listed.images] == ["a.jpg"]


def located(reply: Fetched | Trouble) -> Located | Unusable | Trouble:
    asked: list[tuple[str, int, int]] = []

    def fetch(url: str, start: int, length: int) -> Fetched | Trouble:
        asked.append((url, start, length))
        return reply

    found = BucketImages({SOURCE.label: bucket_of(SOURCE)}, fetch).locate(IMAGE)
    assert asked
    assert all("/reef/2024/a%20b.jpg?" in url for url, _, _ in asked)
    if isinstance(found, Located):
        assert {url for url, _, _ in asked} == {found.place}
    return found


def test_an_image_is_signed_for_and_measured_by_its_own_address() -> None:
    found = located(Fetched(206, PNG, complete=True))
    assert isinstance(found, Located)
    assert (found.size, found.life_s) == (Size(64, 48), 3600.0)


def denied(status: int, code: str) -> Fetched:
    said = f"<Error><Code>{code}</Code><Message>{QUOTED}</Message></Error>"
    return Fetched(status, said.encode(), complete=True)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (denied(403, "AccessDenied"), Unusable(Reason.HOST_REFUSED)),
        (denied(404, "NoSuchKey"), Unusable(Reason.NOT_FOUND)),
        (denied(503, "SlowDown"), Trouble(TroubleKind.UNREACHABLE, "the image's host answered 503")),
        (Trouble(TroubleKind.UNREACHABLE, "no way"), Trouble(TroubleKind.UNREACHABLE, "no way")),
        (Fetched(206, b"no image", complete=True), Unusable(Reason.NOT_AN_IMAGE)),
    ],
)
def test_what_is_wrong_with_one_image_ends_that_image_or_waits(reply: Fetched | Trouble, outcome: object) -> None:
    assert located(reply) == outcome


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ExpiredToken"),
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (403, "RequestTimeTooSkewed"),
        (301, "PermanentRedirect"),
    ],
)
def test_credentials_that_are_refused_are_no_fault_of_the_image(status: int, code: str) -> None:
    said = f"s3://reef/2024/: the storage does not accept the credentials ({code})"
    assert located(denied(status, code)) == Trouble(TroubleKind.CREDENTIALS, said)


def test_credentials_that_cannot_be_renewed_are_no_fault_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    images = BucketImages({SOURCE.label: bucket_of(SOURCE)}, lambda *_: Fetched(206, PNG, complete=True))
    error = CredentialsError("s3://reef/2024/: the credentials for it cannot be had (SSOError)")

    def signed(self: Storage, name: str) -> str:
        raise error

    monkeypatch.setattr(Storage, "signed", signed)
    assert images.locate(IMAGE) == Trouble(TroubleKind.CREDENTIALS, error.message)
