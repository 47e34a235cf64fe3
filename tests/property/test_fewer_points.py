"""An image that was drawn stays in the sample with all points that it has now, or with none of them.

On images so small that points laid anew lie on drawn ones by chance as a rule.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.plans import PLAN

from coralrun.planning.fewer_points import has_no_new_point
from coralrun.planning.images import Size
from coralrun.planning.points import points_of
from coralrun.review import record
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.spec.point_design import Method, PointDesign

SIZES = st.builds(Size, width=st.integers(4, 8), height=st.integers(4, 8))
RANDOM = st.builds(
    PointDesign,
    method=st.just(Method.SIMPLE_RANDOM),
    number_of_points=st.integers(1, 12),
    no_duplicates=st.booleans(),
    seed=st.integers(0, 1),
)
IN_CELLS = st.builds(
    PointDesign,
    method=st.sampled_from([Method.STRATIFIED_RANDOM, Method.UNIFORM_GRID]),
    cell_rows=st.integers(1, 4),
    cell_columns=st.integers(1, 4),
    seed=st.integers(0, 1),
)


@settings(max_examples=300, deadline=None)
@given(RANDOM | IN_CELLS, RANDOM | IN_CELLS, SIZES)
def test_a_drawn_image_keeps_all_points_that_it_has_now_or_none(
    earlier: PointDesign, design: PointDesign, size: Size
) -> None:
    (image,) = PLAN.images
    had, has = points_of(earlier, image.key, size), points_of(design, image.key, size)
    drawn = [DrawnPoint(ReviewSet.AUDIT, 0, number, "", 0.5) for number, _ in enumerate(had, start=1)]
    places = {(0, number): point for number, point in enumerate(had, start=1)}
    rows = record.decode(record.encode(PLAN, places, drawn, 1))
    plan, before = replace(PLAN, design=design), replace(PLAN, design=earlier)
    stays = has_no_new_point(plan, image, before, image)
    now = {(0, number): point for number, point in enumerate(has, start=1)}
    found = record.still_there(plan, {image.key: 0}, rows, {0} if stays else {}, lambda _: now)
    assert sorted(point.point for point in found.values()) == ([number for _, number in now] if stays else [])
    assert not stays or Counter(has) <= Counter(had)


@given(RANDOM, st.integers(1, 12))
def test_fewer_random_points_are_some_of_those_that_there_were(earlier: PointDesign, number: int) -> None:
    fewer = replace(earlier, number_of_points=min(number, earlier.number_of_points))
    (image,) = PLAN.images
    assert has_no_new_point(replace(PLAN, design=fewer), image, replace(PLAN, design=earlier), image)
