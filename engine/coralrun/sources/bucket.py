"""Buckets: folders of S3-compatible storage, listed once, whose images are read by addresses that are signed late.

Rule: boto3 is used in this module alone, and only to list and to sign. To sign asks nobody; what an address leads to is
asked for where all other HTTP is sent. A signature is made when its batch is about to go and is handed to the caller
alone: nothing here keeps or tells one, and no text of boto3's or of the storage is passed on, because they quote
addresses. The same survey reaches the same storage on every computer: endpoint and region of the environment count for
nothing, and its credentials for all.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from coralrun import limits
from coralrun.errors import CoralrunError, CredentialsError, ServiceError, UsageError
from coralrun.extras import install
from coralrun.http.fetched import Fetch, Fetched
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import FoundImage, PlannedImage, Size
from coralrun.planning.model import Bucket
from coralrun.ports import Located
from coralrun.sources.image_size import size_of
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.model import BucketSource
from coralrun.values.addresses import is_loopback

DEFAULT_REGION: Final = "us-east-1"
"""What Amazon redirects from, and what other storages take whose regions have no names."""

CREDENTIALS_REMEDY: Final = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, where they are temporary), or AWS_PROFILE "
    "to a profile in ~/.aws, to credentials that may list the bucket and read its objects."
)
_REACH_REMEDY: Final = "Look at your network, at a proxy, and at `endpoint` in the survey."
_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,80})</Code>")
_PLAIN_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,79}")
_NO_ADDRESS: Final = frozenset({".", ".."})
"""Parts of a key that every client takes out of an address."""

_REFUSED: Final = frozenset(
    {
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"),
        *("RequestTimeTooSkewed", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError"),
        *("InvalidClientTokenId", "ExpiredTokenException", "AuthFailure"),
    }
)
"""What the storage says of who asks, and not of what is asked for: it would say so of every image."""

_MISDIRECTED: Final = frozenset({"PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException"})
_OF_CREDENTIALS: Final = (
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound", "SSOError"),
    *("TokenRetrievalError", "RefreshWithMFAUnsupportedError", "InvalidConfigError", "ConfigParseError"),
)
_OF_THE_NETWORK: Final = ("HTTPClientError", "ConnectionError")
_OF_THE_REPLY: Final = ("ResponseParserError", "ResponseStreamingError", "IncompleteReadError")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing: objects by their names, and what to ask the next part with; None at the end."""

    objects: Mapping[str, FoundImage]
    next: str | None


@dataclass(frozen=True, slots=True)
class ListedBucket:
    """The objects of a bucket's folder, images or not, and where they are; `warnings` are for their owner."""

    bucket: Bucket
    images: tuple[FoundImage, ...]
    warnings: tuple[str, ...]


