"""What taking images in costs, measured small: the counts are the same on any machine."""

from __future__ import annotations

from benchmarks import inputs


def test_a_size_costs_16_kib_of_a_photo_and_64_where_its_thumbnail_is_large() -> None:
    cost = inputs.sizes(20)
    sent_bytes = 18 * 16_384 + 2 * 65_536
    assert cost.counted == f"22 requests, {sent_bytes / 1e6:.1f} MB: {sent_bytes / 20_000:.1f} kB an image"
    assert inputs.to_markdown([cost]).count("\n") == 2


def test_a_source_with_its_metadata_costs_its_pages_a_table_and_a_sign_in() -> None:
    cost = inputs.crawl(100)
    source_page, table, sign_in = 1, 2, 2  # the table is asked for again once somebody is signed in
    assert cost.counted == (
        f"{source_page + 5 + table + sign_in} pages of all kinds, where 5 of the search hold all images; 0 doubles"
    )


def test_a_sample_of_each_site_is_planned() -> None:
    assert inputs.plan(410).counted == f"{sum(SAMPLED_PER_SITE)} images drawn"


SAMPLED_PER_SITE = [
    min(20, sum(n % 20 <= 15 and 2016 + n % 8 >= 2018 for n in range(site, 410, inputs.SITES)))
    for site in range(inputs.SITES)
]
"""Of each site 20, or as many as meet the conditions."""
