"""A review's page for tests: two photos, every text of which may be hostile."""

from __future__ import annotations

from PIL import Image

from coralrun.results import pictures
from coralrun.review.page.render import ReviewPage, ReviewPart, ReviewPhoto, ReviewRow, render
from coralrun.review.sets import ReviewSet
from coralrun.review.table import COLUMNS


def made(name: str = "reef.jpg", code: str = "Porit", *, blind: bool = False) -> bytes:
    """A page with three points of an audit and one of a triage, on two photos of which the second has no picture."""
    patch = pictures.jpeg(Image.linear_gradient("L").convert("RGB").resize((176, 176)))
    whole = pictures.jpeg(Image.linear_gradient("L").convert("RGB"))

    def row(photo: str, number: int, of: str = "audit") -> ReviewRow:
        cells = (f"r1-{number:05d}", of, "coralnet:1", photo, "", str(number), "7", str(number), "", "0.5")
        return ReviewRow(cells, number, patch if photo == name else b"", f"{code}, 0.52")

    page = ReviewPage(title=name, key="k 1", columns=COLUMNS, codes=[(code, code)], blind=blind, file_name="review.csv")

    def photo(*rows: ReviewRow) -> ReviewPhoto:
        return ReviewPhoto(name, "https://example.org/image/1/view/", whole, "", rows)

    gone = ReviewPhoto("gone.jpg", "", b"", "the image's host answered 404", (row("gone.jpg", 3),))
    audit = ReviewPart(ReviewSet.AUDIT, 3, 2, [photo(row(name, 1), row(name, 2)), gone])
    triage = ReviewPart(ReviewSet.TRIAGE, 1, 1, [photo(row(name, 4, "triage"))])
    return b"".join(render(page, [audit, triage]))
