"""What holds of every design on every image: count, bounds, order, independence, and fair cells."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coralrun.plan.model import Size
from coralrun.plan.points import area_of, cells, fits, points_of
from coralrun.spec.model import AnnotationArea, AreaUnit, Method, PointDesign

SIZES = st.builds(Size, width=st.integers(1, 9000), height=st.integers(1, 9000))
KEYS = st.text(max_size=30)


@st.composite
def areas(draw: st.DrawFn) -> AnnotationArea:
    unit = draw(st.sampled_from(AreaUnit))
    most = 100 if unit is AreaUnit.PERCENT else 10_000
    numbers = st.integers(0, most) if unit is AreaUnit.PIXELS else st.decimals(0, most, places=2).map(float)
    low_x, high_x = sorted((draw(numbers), draw(numbers)))
    low_y, high_y = sorted((draw(numbers), draw(numbers)))
    return AnnotationArea(unit=unit, x=(low_x, high_x), y=(low_y, high_y))


@st.composite
def designs(draw: st.DrawFn) -> PointDesign:
    method = draw(st.sampled_from(Method))
    area, seed = draw(areas()), draw(st.integers(0, 2**63))
    border, no_duplicates = draw(st.sampled_from([0, 0, 1, 32])), draw(st.booleans())
    if method is Method.SIMPLE_RANDOM:
        count = draw(st.integers(1, 200))
        return PointDesign(
            method=method,
            number_of_points=count,
            annotation_area=area,
            border=border,
            no_duplicates=no_duplicates,
            seed=seed,
        )
    return PointDesign(
        method=method,
        cell_rows=draw(st.integers(1, 12)),
        cell_columns=draw(st.integers(1, 12)),
        points_per_cell=draw(st.integers(1, 3)) if method is Method.STRATIFIED_RANDOM else 1,
        annotation_area=area,
        border=border,
        no_duplicates=no_duplicates,
        seed=seed,
    )


@settings(max_examples=200, deadline=None)
@given(designs(), KEYS, SIZES)
def test_a_design_that_fits_lays_exactly_its_points_within_the_area_and_the_image(
    design: PointDesign, key: str, size: Size
) -> None:
    assume(fits(design, size))
    points = points_of(design, key, size)
    area = area_of(design, size)
    assert len(points) == design.points_per_image
    for row, column in points:
        assert 0 <= area.first_row <= row <= area.last_row < size.height
        assert 0 <= area.first_column <= column <= area.last_column < size.width
        assert design.border <= row < size.height - design.border
        assert design.border <= column < size.width - design.border
    assert len(set(points)) == len(points) or not design.no_duplicates


@settings(max_examples=100, deadline=None)
@given(designs(), st.lists(KEYS, min_size=2, max_size=5, unique=True), SIZES)
def test_the_points_of_an_image_do_not_depend_on_which_other_images_came_before(
    design: PointDesign, keys: list[str], size: Size
) -> None:
    assume(fits(design, size))
    together = {key: points_of(design, key, size) for key in keys}
    assert {key: points_of(design, key, size) for key in reversed(keys)} == together


@settings(max_examples=100, deadline=None)
@given(designs(), KEYS, SIZES)
def test_points_of_a_grid_stand_in_their_own_cells_row_by_row(design: PointDesign, key: str, size: Size) -> None:
    assume(design.method is not Method.SIMPLE_RANDOM and fits(design, size))
    area = area_of(design, size)
    rows = cells(area.first_row, area.height, design.cell_rows)
    columns = cells(area.first_column, area.width, design.cell_columns)
    each = [(row, column) for row in rows for column in columns for _ in range(design.points_per_cell)]
    for point, (row, column) in zip(points_of(design, key, size), each, strict=True):
        assert row.first <= point.row <= row.last
        assert column.first <= point.column <= column.last


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(1, 300))
def test_cells_leave_no_pixel_out_and_differ_by_one_pixel_at_most(first: int, length: int, count: int) -> None:
    assume(count <= length)
    spans = cells(first, length, count)
    assert [pixel for low, high in spans for pixel in range(low, high + 1)] == list(range(first, first + length))
    sizes = {high - low + 1 for low, high in spans}
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 8000))
def test_zero_to_a_hundred_percent_is_every_pixel(length: int) -> None:
    area = area_of(PointDesign(method=Method.SIMPLE_RANDOM), Size(width=length, height=length))
    assert area == (0, length - 1, 0, length - 1)
