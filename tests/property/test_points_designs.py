"""What holds of every design on every image: count, bounds, order, independence, and fair cells."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coralrun.planning.check_points import outside
from coralrun.planning.images import Point, Size
from coralrun.planning.points import area_of, cells, fits, points_of
from coralrun.sources.points_file import read_points
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign

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


class Published:
    """CoralNet's own words for an image (project/images/utils.py and annotations/model_utils.py), written anew from
    them: nothing here is taken from the module under test."""

    def __init__(self, design: PointDesign, size: Size) -> None:
        area = design.annotation_area
        ends = self.pixels if area.unit is AreaUnit.PERCENT else lambda bounds, _: (ceil(bounds[0]), floor(bounds[1]))
        (left, right), (top, bottom) = ends(area.x, size.width), ends(area.y, size.height)
        self.min_row, self.min_column = max(top, design.border), max(left, design.border)
        self.height = min(bottom, size.height - 1 - design.border) - self.min_row + 1
        self.width = min(right, size.width - 1 - design.border) - self.min_column + 1
        self.design = design

    @staticmethod
    def pixels(percent: tuple[float, float], length: int) -> tuple[int, int]:
        low, high = (max(ceil(Decimal(str(bound)) / 100 * length) - 1, 0) for bound in percent)
        return low, high

    def cell(self, r: int, c: int) -> tuple[int, int, int, int]:
        """The first and last row of a cell, and its first and last column."""
        rows, columns = self.design.cell_rows, self.design.cell_columns
        row_min = r * self.height // rows + self.min_row
        row_max = (r + 1) * self.height // rows + self.min_row - 1
        col_min = c * self.width // columns + self.min_column
        col_max = (c + 1) * self.width // columns + self.min_column - 1
        return row_min, row_max, col_min, col_max

    def each_cell(self) -> list[tuple[int, int, int, int]]:
        """The cells in the order of their numbering, row by row."""
        rows, columns = range(self.design.cell_rows), range(self.design.cell_columns)
        return [self.cell(r, c) for r in rows for c in columns]

    def numbered(self, points: tuple[Point, ...]) -> tuple[Point, ...]:
        """Simple random points in the order of their numbers: swept over 5 x 5 cells, in each as they were drawn."""
        bins: dict[tuple[int, int], list[Point]] = {}
        for point in points:
            r = (point.row - self.min_row) * 5 // self.height
            c = (point.column - self.min_column) * 5 // self.width
            bins.setdefault((r, c), []).append(point)
        return tuple(point for r in range(5) for c in range(5) for point in bins.get((r, c), []))


@settings(max_examples=150, deadline=None)
@given(designs(), KEYS, SIZES)
def test_points_lie_and_are_numbered_as_coralnet_publishes_for_each_kind(
    design: PointDesign, key: str, size: Size
) -> None:
    assume(fits(design, size))
    points, published = points_of(design, key, size), Published(design, size)
    if design.method is Method.SIMPLE_RANDOM:
        assert published.numbered(points) == points
        return
    cells = published.each_cell()
    if design.method is Method.UNIFORM_GRID:
        assert points == tuple(Point((top + bottom) // 2, (left + right) // 2) for top, bottom, left, right in cells)
        return
    cell_of_point = [cell for cell in cells for _ in range(design.points_per_cell)]
    for point, (top, bottom, left, right) in zip(points, cell_of_point, strict=True):
        assert top <= point.row <= bottom and left <= point.column <= right


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), min_size=1, max_size=40), st.booleans())
def test_imported_points_are_those_of_the_file_up_to_both_last_pixels(
    places: list[tuple[int, int]], backwards: bool
) -> None:
    text = "".join(f"a,{column},{row},\n" if backwards else f"a,{row},{column},\n" for row, column in places)
    header = "Name,Column,Row,Label\n" if backwards else "Name,Row,Column,Label\n"
    table = read_points("p.csv", {"p.csv": f"{header}{text}".encode()})
    assert table["a"] == tuple(Point(*place) for place in places)
    assert table.count("a") == len(places)
    size = Size(width=41, height=51)
    beyond = [(index, f"row {row}", 50) for index, (row, _) in enumerate(places) if row > 50]
    assert list(outside(table["a"], size)) == beyond
    assert [table.line("a", index) for index, _, _ in beyond] == [index + 2 for index, _, _ in beyond]


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
