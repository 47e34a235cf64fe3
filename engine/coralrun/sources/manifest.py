"""A manifest: a table of images that are public elsewhere, whose further columns are metadata of the images.

Rule: a URL leaves here in the one form in which it is asked for. One with credentials in it is refused without being
repeated, because messages are copied into mails. No message shows any URL at all. All problems are reported before
anything is sent, an image that stands twice with both lines.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from coralrun.planning.images import FoundImage, Size
from coralrun.sources.annotation_area import NotAnArea, read_area
from coralrun.sources.metadata_file import Further
from coralrun.sources.repeated_rows import RepeatedRows
from coralrun.sources.table import NAME_HEADINGS, Problems, Table, Warn, read_table, unheard
from coralrun.spec.model import Reading
from coralrun.spec.point_design import AnnotationArea
from coralrun.values.addresses import NotAnAddress, address_of, as_name, last_part
from coralrun.values.numerals import whole
from coralrun.values.unknown import known, known_number

_NEEDED = {"url": ("url", "image_url", "image url", "img_url", "path_best", "point.media.path_best", "link")}
_OPTIONAL = {
    "name": NAME_HEADINGS,
    "width": ("width", "image_width", "image width", "width_px"),
    "height": ("height", "image_height", "image height", "height_px"),
    "annotation_area": ("annotation_area", "annotation area"),
}
_HINTS = {"url": "photos on this computer need no table, but their folder: `- folder: photos`"}
_SHARE_PAGE = re.compile(
    r"https?://((www\.)?dropbox\.com/(?!.*[?&](dl|raw)=1)|drive\.google\.com/(file/|open)|photos\.(google\.com|app\.goo\.gl)/"
    r"|1drv\.ms/|onedrive\.live\.com/(?!download)|[a-z0-9-]+\.sharepoint\.com/:i:/(?!.*[?&]download=1))"
)
"""Links as people share photos, which lead to a page that shows the photo; Dropbox's unless it ends in `dl=1`."""

_PRIVATE_NAMES = ("localhost", ".local", ".internal", ".lan")
_SHOWN = 3
_SIDE_CHARS = 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest holds: its images in their order, and what its owner should know of them."""

    images: tuple[FoundImage, ...]
    warnings: tuple[str, ...]


def read_manifest(label: str, data: bytes, reading: Reading | None = None, warn: Warn = unheard) -> Manifest:
    """Read a manifest; `label` is the file as the survey names it. Without a column of names the URLs give them.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label, warn)
    table = read_table(problems, data, needed=_NEEDED, optional=_OPTIONAL, reading=reading or Reading(), hints=_HINTS)
    images: list[FoundImage] = []
    first: dict[str, int] = {}
    further = Further.of(problems, table)
    repeated = RepeatedRows(table.header, further.fields)
    for line, cells in table.rows:
        image = _image(problems, line, cells, table.columns, further)
        if image is None:
            continue
        other = images[first[image.name]] if image.name in first else None
        if other is None:
            first[image.name] = len(images)
            images.append(image)
        elif (image.url, image.size, image.area) == (other.url, other.size, other.area):
            repeated.add(line, image.name, image.metadata, _line_of(other), other.metadata)
        else:
            problems.add(line, _twice(image, other, table))
    if repeated.are_of_points(len(images)):
        images = _with_fields(images, repeated.kept(problems))
    else:
        for line, name, first_line in repeated.problems(contradicting=False):
            problems.add(line, f"the image `{name}` is already on line {first_line}: a manifest has one row an image")
    problems.raise_if_any()
    further.warn_of_blanks(problems, table, images[0].fields if images else ())
    return Manifest(tuple(images), tuple(_warnings(label, images)))


def _with_fields(images: list[FoundImage], places: Sequence[int]) -> list[FoundImage]:
    """The images of a table of points, with what is known of each."""
    if not images or len(places) == len(images[0].fields):
        return images
    fields = tuple(images[0].fields[place] for place in places)
    return [replace(image, fields=fields, metadata=tuple([image.metadata[at] for at in places])) for image in images]


def _line_of(image: FoundImage) -> int:
    return int(image.place.rpartition(":")[2])


def _twice(image: FoundImage, other: FoundImage, table: Table) -> str:
    line = _line_of(other)
    if "name" in table.columns:
        return f"the name `{image.name}` is already on line {line}: names must differ"
    return f"the url ends in `{image.name}`, as that on line {line} does: give the images names in a column `name`"


def _image(
    problems: Problems, line: int, cells: Sequence[str], columns: Mapping[str, int], further: Further
) -> FoundImage | None:
    """One row's image; None, with the problems noted, where it has any."""

    def cell(column: str) -> str:
        return cells[columns[column]] if column in columns else ""

    complaints = []
    name, url, size, area = as_name(cell("name")), cell("url"), None, None
    try:
        url = address_of(url if known(url) else "")
        name = name if "name" in columns else last_part(url)
    except NotAnAddress as bad:
        complaints.append(str(bad))
    if not name and ("name" in columns or not complaints):
        complaints.insert(0, "there is no name")
    if known_number(cell("width")) or known_number(cell("height")):
        pixels = whole(cell("width")) or 0, whole(cell("height")) or 0
        if min(pixels) > 0:
            size = _one_size(*pixels)
        else:
            complaints.append(_no_size(cell("width"), cell("height")))
    try:
        area = _area(known_number(cell("annotation_area")))
    except NotAnArea as bad_area:
        complaints.append(str(bad_area))
    for complaint in complaints:
        problems.add(line, complaint)
    if complaints:
        return None
    return FoundImage(
        name=name,
        url=url,
        size=size,
        area=area,
        place=f"{problems.label}:{line}",
        fields=further.fields,
        metadata=further.values(cells),
    )


def _no_size(*sides: str) -> str:
    found = " and ".join(f"`{side[:_SIDE_CHARS]}`" if side else "nothing" for side in sides)
    return f"width and height are {found}: they are whole numbers of pixels, 1 or more, and stand both or neither"


def _area(text: str) -> AnnotationArea | None:
    return read_area(text) if text else None


@lru_cache(maxsize=1024)
def _one_size(width: int, height: int) -> Size:
    """The same object for the same size: a survey has a million images and a few cameras."""
    return Size(width, height)


def _warnings(label: str, images: Sequence[FoundImage]) -> list[str]:
    """What is allowed and seldom meant: addresses that only a private network knows, and links to a page."""
    private = [image.name for image in images if _is_private_at(_authority(image.url or ""))]
    warnings = []
    if private:
        warnings.append(
            f"{label}: {_counted(private, 'an address', 'addresses')} in a private network, "
            "which a service elsewhere cannot reach"
        )
    pages = [image.name for image in images if image.url is not None and _SHARE_PAGE.match(image.url)]
    if pages:
        warnings.append(
            f"{label}: {_counted(pages, 'a link', 'links')} to a page that shows the photo, and not to the photo: "
            "of Dropbox, let it end in dl=1; of others, take the link to the file itself"
        )
    return warnings


def _counted(names: Sequence[str], one: str, several: str) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    if len(names) == 1:
        return f"1 image has {one} ({shown})"
    return f"{len(names)} images have {several} ({shown})"


def _authority(url: str) -> str:
    """Where a URL leads, host and port: few differ in a manifest, so each is judged once."""
    return "".join(url.split("/", 3)[2:3])


@lru_cache(maxsize=256)
def _is_private_at(authority: str) -> bool:
    return _is_private(urlsplit(f"//{authority}").hostname or "")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith(_PRIVATE_NAMES)
