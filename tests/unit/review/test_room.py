"""The room of a page: its photos share what the patches leave, and the page keeps to its size."""

from __future__ import annotations

from collections.abc import Sequence

from coralrun.review.page.room import PAGE_MB, Room

PATCH_BYTES = 7_700


def filled(room: Room, photos: Sequence[int], per_pixel: float = 0.25) -> tuple[list[int], float]:
    """The sides of photos of so many points each, 1600 x 1200, and the bytes that they take in the page."""
    sides, taken = [], 0.0
    for points in photos:
        room.take_points(points, points * PATCH_BYTES)
        side = room.side_px(points, 1600, 1200)
        pixels = side * side * 3 // 4
        room.take_photo(points, pixels, round(pixels * per_pixel))
        sides.append(side)
        taken += (points * PATCH_BYTES + pixels * per_pixel) * 4 / 3
    return sides, taken


def room_for(photos: Sequence[int], page_mb: float = PAGE_MB) -> Room:
    return Room(page_mb, len(photos), sum(photos))


def test_few_photos_are_as_large_as_a_screen_shows() -> None:
    photos = [25] * 10
    room = room_for(photos)
    assert filled(room, photos)[0] == [1400] * 10
    assert (room.result(0).smallest_px, room.result(0).left_out) == (0, 0)


def test_a_page_of_many_photos_keeps_to_its_size_whatever_a_pixel_takes() -> None:
    photos = [25] * 20 + [2] * 250
    for per_pixel in (0.1, 0.25, 0.5):
        room = room_for(photos)
        _, taken = filled(room, photos, per_pixel)
        assert 0.8 * PAGE_MB < taken / 1e6 < PAGE_MB


def test_a_photo_with_more_points_to_tell_apart_is_larger() -> None:
    sides, _ = filled(room_for([25] * 20 + [2] * 250), [25] * 20 + [2] * 250)
    assert min(sides[:20]) > 1.5 * max(sides[20:]) > 1.5 * 320


def test_a_photo_that_would_be_too_small_is_left_out_and_counted() -> None:
    photos = [2] * 400
    room = room_for(photos, page_mb=10)
    sides, _ = filled(room, photos)
    assert room.result(0).left_out == sides.count(0) > 0


def test_a_small_photo_is_enlarged_and_none_beyond_its_pixels() -> None:
    for width, height, side in ((300, 200, 900), (1000, 1300, 1300)):
        room = room_for([5])
        room.take_points(5, 5 * PATCH_BYTES)
        assert room.side_px(5, width, height) == side
