"""The page of a review: escaped, closed to the network, and the same each time."""

from __future__ import annotations

import base64
import hashlib
import re

from tests.unit.review.review_pages import made


def test_the_one_script_is_the_one_that_the_policy_names() -> None:
    page = made().decode()
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    named = re.search(r"script-src 'sha256-([^']+)'", page)
    assert named
    assert named[1] == base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in page


def test_names_and_labels_are_texts_and_nothing_else() -> None:
    page = made(name="<b>x</b>'\"", code="<i>").decode()
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_photo_that_cannot_be_had_keeps_its_rows_and_says_why() -> None:
    page = made().decode()
    assert "There is no picture here: the image&#39;s host answered 404." in page
    assert page.count("<li data-cells=") == 4


def test_the_same_review_gives_the_same_bytes() -> None:
    assert made() == made()


def test_a_blind_page_does_not_tell_what_the_machine_was_uncertain_of() -> None:
    assert "certain" in made().decode()
    blind = made(blind=True).decode()
    assert "Triage" not in blind and "certain" not in blind
    assert "<h2>Others: 1 point on 1 photo. They are no part of the sample, and correct themselves alone.</h2>" in blind


def test_the_audit_and_the_triage_have_a_heading_and_a_counter_each() -> None:
    page = made().decode()
    headings = re.findall("<h2>(.*?)</h2>", page)
    assert headings[0] == "Audit: 3 points on 2 photos. Do these first: they correct cover."
    assert headings[1].startswith("Triage: 1 point on 1 photo. They are no part of the sample")
    assert '<output id="done">audit: 0 of 3 labelled; triage: 0 of 1 labelled</output>' in page
