"""A large source, crawled over HTTP: each page once, each image once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.rehearsal import Desk, reef

IMAGES = 2000
PAGE_IMAGES = 20
RANGES = 5  # of 400 images on average
SOURCE_PAGE, FIRST_PAGE, LAST_ID = 1, 1, 1
SIGN_IN, QUEUE_PAGE = 2, 1


def test_a_crawl_of_many_images_fetches_the_pages_that_it_needs_and_no_image_twice(tmp_path: Path) -> None:
    with reef(photos=IMAGES) as running:
        desk = Desk(tmp_path, running)

        plan = desk.report("plan", desk.survey(source="{coralnet: 1}"), "--out", "saved.plan")

        counts = running.order()
    keys = [json.loads(line).get("key", "") for line in (tmp_path / "saved.plan").read_text().splitlines()]
    assert [key for key in keys if key.startswith("coralnet:")] == [f"coralnet:1/{n}" for n in range(1, IMAGES + 1)]
    assert plan["images"] == IMAGES
    pages_of_a_range = -(-(IMAGES - PAGE_IMAGES) // RANGES // PAGE_IMAGES)
    needed = SIGN_IN + QUEUE_PAGE + SOURCE_PAGE + FIRST_PAGE + LAST_ID + RANGES * pages_of_a_range
    assert counts["requests"] - counts["api_requests"] == needed == 106
