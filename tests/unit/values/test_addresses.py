"""One reading of a photo's address: what becomes of what people write, and that every downloader asks for the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.photo_host import photo, photo_host

from coralrun.clock import SystemClock
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.codec.urls import marked_url
from coralrun.emulator.fetching import Fetcher, download
from coralrun.http.client import Reply
from coralrun.values.addresses import NotAnAddress, address_of, encoded, last_part


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://reef.example/AUS###20M#Q1.jpg", "https://reef.example/AUS%23%23%2320M%23Q1.jpg"),
        ("https://reef.example/a#b?size=1#c", "https://reef.example/a%23b?size=1%23c"),
        ("https://reef.example/50% cover.jpg", "https://reef.example/50%25%20cover.jpg"),
        ("https://reef.example/100%", "https://reef.example/100%25"),
        ("https://reef.example/a%20b%2Fc%e9.jpg", "https://reef.example/a%20b%2Fc%e9.jpg"),
        ("https://reef.example/récif/🐠.jpg", "https://reef.example/r%C3%A9cif/%F0%9F%90%A0.jpg"),
        ("https://reef.example/a|b[1]{x}^`\\.jpg", "https://reef.example/a%7Cb%5B1%5D%7Bx%7D%5E%60%5C.jpg"),
        ("HTTPS://Reef.Example:8443/A.jpg", "https://reef.example:8443/A.jpg"),
        ("https://straße.example/a.jpg", "https://xn--strae-oqa.example/a.jpg"),
        ("https://récif.example", "https://xn--rcif-bpa.example"),
        ("http://[2001:DB8::1]:80/a#b", "http://[2001:db8::1]:80/a%23b"),
        ("https://reef.example?id=a b", "https://reef.example?id=a%20b"),
        ("https://proxy.example/?u=https://h.example/a b#c", "https://proxy.example/?u=https://h.example/a%20b%23c"),
    ],
)
def test_what_people_write_becomes_what_is_asked_for(written: str, read: str) -> None:
    assert address_of(written) == read
    assert address_of(read) == read


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("https://reef.example#a.jpg", "the url's host is not a valid name"),
        ("https://%72eef.example/a.jpg", "the url's host is not a valid name"),
        ("https://reef..example/a.jpg", "the url's host is not a valid name"),
        ("https://reef.example\\@evil.example/a", "the url has a user name or password in it: "),
        ("data:image/png;base64,AA", "the url must begin with https:// or http://"),
        ("HTTPS:/reef.example/a.jpg", "the url must begin with https:// or http://"),
    ],
)
def test_what_leads_nowhere_for_certain_is_refused_without_being_repeated(written: str, why: str) -> None:
    with pytest.raises(NotAnAddress) as refusal:
        address_of(written)
    assert str(refusal.value).startswith(why)
    assert "example/" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://reef.example/x/AUS%23%2320M.jpg", "AUS##20M.jpg"),
        ("https://reef.example/x/my%20reef.jpg?dl=1/2", "my reef.jpg"),
        ("https://reef.example/o/site1%2Fa.jpg?alt=media", "site1/a.jpg"),
        ("https://reef.example/caf%E9.jpg", "caf%E9.jpg"),  # Latin-1: no two of them shall get one name
        ("https://reef.example/a%0Ab.jpg", "a%0Ab.jpg"),
        ("https://reef.example/", ""),
        ("https://reef.example", ""),
    ],
)
def test_an_images_name_is_the_whole_last_part_decoded(address: str, name: str) -> None:
    assert last_part(address) == name


@given(st.text(max_size=60))
def test_no_text_is_an_error_and_reading_twice_is_reading_once(text: str) -> None:
    once = encoded("https://h.test/" + text)
    assert once.isascii()
    assert encoded(once) == once
    assert "#" not in once


ODD = ("/AUS###Q10.jpg", "/50% cover.jpg", "/récif [1].jpg", "/a#b.jpg?k=a#b&l=100%", "/done%20already%23.jpg")


def test_the_look_and_the_submission_ask_a_host_for_the_same_path() -> None:
    with photo_host({}) as host:
        http = Http("https://coralnet.example", SystemClock())
        for written in ODD:
            assert isinstance(http.plain(host.url + written, 100), Reply)
        looked = list(host.asked)
        host.asked.clear()
        fetcher = Fetcher("https://coralnet.example", lambda path, query: 404, download)
        for written in ODD:
            with pytest.raises(Exception, match="HTTP Error 404"):
                fetcher.fetch(marked_url(host.url + written, "r.1.1.0"))
        assert host.asked == looked
        assert looked[0] == "/AUS%23%23%23Q10.jpg"


def test_a_photo_whose_name_has_a_hash_is_had_by_every_reader() -> None:
    with photo_host({"/%231.jpg": photo(40, 30)}) as host:
        reply = Http("https://coralnet.example", SystemClock()).plain(f"{host.url}/#1.jpg", 100_000)
        assert isinstance(reply, Reply)
        assert reply.body == photo(40, 30)
