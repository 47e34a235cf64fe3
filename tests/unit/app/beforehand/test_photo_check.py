"""A look at some photos before a run: what came is said, three of each host are asked for, and nobody is waited for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import pytest
from tests.photo_host import Content, photo, photo_host
from tests.unit.plans import PLAN

from coralrun.app.beforehand import photo_check
from coralrun.app.beforehand.photo_check import LOOK_BYTES, FirstBytes, Looked, look
from coralrun.app.beforehand.text import looked_lines
from coralrun.http.fetched import Fetched
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.services import connect

NOW = 1_780_315_200.0


def plan_of(*urls: str, size: Size | None = None, manifest: str = "images.csv") -> Plan:
    images = (
        PlannedImage(key=url, source=f"manifest:{manifest}", name=url.rpartition("/")[2], points=2, url=url, size=size)
        for url in urls
    )
    return replace(PLAN, images=tuple(images))


def first_bytes() -> FirstBytes:
    connection = connect("http://127.0.0.1:9", {})
    return partial(connection.files.part, start=0, length=LOOK_BYTES)


def look_at(files: Mapping[str, Content], size: Size | None = None) -> tuple[list[str], list[str]]:
    """What is said of files on one host, and the paths that it was asked for."""
    with photo_host(files) as host:
        looked = look(plan_of(*(host.url + path for path in files), size=size), first_bytes(), NOW)
        return [line.replace(host.url.removeprefix("http://"), "HOST") for line in looked_lines(looked)], host.asked


HTML = b"<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("content", "came", "warning"),
    [
        (photo(), "a photo", ""),
        (
            HTML,
            "a web page",
            "a web page came and no photo: the link to the file itself is needed, open to anybody",
        ),
        (
            b"\0\0\0\x18ftypheic" + bytes(90),
            "HEIC",
            "HEIC came, which the service cannot read: it reads JPEG, PNG, TIFF, WebP, GIF and BMP",
        ),
        (403, "refused (403)", "refused (403): the service gets no more, unless the host knows it from others"),
        (404, "not there (404)", "not there (404)"),
        (500, "answered 500", "the host answered 500 instead of the photo"),
    ],
)
def test_what_comes_is_said(content: Content, came: str, warning: str) -> None:
    said, _ = look_at({"/a.jpg": content})
    assert said == [
        f"  looked at   1 of 1 image of images.csv at HOST: {came}",
        *([f"  warning: images.csv: HOST: `a.jpg`: {warning}"] if warning else []),
    ]


def test_three_of_a_host_are_asked_for_from_the_first_to_the_last() -> None:
    said, asked = look_at({f"/{number}.jpg": photo() if number else HTML for number in range(9)})
    assert sorted(asked) == ["/0.jpg", "/4.jpg", "/8.jpg"]
    assert said[0] == "  looked at   3 of 9 images of images.csv at HOST: 1 x a web page, 2 x a photo"


@pytest.mark.parametrize(("given", "turned"), [((40, 30), False), ((300, 400), True), ((400, 300), None)])
def test_a_photo_of_another_size_than_the_manifest_says_is_told(given: tuple[int, int], turned: bool | None) -> None:
    said, _ = look_at({"/a.jpg": photo(400, 300)}, Size(*given))
    warning = f"the manifest says {given[0]} x {given[1]} pixels, the file has 400 x 300"
    note = ": the same photo turned (EXIF orientation)" if turned else ""
    assert said[1:] == ([] if turned is None else [f"  warning: images.csv: HOST: `a.jpg`: {warning}{note}"])


def test_each_manifest_is_looked_at_and_hosts_beyond_the_eighth_counted() -> None:
    asked: list[str] = []

    def answer(url: str) -> Fetched | Trouble:
        asked.append(url)
        return Trouble(TroubleKind.UNREACHABLE, "could not connect (gaierror)")

    plan = plan_of(*(f"https://h{number}.test/a.jpg" for number in range(10)))
    assert list(looked_lines(look(plan, answer, NOW))) == [
        *(
            f"  looked at   none of 1 image of images.csv at h{number}.test: no answer (could not connect (gaierror))"
            for number in range(8)
        ),
        "  looked at   none at 2 more hosts",
    ]
    assert len(asked) == 8


def test_a_signed_address_that_ended_is_neither_asked_for_nor_shown() -> None:
    ended = f"https://h.test?key=SECRET&Signature=SECRET&Expires={NOW:.0f}"
    good = f"https://h.test?key=SECRET&Signature=SECRET&Expires={NOW + 60:.0f}"
    asked: list[str] = []

    def answer(url: str) -> Fetched:
        asked.append(url)
        return Fetched(403, b"", complete=True)

    looked = look(plan_of(ended, good), answer, NOW)
    assert asked == [good]
    assert "SECRET" not in str([replace(host, warnings=()) for host in looked])
    assert look(plan_of(ended), answer, NOW) == ()


def test_images_without_an_address_are_not_looked_at() -> None:
    assert look(PLAN, lambda url: pytest.fail("asked"), NOW) == ()


def test_a_host_that_says_nothing_is_not_waited_for_longer_than_the_look_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_check, "LOOK_MOST_S", 0.01)
    silent, over = threading.Event(), threading.Event()

    def answer(url: str) -> Fetched:
        if "silent" in url:
            silent.set()
            over.wait(30)
        assert silent.wait(30)
        return Fetched(200, photo(), complete=True)

    with ExitStack() as stack:
        stack.callback(over.set)
        (looked,) = look(plan_of("https://silent.test/a.jpg"), answer, NOW)
    assert looked == Looked("images.csv", "silent.test", 1, (("no answer within 0 s", 1),))
    assert not looked.answered


def test_a_dead_host_is_one_line() -> None:
    looked = look(plan_of("http://127.0.0.1:9/a.jpg", "http://127.0.0.1:9/b.jpg"), first_bytes(), NOW)
    (line,) = looked_lines(looked)
    assert line.startswith("  looked at   none of 2 images of images.csv at 127.0.0.1:9: no answer (could not connect")