class Storage:
    """One folder of a bucket, asked and signed for with the credentials of this process. Safe to share between threads.

    Raises UsageError where boto3 is missing, CredentialsError where it finds no credentials.
    """

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.where = f"s3://{bucket.name}/{bucket.prefix}"
        if importlib.util.find_spec("boto3") is None:
            raise UsageError(
                f"{self.where}: reaching a bucket needs boto3, which is not installed",
                remedy=f"Install it with: {install('bucket')}",
            )
        with self._errors_described():
            self._client = _client(bucket)
        if self._client is None:
            raise CredentialsError(f"{self.where}: there are no credentials for it", remedy=CREDENTIALS_REMEDY)

    def page(self, token: str | None = None) -> Page:
        """A part of the listing, up to a thousand objects (one request).

        Raises UsageError where there is no such bucket, CredentialsError where it may not be listed, ServiceError where
        the storage does not answer.
        """
        further = {} if token is None else {"ContinuationToken": token}
        with self._errors_described():
            reply = self._client.list_objects_v2(Bucket=self.bucket.name, Prefix=self.bucket.prefix, **further)
        found = (_object(self.bucket, described) for described in reply.get("Contents", ()))
        following = reply.get("NextContinuationToken") if reply.get("IsTruncated") else None
        if following is not None and following == token:
            raise ServiceError(f"{self.where}: the listing does not go on", remedy=_REACH_REMEDY)
        return Page({image.name: image for image in found if image.name}, following)

    def region(self) -> str:
        """The region that Amazon says the bucket is in (one request); raises as `page`."""
        with self._errors_described():
            headers = self._client.head_bucket(Bucket=self.bucket.name)["ResponseMetadata"]["HTTPHeaders"]
        return str(headers.get("x-amz-bucket-region", self.bucket.region))

    def signed(self, name: str) -> str:
        """An address by which anybody may read an image until `BUCKET_URL_LIFE_S` from now; asks nobody.

        Raises CredentialsError where there are no credentials any more.
        """
        what = {"Bucket": self.bucket.name, "Key": f"{self.bucket.prefix}{name}"}
        with self._errors_described():
            return str(
                self._client.generate_presigned_url("get_object", Params=what, ExpiresIn=limits.BUCKET_URL_LIFE_S)
            )

    @contextmanager
    def _errors_described(self) -> Iterator[None]:
        """Whatever boto3 raises, as an error of ours, in our own words."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            yield
        except ClientError as error:
            raise _answered(self.where, error.response) from error
        except (BotoCoreError, ResponseParserError, ValueError) as error:
            raise _unanswered(self.where, error) from error


def bucket_of(source: BucketSource) -> Bucket:
    """Where a survey says that its images are."""
    name, _, prefix = source.address.removeprefix("s3://").partition("/")
    return Bucket(name=name, prefix=prefix, endpoint=source.endpoint, region=source.region or DEFAULT_REGION)


def list_bucket(
    source: BucketSource,
    storage: Storage,
    progress: Callable[[int], None] | None = None,
    patience: Patience | None = None,
) -> ListedBucket:
    """List all that is in a bucket's folder and below it, in the order of the keys; raises as `Storage.page`.

    `progress` is told how many objects were found so far.
    """
    objects: dict[str, FoundImage] = {}
    token: str | None = None
    while True:
        page = patiently(patience, partial(storage.page, token))
        objects.update(page.objects)
        token = page.next
        if progress is not None:
            progress(len(objects))
        if token is None:
            break
    bucket = storage.bucket
    if source.endpoint is None and source.region is None:
        bucket = replace(bucket, region=patiently(patience, storage.region))
    odd = sorted(name for name in objects if not _NO_ADDRESS.isdisjoint(name.split("/")))
    kept = sorted(objects.keys() - set(odd))
    return ListedBucket(bucket, tuple(map(objects.__getitem__, kept)), tuple(_warnings(source.label, odd)))


def _object(bucket: Bucket, described: Mapping[str, Any]) -> FoundImage:
    """An object of a listing. Its ETag, which stands in quotation marks, is another once something else is in it."""
    name = str(described["Key"]).removeprefix(bucket.prefix)
    return FoundImage(name=name, etag=str(described.get("ETag", "")).strip('"') or None)


def _warnings(label: str, odd: list[str]) -> Iterator[str]:
    if odd:
        what = "left out with `.` or `..` as a part of the key, which no address can hold"
        yield f"{label}: {len(odd)} {what}: `{odd[0]}`"


class BucketImages:
    """`ports.Images` for images in buckets, which stand under their sources' labels; raises as `Storage`."""

    def __init__(self, buckets: Mapping[str, Bucket], fetch: Fetch) -> None:
        self._storages = {label: Storage(bucket) for label, bucket in buckets.items()}
        self._fetch = fetch

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Sign an image's address, and read its raw size by it: what it leads us to, it leads the service to."""
        storage = self._storages.get(image.source)
        if storage is None:  # a saved plan may come from anybody
            return Unusable(Reason.BAD_URL)
        try:
            url = storage.signed(image.name)
        except CoralrunError as error:
            return Trouble(TroubleKind.CREDENTIALS, error.message)
        size = size_of(url, partial(self._asked, storage.where))
        return Located(url, size, float(limits.BUCKET_URL_LIFE_S)) if isinstance(size, Size) else size

    def _asked(self, where: str, url: str, start: int, length: int) -> Fetched | Trouble:
        """Some bytes of an image. Credentials that are refused are no fault of the image, and hold for all."""
        reply = self._fetch(url, start, length)
        if isinstance(reply, Trouble) or reply.status < 300:
            return reply
        said = _CODE.search(reply.body)
        code = said[1].decode() if said else ""
        if code in _REFUSED or code in _MISDIRECTED:
            return Trouble(TroubleKind.CREDENTIALS, f"{where}: the storage does not accept the credentials ({code})")
        return reply


