"""The three point designs, against cells and points computed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coralrun.planning.images import Point, Size
from coralrun.planning.points import Area, AreaTooSmall, area_of, cells, entries_of, fits, points_of, split
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign

WHOLE = AnnotationArea()
KNOWN_SIMPLE = (Point(10, 201), Point(121, 1287), Point(250, 501), Point(1028, 390))
KNOWN_STRATIFIED = (Point(10, 201), Point(121, 1287), Point(1028, 390), Point(850, 1301))


def uniform(rows: int, columns: int, area: AnnotationArea = WHOLE) -> PointDesign:
    return PointDesign(method=Method.UNIFORM_GRID, cell_rows=rows, cell_columns=columns, annotation_area=area)


def stratified(rows: int, columns: int, per_cell: int = 1, seed: int = 0) -> PointDesign:
    return PointDesign(
        method=Method.STRATIFIED_RANDOM, cell_rows=rows, cell_columns=columns, points_per_cell=per_cell, seed=seed
    )


def simple(count: int, seed: int = 0) -> PointDesign:
    return PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=count, seed=seed)


def within(area: AnnotationArea) -> PointDesign:
    return PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=1, annotation_area=area)


def percent(x: tuple[float, float], y: tuple[float, float]) -> AnnotationArea:
    return AnnotationArea(unit=AreaUnit.PERCENT, x=x, y=y)


def pixels(x: tuple[float, float], y: tuple[float, float]) -> AnnotationArea:
    return AnnotationArea(unit=AreaUnit.PIXELS, x=x, y=y)


def test_cells_are_cut_by_whole_number_arithmetic_with_both_ends_included() -> None:
    assert cells(0, 10, 3) == ((0, 2), (3, 5), (6, 9))
    assert cells(100, 7, 3) == ((100, 101), (102, 103), (104, 106))
    assert cells(4, 1, 1) == ((4, 4),)


def test_a_uniform_grid_takes_the_middle_of_each_cell_row_by_row() -> None:
    # 5 rows in 2 cells: 0-1 and 2-4, middles 0 and 3; 7 columns in 3 cells: 0-1, 2-3 and 4-6, middles 0, 2 and 5.
    expected = [(0, 0), (0, 2), (0, 5), (3, 0), (3, 2), (3, 5)]
    assert points_of(uniform(2, 3), "any", Size(width=7, height=5)) == tuple(Point(*point) for point in expected)


def test_a_uniform_grid_lies_within_the_annotation_area() -> None:
    # 10-90% of 100 pixels is 9 to 89: 81 pixels, cut at 9, 49 and 90 into 9-48 and 49-89, middles 28 and 69.
    assert points_of(uniform(2, 2, percent((10, 90), (10, 90))), "any", Size(100, 100)) == (
        Point(28, 28),
        Point(28, 69),
        Point(69, 28),
        Point(69, 69),
    )


def test_stratified_cells_of_one_pixel_leave_nothing_to_chance() -> None:
    every_pixel = tuple(Point(row, column) for row in range(3) for column in range(4))
    assert points_of(stratified(3, 4), "any", Size(width=4, height=3)) == every_pixel


def test_stratified_points_stand_cell_by_cell_with_all_of_a_cell_together() -> None:
    points = points_of(stratified(2, 2, per_cell=3), "any", Size(width=20, height=10))
    assert [(point.row // 5, point.column // 10) for point in points] == (
        [(0, 0)] * 3 + [(0, 1)] * 3 + [(1, 0)] * 3 + [(1, 1)] * 3
    )


def test_simple_random_points_are_numbered_by_a_sweep_over_five_by_five_cells() -> None:
    points = points_of(simple(200), "any", Size(width=1000, height=500))
    sweep = [(point.row * 5 // 500, point.column * 5 // 1000) for point in points]
    assert sweep == sorted(sweep)
    assert len(set(sweep)) == 25


def test_simple_random_draws_with_replacement() -> None:
    assert points_of(simple(30), "any", Size(1, 1)) == (Point(0, 0),) * 30


def test_the_drawn_points_are_these_and_stay_these_in_every_version() -> None:
    size = Size(width=1600, height=1200)
    assert points_of(simple(4, seed=42), "reef.jpg", size) == KNOWN_SIMPLE
    assert points_of(stratified(2, 2, seed=42), "reef.jpg", size) == KNOWN_STRATIFIED


def test_points_change_with_seed_key_and_size_and_with_nothing_else() -> None:
    size = Size(1600, 1200)
    points = points_of(simple(30, seed=1), "a.jpg", size)
    assert points_of(simple(30, seed=1), "a.jpg", size) == points
    assert points_of(simple(30, seed=2), "a.jpg", size) != points
    assert points_of(simple(30, seed=1), "b.jpg", size) != points
    assert points_of(simple(30, seed=1), "a.jpg", Size(1600, 1201)) != points


@pytest.mark.parametrize(
    ("bounds", "length", "expected"),
    [
        ((0, 100), 100, (0, 99)),
        ((5, 95), 100, (4, 94)),  # CoralNet rounds both ends alike: ceil(5) - 1 and ceil(95) - 1
        ((7, 14), 100, (6, 13)),  # 7 / 100 * 100 is more than 7 in floating point, and would give 7
        ((0.1, 99.9), 1000, (0, 998)),
        ((0, 50), 101, (0, 50)),
        ((0, 100), 1, (0, 0)),
    ],
)
def test_percent_become_pixels_as_coralnet_rounds_them(
    bounds: tuple[float, float], length: int, expected: tuple[int, int]
) -> None:
    area = area_of(within(percent(bounds, (0, 100))), Size(width=length, height=10))
    assert (area.first_column, area.last_column) == expected
    area = area_of(within(percent((0, 100), bounds)), Size(width=10, height=length))
    assert (area.first_row, area.last_row) == expected


def test_an_area_in_pixels_is_cut_at_the_edge_of_the_image() -> None:
    area = pixels((600, 3400), (450, 2550))
    assert area_of(within(area), Size(4000, 3000)) == Area(450, 2550, 600, 3400)
    assert area_of(within(area), Size(2000, 1500)) == Area(450, 1499, 600, 1999)


@pytest.mark.parametrize(
    ("design", "size"),
    [
        (uniform(11, 2), Size(width=100, height=10)),
        (uniform(2, 11), Size(width=10, height=100)),
        (uniform(2, 1, percent((0, 100), (99, 100))), Size(10, 10)),
        (uniform(1, 1, pixels((0, 9), (500, 600))), Size(10, 10)),
        (replace(simple(1), annotation_area=pixels((20, 30), (0, 9))), Size(10, 10)),
        (simple(1), Size(0, 0)),
    ],
)
def test_a_design_that_does_not_fit_says_so_and_lays_no_point(design: PointDesign, size: Size) -> None:
    assert not fits(design, size)
    with pytest.raises(AreaTooSmall):
        points_of(design, "any", size)


def test_a_grid_with_one_pixel_a_cell_still_fits() -> None:
    assert fits(uniform(10, 2), Size(width=2, height=10))
    assert len(points_of(uniform(10, 2), "any", Size(width=2, height=10))) == 20


@pytest.mark.parametrize(("count", "lengths"), [(1, [1]), (200, [200]), (201, [200, 1]), (1000, [200] * 5)])
def test_points_are_split_into_entries_of_at_most_200_in_order(count: int, lengths: list[int]) -> None:
    points = tuple(Point(index, index) for index in range(count))
    parts = split(points, 200)
    assert [len(part) for part in parts] == lengths
    assert entries_of(count, 200) == len(lengths)
    assert tuple(point for part in parts for point in part) == points


def test_a_border_keeps_points_off_every_edge_inside_the_annotation_area() -> None:
    design = replace(within(percent((0, 50), (0, 100))), border=32)
    assert area_of(design, Size(1000, 500)) == Area(32, 467, 32, 499)
    assert not fits(design, Size(64, 500))
    assert fits(replace(design, annotation_area=AnnotationArea()), Size(65, 65))


def test_without_duplicates_every_place_of_a_small_image_is_drawn_once() -> None:
    design = replace(simple(12), no_duplicates=True)
    assert sorted(points_of(design, "a", Size(4, 3))) == [Point(row, column) for row in range(3) for column in range(4)]
    assert not fits(replace(design, number_of_points=13), Size(4, 3))
    assert fits(simple(13), Size(4, 3))


def test_without_duplicates_a_cell_must_have_a_place_for_each_of_its_points() -> None:
    design = replace(stratified(2, 2, per_cell=4), no_duplicates=True)
    assert len(set(points_of(design, "a", Size(5, 4)))) == 16
    assert not fits(design, Size(5, 3))


def test_points_drawn_without_duplicates_are_those_drawn_with_them_where_none_are() -> None:
    assert points_of(replace(simple(20), no_duplicates=True), "a", Size(4000, 3000)) == points_of(
        simple(20), "a", Size(4000, 3000)
    )
