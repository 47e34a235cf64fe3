"""The body of a deploy request, checked as the real API checks it: the first fault found, with its JSON pointer.

Rule: only the shape is checked. Whether a URL opens or a point lies in its image shows when the image is processed.
Booleans pass for integers, as they do there; duplicate points and URLs are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from coralrun.emulator import protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One image of a request: its URL as sent and its points as (row, column)."""

    url: str
    points: tuple[tuple[int, int], ...]


class BadBody(Exception):
    """The body is not a deploy request. `pointer` is the JSON pointer of the fault."""

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


def read_deploy(document: object) -> tuple[Asked, ...]:
    """The images of a deploy request, in its order; raises `BadBody` for the first fault."""
    images = _array(_key(document, "data", ""), "/data", protocol.ENTRIES_PER_JOB)
    return tuple(_image(image, f"/data/{index}") for index, image in enumerate(images))


def _image(image: object, at: str) -> Asked:
    kind = _key(image, "type", at)
    if kind != "image":
        raise BadBody("This element should be equal to 'image'.", f"{at}/type")
    attributes = _key(image, "attributes", at)
    url = _key(attributes, "url", f"{at}/attributes")
    points = _key(attributes, "points", f"{at}/attributes")
    if not isinstance(url, str):
        raise BadBody("Ensure this element is a string.", f"{at}/attributes/url")
    place = f"{at}/attributes/points"
    listed = _array(points, place, protocol.POINTS_PER_ENTRY)
    return Asked(
        url,
        tuple(
            (_coordinate(point, "row", place, index), _coordinate(point, "column", place, index))
            for index, point in enumerate(listed)
        ),
    )


def _coordinate(point: object, key: str, place: str, index: int) -> int:
    """One coordinate; its pointer is spelled out only when it is at fault, since a request has up to 40,000."""
    value = point[key] if isinstance(point, dict) and key in point else None
    if isinstance(value, int) and value >= 0:
        return int(value)
    at = f"{place}/{index}"
    if not isinstance(_key(point, key, at), int):
        raise BadBody("Ensure this element is an integer.", f"{at}/{key}")
    raise BadBody("This element's value is below the minimum of 0.", f"{at}/{key}")


def _key(value: object, key: str, at: str) -> object:
    if not isinstance(value, dict):
        raise BadBody("Ensure this element is a hash.", at or "/")
    if key not in value:
        raise BadBody(f"Ensure this hash has a '{key}' key.", at or "/")
    found: object = value[key]
    return found


def _array(value: object, at: str, most: int) -> list[object]:
    if not isinstance(value, list):
        raise BadBody("Ensure this element is an array.", at)
    if not value:
        raise BadBody("Ensure this array is non-empty.", at)
    if len(value) > most:
        raise BadBody(f"This array exceeds the max length of {most}.", at)
    return value