def _client(bucket: Bucket) -> Any:
    """A client of boto3's; None where there are no credentials. It takes half a second to import."""
    import boto3.session
    from botocore.config import Config

    session = boto3.session.Session()
    if session.get_credentials() is None:
        return None
    amazon = bucket.endpoint is None
    by_name = amazon and "." not in bucket.name  # Amazon's certificates hold no name with a dot before theirs
    config = Config(
        signature_version="s3v4",
        s3={
            # A name of Amazon's without its region may lead elsewhere for a while, and a signature goes with one host.
            "addressing_style": "virtual" if by_name else "path",
            "us_east_1_regional_endpoint": "regional",
            "use_accelerate_endpoint": False,
            "use_dualstack_endpoint": False,
        },
        connect_timeout=limits.CONNECT_TIMEOUT_S,
        read_timeout=limits.READ_TIMEOUT_S,
        retries={"total_max_attempts": 1, "mode": "standard"},  # one call, one request: patience is the caller's
        proxies={} if bucket.endpoint is not None and is_loopback(bucket.endpoint) else None,
        ignore_configured_endpoint_urls=True,
        request_checksum_calculation="when_required",  # other storages than Amazon's may know no checksums
        response_checksum_validation="when_required",
    )
    return session.client("s3", region_name=bucket.region, endpoint_url=bucket.endpoint, config=config)


def _answered(where: str, response: Mapping[str, Any]) -> CoralrunError:
    """What the storage's own refusal means."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "RequestTimeTooSkewed":
        return CredentialsError(
            f"{where}: the storage takes no signature by this computer's clock",
            remedy="Have this computer set its clock by the network.",
        )
    if code in _MISDIRECTED or code in ("AuthorizationHeaderMalformed", "301"):
        return UsageError(f"{where}: the bucket is in another region", remedy="Give its `region` in the survey.")
    if code in _REFUSED:
        return CredentialsError(
            f"{where}: the storage does not accept the credentials ({code})", remedy=CREDENTIALS_REMEDY
        )
    if code == "NoSuchBucket" or status == 404:
        return UsageError(f"{where}: there is no such bucket", remedy="Correct `bucket`, or `endpoint`, in the survey.")
    if code == "AccessDenied" or status in (401, 403):
        return CredentialsError(f"{where}: these credentials may not list it", remedy=CREDENTIALS_REMEDY)
    shown = f" ({code})" if _PLAIN_CODE.fullmatch(code) else ""
    return ServiceError(f"{where}: the storage answers {status}{shown}", remedy=_REACH_REMEDY)


def _unanswered(where: str, error: Exception) -> CoralrunError:
    """What it means that boto3 got no answer, or did not ask. Its classes stand for each other by descent."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    name = type(error).__name__
    if not kinds.isdisjoint(_OF_CREDENTIALS):
        return CredentialsError(f"{where}: the credentials for it cannot be had ({name})", remedy=CREDENTIALS_REMEDY)
    if not kinds.isdisjoint(_OF_THE_NETWORK):
        return ServiceError(f"{where}: the storage could not be reached ({name})", remedy=_REACH_REMEDY)
    if not kinds.isdisjoint(_OF_THE_REPLY):
        return ServiceError(f"{where}: what answers is no S3-compatible storage ({name})", remedy=_REACH_REMEDY)
    return UsageError(
        f"{where}: it cannot be asked for ({name})",
        remedy="Correct `bucket`, `endpoint` and `region` in the survey, or the settings in ~/.aws.",
    )
