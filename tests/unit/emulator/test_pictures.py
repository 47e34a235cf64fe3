"""The embedded CoralNet reads as the real one does, and leaves how others in its process read alone."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from coralrun.emulator.pictures import NotAnImage, decode, size_of

COLOURS = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)


def photo(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(COLOURS).save(stream, kind)
    return stream.getvalue()


def test_a_truncated_photo_keeps_the_rows_that_came_and_its_size() -> None:
    for kind in ("JPEG", "PNG"):
        whole = photo(kind)
        cut = whole[: len(whole) // 2]
        assert size_of(cut) == (120, 90)
        assert decode(cut).shape == (90, 120, 3)
        assert np.array_equal(decode(cut)[:24], decode(whole)[:24])
        assert not np.array_equal(decode(cut), decode(whole))


def test_a_photo_has_its_size_however_large_it_is() -> None:
    large = photo("BMP").replace((120).to_bytes(4, "little"), (40_000).to_bytes(4, "little"), 1)
    assert size_of(large.replace((90).to_bytes(4, "little"), (30_000).to_bytes(4, "little"), 1)) == (40_000, 30_000)


def test_what_is_no_image_is_none() -> None:
    for content in (b"", b"<!DOCTYPE html>"):
        with pytest.raises(NotAnImage, match="cannot identify"):
            size_of(content)
        with pytest.raises(NotAnImage):
            decode(content)


@pytest.mark.parametrize("read", [size_of, decode])
def test_other_threads_read_by_their_own_rules_while_a_photo_is_read(
    read: Callable[[bytes], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.preinit()
    factory, accepts = Image.OPEN["PNG"]
    is_read, may_go_on = threading.Event(), threading.Event()

    def waiting(stream: io.BytesIO, name: str) -> object:
        is_read.set()
        assert may_go_on.wait(60)
        return factory(stream, name)

    monkeypatch.setitem(Image.OPEN, "PNG", (waiting, accepts))
    filters = list(warnings.filters)
    reader = threading.Thread(target=read, args=(photo("PNG"),))
    reader.start()
    assert is_read.wait(60)
    try:
        assert list(warnings.filters) == filters
        assert Image.MAX_IMAGE_PIXELS is not None
        with pytest.raises(OSError, match="truncated"):
            Image.open(io.BytesIO(photo("JPEG")[:-2000])).load()
    finally:
        may_go_on.set()
        reader.join()
