"""Every error text of the protocol notes has its reason."""

from __future__ import annotations

import pytest

from coralrun.coralnet.codec.failures import reason_of
from coralrun.machine.reasons import AGAIN, Reason

SIGNED = "https://b.test/a.jpg?AWSAccessKeyId=A&Signature=S&Expires=1795368316#coralrun=r.1.1.0"
PLAIN = "https://h.test/a.jpg"
FAILED = f"spacer.exceptions.URLDownloadError: Failed to download from the URL '{PLAIN}'. / Details - "


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "spacer.exceptions.RowColumnInvalidError: u: Row value 12 falls outside this image's valid range of 0-11.",
            Reason.POINT_OUTSIDE,
        ),
        (
            "spacer.exceptions.RowColumnInvalidError: u: Column value 1600 falls outside this image's valid range of "
            "0-1599.",
            Reason.POINT_OUTSIDE,
        ),
        (FAILED + "HTTPError: HTTP Error 404: Not Found", Reason.NOT_FOUND),
        (FAILED + "HTTPError: HTTP Error 403: Forbidden", Reason.HOST_REFUSED),
        (FAILED + "HTTPError: HTTP Error 500: Internal Server Error", Reason.HOST_ERROR),
        (FAILED + "HTTPError: HTTP Error 503: Slow Down", Reason.HOST_ERROR),
        (FAILED + "TimeoutError: timed out", Reason.DOWNLOAD_BROKEN),
        (FAILED + "URLError: <urlopen error [Errno 111] Connection refused>", Reason.HOST_UNREACHABLE),
        (FAILED + "URLError: <urlopen error [Errno -2] Name or service not known>", Reason.HOST_UNREACHABLE),
        (FAILED + "URLError: <urlopen error unknown url type: gopher>", Reason.BAD_URL),
        (FAILED + "ValueError: unknown url type: 'not a url'", Reason.BAD_URL),
        (
            FAILED + "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 12: ordinal not in "
            "range(128)",
            Reason.BAD_URL,
        ),
        (
            "http.client.InvalidURL: URL can't contain control characters. '/media/a b.jpg' (found at least ' ')",
            Reason.BAD_URL,
        ),
        (
            f"spacer.exceptions.URLDownloadError: Couldn't read the full response from the URL '{PLAIN}'. / Details - "
            "IncompleteRead: IncompleteRead(53 bytes read, 99947 more expected)",
            Reason.DOWNLOAD_BROKEN,
        ),
        (
            "PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f2e573458f0>",
            Reason.NOT_AN_IMAGE,
        ),
        (
            f"spacer.exceptions.DataLimitError: Image {PLAIN} has 8100 x 8000 = 64800000 total pixels, which is larger "
            "than the max allowed of 64000000.",
            Reason.TOO_MANY_PIXELS,
        ),
        ("Classifier of id 6 does not exist. Maybe it was deleted.", Reason.SERVICE_ERROR),
        ("Batch job [..] marked as FAILED by AWS.", Reason.SERVICE_ERROR),
        ("Batch job [..] not found in AWS.", Reason.SERVICE_ERROR),
        ("Failed to get AWS Batch token.", Reason.SERVICE_ERROR),
        ("something that nobody has seen yet", Reason.SERVICE_ERROR),
        ("", Reason.SERVICE_ERROR),
    ],
)
def test_each_text_of_the_service_has_its_reason(text: str, reason: Reason) -> None:
    assert reason_of(text, PLAIN) is reason


@pytest.mark.parametrize("status", [400, 403])
def test_a_signed_url_that_is_refused_has_expired_and_is_worth_another_try(status: int) -> None:
    reason = reason_of(f"Failed to download from the URL '{SIGNED}'. / Details - HTTP Error {status}: x", SIGNED)
    assert reason is Reason.URL_EXPIRED
    assert reason in AGAIN


def test_the_words_of_a_files_name_decide_nothing() -> None:
    url = "https://h.test/HTTP%20Error%20404-RowColumnInvalidError.jpg"
    assert reason_of(f"Failed to download from the URL '{url}'. / Details - timed out", url) is Reason.DOWNLOAD_BROKEN
