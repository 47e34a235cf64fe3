"""What CoralNet would refuse, and what it would take and should not, is found before it is sent."""

from __future__ import annotations

import pytest
from tests.contract.uploading import photo

from coralrun.coralnet.codec.upload_rules import refused_content, refused_name, refused_size, same_name
from coralrun.planning.unfit import Unfit


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Reef.JPG", "reef.jpg", True),
        ("ÉTÉ.jpg", "été.jpg", True),
        ("İstanbul.jpg", "istanbul.jpg", True),
        ("Straße.jpg", "STRASSE.jpg", False),
        ("\ufb01le.jpg", "file.jpg", False),
        ("e\u0301.jpg", "\u00e9.jpg", False),
    ],
)
def test_names_are_one_as_the_database_has_it(one: str, other: str, same: bool) -> None:
    assert (same_name(one) == same_name(other)) is same


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (" a.jpg", "begin or end with a blank"),
        ("a.jpg\u00a0", "begin or end with a blank"),
        ("a" * 201, "more than 200 letters"),
        ("a" * 200, None),
        ("site 1/a \t'\".jpg", None),
    ],
)
def test_a_name_is_looked_at_as_coralnet_changes_it(name: str, why: str | None) -> None:
    refused = refused_name(name)
    assert (refused is None) if why is None else (refused is not None and why in refused.said)


def test_a_file_is_looked_at_by_its_bytes() -> None:
    assert refused_size(31_457_280) is None
    assert "30 MB" in str(refused_size(31_457_281))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (photo(), None),
        (photo(mode="CMYK"), None),
        (photo(kind="PNG", mode="RGBA"), None),
        (photo() + b"behind its end", None),
        (photo(side=8000), None),
        (photo(side=8001), Unfit.TOO_MANY_PIXELS),
        (photo(kind="TIFF"), Unfit.OTHER_FORMAT),
        (photo(kind="WEBP"), Unfit.OTHER_FORMAT),
        (b"\0\0\0\x18ftypheic", Unfit.OTHER_FORMAT),
        (photo(side=400)[:-40], Unfit.DAMAGED),
        (photo()[:30], Unfit.DAMAGED),
        (photo(kind="PNG")[:-30], Unfit.DAMAGED),
    ],
)
def test_a_photo_is_looked_at_whole(content: bytes, why: Unfit | None) -> None:
    refused = refused_content(content)
    assert (None if refused is None else refused.why) is why
