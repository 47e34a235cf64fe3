"""A deploy request as it is sent to CoralNet, or its result: images by their addresses, each with its points.

Rule: `{"data": [{"type": "image", "attributes": {"url": ..., "points": [{"row": 0, "column": 0}]}}]}` (protocol 3). An
image that stands several times, since CoralNet takes 200 points at once, has all of its points, in their order. Items
count from 1, and stand where other tables have lines.
"""

from __future__ import annotations

import json
from array import array
from pathlib import PurePosixPath
from typing import Any

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.points_table import PackedPoints

ENDING = ".json"
_MOST_PIXELS = 10**9  # 9 digits fit 32 bits


def read_payload(label: str, data: bytes) -> dict[str, PackedPoints] | None:
    """The points of a payload, by the address of each image as written; None where the file is none.

    Raises InvalidInput with every problem, each at its item.
    """
    items = _items(label, data)
    if items is None:
        return None
    images: dict[str, PackedPoints] = {}
    problems: list[Problem] = []
    for number, item in enumerate(items, start=1):
        attributes = item.get("attributes") if isinstance(item, dict) else None
        url = attributes.get("url") if isinstance(attributes, dict) else None
        points = attributes.get("points") if isinstance(attributes, dict) else None
        if not isinstance(url, str) or not isinstance(points, list) or not points:
            message = "it has no `attributes` with a `url` and `points`, as an image of a deploy request has"
            problems.append(Problem(label, number, 0, message))
            continue
        packed = images.setdefault(url, PackedPoints(array("i"), array("i"), array("i")))
        for place, point in enumerate(points, start=1):
            row, column = _pixels(point, "row"), _pixels(point, "column")
            if row is None or column is None:
                message = f"point {place} has no `row` and `column` that are whole numbers of pixels from 0"
                problems.append(Problem(label, number, 0, message))
                continue
            packed.rows.append(row)
            packed.columns.append(column)
            packed.lines.append(number)
    if problems:
        raise InvalidInput(problems)
    return images


def _items(label: str, data: bytes) -> list[Any] | None:
    if PurePosixPath(label).suffix.lower() != ENDING:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    items = document.get("data") if isinstance(document, dict) else None
    return items if isinstance(items, list) and items else None


def _pixels(point: object, key: str) -> int | None:
    value = point.get(key) if isinstance(point, dict) else None
    return value if type(value) is int and 0 <= value < _MOST_PIXELS else None
