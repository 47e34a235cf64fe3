"""CoralNet's own confusion matrix: read as it comes, refused in words where it is something else, and never a reason
why a plan fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.coralnet.reef_pages import Reef, site_of
from tests.unit.coralnet.test_against_emulator import ME, Bench

from coralrun.coralnet.codec.confusion import read_confusion
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.classifier import own_confusion
from coralrun.emulator.demo import NEWER_CLASSIFIER, OLDER_CLASSIFIER, PRIVATE_SOURCE, PUBLIC_SOURCE
from coralrun.planning.confusion import Confusion
from coralrun.planning.model import Classifier

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock

LONG = "A label whose name is so long that its code does n"


def of(classifier: int, source: int | None = PUBLIC_SOURCE) -> Classifier:
    return Classifier(id=str(classifier), source=source)


def test_a_row_is_peoples_label_and_its_column_has_the_same_number() -> None:
    found = read_confusion(f'Sand (SND),25,1,0\r\n"Coral, soft (COR)",3,40,2\r\n{LONG},0,0,0\r\n'.encode(), "7", 3)
    assert found is not None
    assert found.labels == ("Sand (SND)", "Coral, soft (COR)", LONG)
    assert found.points == ((25, 1, 0), (3, 40, 2), (0, 0, 0))
    assert (found.total, found.agreed, found.of_classifier) == (71, 65, (28, 41, 2))


def test_another_order_of_rows_is_the_same_matrix() -> None:
    rows = [b"Sand (SND),25,1\n", b"Coral (COR),3,40\n"], [b"Coral (COR),40,3\n", b"Sand (SND),1,25\n"]
    one, other = (read_confusion(b"".join(given), "7", 3) for given in rows)
    assert one is not None
    assert other is not None

    def cells(found: Confusion) -> dict[tuple[str, str], int]:
        return {(a, b): n for a, row in zip(found.labels, found.points, strict=True)
                for b, n in zip(found.labels, row, strict=True)}  # fmt: skip

    assert cells(one) == cells(other)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"", "as many columns"),
        (b"Sand,1\nCoral,2\n", "as many columns"),
        (b"Sand,1,2\nCoral,2,3\nTurf,1,1\n", "as many columns"),
        (b"Sand,1,2\nCoral,-2,3\n", "number of points"),
        (b"Sand,1,2\nCoral,2.5,3\n", "number of points"),
        (b"Sand,1,2\nCoral,12345678901,3\n", "number of points"),
        (b'Sand,"1,2\n', "comma-separated"),
        (b"\xff\xfe1,2\n", "comma-separated"),
    ],
)
def test_what_is_no_square_of_counts_is_said_to_be_none(reply: bytes, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        read_confusion(reply, "7", 3)


def test_a_page_in_its_place_is_a_source_without_one() -> None:
    assert read_confusion(b"\n <!DOCTYPE html><html>", "7", 3) is None


def test_a_stranger_and_a_member_have_it_of_the_classifier_in_use(clock: JumpingClock) -> None:
    bench = Bench(clock)
    for site in (bench.site(), bench.site(ME)):
        found = own_confusion(site, of(NEWER_CLASSIFIER))
        assert isinstance(found, Confusion), found
        assert (found.classifier, found.source) == (str(NEWER_CLASSIFIER), PUBLIC_SOURCE)
        assert found.total > 0


def test_of_any_other_one_line_says_why_it_is_not_there(clock: JumpingClock) -> None:
    bench = Bench(clock)
    assert own_confusion(bench.site(), of(OLDER_CLASSIFIER)) == (
        f"CoralNet's own confusion matrix of classifier {OLDER_CLASSIFIER} is not kept: "
        f"source {PUBLIC_SOURCE} shows that of {NEWER_CLASSIFIER} now"
    )
    assert "is not public" in str(own_confusion(bench.site(), of(NEWER_CLASSIFIER, PRIVATE_SOURCE)))
    assert "source 99 does not exist" in str(own_confusion(bench.site(), of(NEWER_CLASSIFIER, 99)))
    assert own_confusion(bench.site(), of(NEWER_CLASSIFIER, None)) == ""


def test_a_source_that_lists_no_classifier_shows_none() -> None:
    assert "source 1 shows that of none now" in str(own_confusion(site_of(Reef({})), of(7, 1)))
