"""URLs: what is cut, what is kept, and how long a signed one lives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun.coralnet.codec import urls

DATE = "Sun, 22 Nov 2026 17:00:00 GMT"
EPOCH = 1_795_366_800  # DATE as seconds since 1970


def test_an_old_signature_lives_until_its_epoch_by_the_replys_date() -> None:
    assert urls.life_s(f"https://b.test/a?Signature=x&Expires={EPOCH + 3600}", DATE) == 3600
    assert urls.life_s(f"https://b.test/a?Expires={EPOCH - 1}", DATE) == 0


def test_a_signature_of_the_new_kind_lives_for_its_span_from_its_own_date() -> None:
    url = "https://b.test/a?X-Amz-Date=20261122T165500Z&X-Amz-Expires=3600&X-Amz-Signature=x"
    assert urls.life_s(url, DATE) == 3300
    assert urls.life_s(url, None) == 3600


def test_a_url_without_a_signature_lives_for_ever() -> None:
    assert urls.life_s("https://www.dropbox.com/s/a.jpg?dl=1", DATE) is None
    assert urls.life_s("https://h.test/a.jpg?expires=never", DATE) is None


@pytest.mark.parametrize("date", [None, "", "soon", "Sun, 99 Foo 2026 17:00:00 GMT"])
def test_without_a_readable_date_a_fresh_signature_has_the_services_whole_life(date: str | None) -> None:
    assert urls.life_s(f"https://b.test/a?Expires={EPOCH + 99}", date) == 3600


@given(url=st.text(max_size=40), date=st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_the_life_of_a_url_an_error(url: str, date: str) -> None:
    life = urls.life_s("https://h.test/?X-Amz-Expires=" + url, date)
    assert life is None or life >= 0


def test_a_mark_is_the_only_fragment_of_what_is_sent() -> None:
    assert urls.marked_url("https://h.test/a#b.jpg?k=100%#c", "r.1.1.0") == (
        "https://h.test/a%23b.jpg?k=100%25%23c#coralrun=r.1.1.0"
    )
    assert urls.mark_of(urls.marked_url("https://h.test/a#b", "r.1.1.0")) == "r.1.1.0"
    assert urls.marked_url("https://h.test/a#b", "") == "https://h.test/a%23b"


def test_details_hold_no_query_no_password_no_token_and_no_line_break() -> None:
    said = "GET https://ann:PASSWORD@h.test/a.jpg?Signature=SIGNATURE\nwith Token TOKEN " + "x" * 500
    detail = urls.detail_of(said, "TOKEN")
    assert not any(secret in detail for secret in ("PASSWORD", "SIGNATURE", "TOKEN", "\n"))
    assert "h.test/a.jpg" in detail
    assert len(detail) == urls.DETAIL_CHARS
