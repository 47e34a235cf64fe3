"""When the signature of an address ends, in each of the forms that storages write."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.values.signatures import Signature, has_ended, minute_of, signature_of, unsigned

NOON = 1_780_315_200.0  # 2026-06-01 12:00 UTC
HOUR = 3600.0


def policy(text: str) -> str:
    return base64.b64encode(text.encode()).decode().translate(str.maketrans("+=/", "-_~"))


UNTIL_NOON = json.dumps({"Statement": [{"Condition": {"DateLessThan": {"AWS:EpochTime": int(NOON)}}}]})


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        (f"AWSAccessKeyId=K&Signature=S&Expires={NOON:.0f}", Signature(ends_s=NOON)),
        (f"GoogleAccessId=K&Expires={NOON:.0f}&Signature=S", Signature(ends_s=NOON)),
        (f"Expires={NOON:.0f}&Signature=S&Key-Pair-Id=K", Signature(ends_s=NOON)),
        (f"Policy={policy(UNTIL_NOON)}&Signature=S&Key-Pair-Id=K", Signature(ends_s=NOON)),
        ("X-Amz-Date=20260601T110000Z&X-Amz-Expires=3600", Signature(NOON - HOUR, NOON, HOUR)),
        ("X-Goog-Date=20260601T113000Z&X-Goog-Expires=1800", Signature(NOON - HOUR / 2, NOON, HOUR / 2)),
        ("x-oss-date=20260601T110000Z&x-oss-expires=3600", Signature(NOON - HOUR, NOON, HOUR)),
        ("X-Amz-Expires=3600", Signature(span_s=HOUR)),
        ("sv=2020-08-04&se=2026-06-01T12%3A00%3A00Z&sp=r&sig=S", Signature(ends_s=NOON)),
        ("st=2026-06-01T11:00Z&se=2026-06-01T12:00Z&sig=S", Signature(NOON - HOUR, NOON)),
        ("se=2026-06-02&sig=S", Signature(ends_s=NOON + 12 * HOUR)),
        ("md5=S&expires=1780315200", Signature(ends_s=NOON)),
    ],
)
def test_the_time_of_a_signature_is_read(query: str, signature: Signature) -> None:
    url = f"https://h.test/a.jpg?{query}"
    assert signature_of(url) == signature
    if signature.ends_s is not None:
        assert (has_ended(url, signature.ends_s - 1), has_ended(url, signature.ends_s)) == (False, True)


@pytest.mark.parametrize(
    "query",
    [
        "dl=1",
        "expires=never",
        "expires=3600",
        "se=north&sig=S",
        "se=2026-06-02",
        f"Policy={policy('{}')}",
        "Policy=%",
        "X-Amz-Date=2026&X-Amz-Expires=long",
    ],
)
def test_what_only_looks_like_a_signature_says_no_time(query: str) -> None:
    assert signature_of(f"https://h.test/a.jpg?{query}") is None


@given(key=st.sampled_from(["Expires", "se", "st", "X-Amz-Date", "X-Amz-Expires", "Policy"]), text=st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_is_an_error(key: str, text: str) -> None:
    found = signature_of(f"https://h.test/a.jpg?sig=S&X-Amz-Expires=1&{key}={text}")
    assert found is None or found.ends_s is None or minute_of(found.ends_s)


def test_a_moment_is_told_to_the_minute() -> None:
    assert minute_of(NOON) == "2026-06-01 12:00 UTC"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("X-Amz-Algorithm=A&X-Amz-Date=20260601T110000Z&X-Amz-Expires=3600&X-Amz-Signature=S", ""),
        ("v=2&AWSAccessKeyId=K&Expires=1780315200&Signature=S", "?v=2"),
        ("sv=2020-08-04&se=2026-06-01&sp=r&sig=S&size=full", "?size=full"),
        ("se=east&sp=3&expires=never", "?se=east&sp=3&expires=never"),
        ("a=%20&b", "?a=%20&b"),
        ("", ""),
    ],
)
def test_an_address_without_its_signature_keeps_all_that_says_what_it_leads_to(query: str, left: str) -> None:
    assert unsigned(f"https://h.test/a.jpg?{query}#top") == f"https://h.test/a.jpg{left}#top"
